// Loads the app, the engine and the program for evidence. Each is compiled once; workers get the compiled module and
// start from a blob address, because only such workers inherit the page's policy.

/** A response whose bytes are counted while they arrive. */
function counted(response, onBytes) {
  if (!response.ok) throw new Error(`${response.url} answered ${response.status}`);
  let seen = 0;
  const counter = new TransformStream({
    transform(chunk, controller) {
      seen += chunk.byteLength;
      onBytes(seen);
      controller.enqueue(chunk);
    },
  });
  return new Response(response.body.pipeThrough(counter), { headers: { "content-type": "application/wasm" } });
}

/**
 * What follows the glue in every engine worker: takes the compiled module, runs it, and names the
 * file in hand when the engine traps without a panic message (memory, stack).
 */
const WORKER_TAIL = `
self.addEventListener("error", (event) => {
  self.postMessage([{ Crashed: { message: event.message, path: self.drydockFile ?? null } }, [], []]);
});
self.addEventListener("unhandledrejection", (event) => {
  self.postMessage([{ Crashed: { message: String(event.reason), path: self.drydockFile ?? null } }, [], []]);
});
self.onmessage = async (event) => { await wasm_bindgen({ module_or_path: event.data }); };
`;

/** The address that workers with this glue start from. */
async function workerUrl(glue) {
  const response = await fetch(glue);
  if (!response.ok) throw new Error(`${response.url} answered ${response.status}`);
  return URL.createObjectURL(new Blob([await response.text(), WORKER_TAIL], { type: "text/javascript" }));
}

/** Compiles the engine; `onPercent` hears how much has arrived. Resolves to `{ module, url }`. */
export async function loadEngine(files, onPercent) {
  const bytes = fetch(files.engineWasm).then((response) =>
    counted(response, (seen) => onPercent(Math.min(99, Math.floor((100 * seen) / files.engineBytes)))),
  );
  const [module, url] = await Promise.all([WebAssembly.compileStreaming(bytes), workerUrl(files.engineGlue)]);
  return { module, url };
}

/**
 * Keeps the program that reads evidence: most audits need none, so it is compiled when the first worker is wanted, after
 * the lock. Resolves to `{ compiled, url }`; `compiled()` to its module.
 */
export async function loadEvidence(files) {
  const response = await fetch(files.evidenceWasm);
  if (!response.ok) throw new Error(`${response.url} answered ${response.status}`);
  const [bytes, url] = await Promise.all([response.blob(), workerUrl(files.evidenceGlue)]);
  let module = null;
  const compiled = () => (module ??= bytes.arrayBuffer().then((buffer) => WebAssembly.compile(buffer)));
  return { compiled, url };
}

/** Starts the app; it mounts itself and calls `drydock.appStarted`. */
export async function loadApp(files) {
  const glue = await import(new URL(files.appGlue, document.baseURI));
  await glue.default({ module_or_path: fetch(files.appWasm) });
}
