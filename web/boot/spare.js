// Workers started ahead, so that an audit begins at once: the engine already runs in them when the
// first project comes. One more audits the example for a moment: browsers translate WebAssembly
// quickly first and well only where it turns out to be busy, and what is translated well serves all
// workers. All of them are made after the lock, as every worker is.

const SPARES = 4;
/** How long after the engine is there; what is dropped earlier is not delayed by any of this. */
const AFTER_MS = 150;
/** Of a second and a half each (web/src/engine/warm.rs); ended at once when there is real work. */
const WARM_UPS = 2;

let engineMade = null;
let evidenceMade = null;
let spares = [];
let warming = null;
let workersWanted = false;

function startWorker() {
  const worker = new Worker(engineMade.url);
  worker.postMessage(engineMade.module);
  return worker;
}

function endWarmUp() {
  warming?.terminate();
  warming = null;
}

function startSpare() {
  const spare = { worker: startWorker(), ready: null };
  spare.worker.onmessage = ({ data }) => {
    spare.ready = data;
  };
  spare.worker.onerror = () => {
    spares = spares.filter((other) => other !== spare);
  };
  spares.push(spare);
}

/** Audits `example` over and over; the engine says when it is warm. */
function warmUp(example) {
  const worker = startWorker();
  let rounds = 0;
  warming = worker;
  worker.onmessage = ({ data: [reply] }) => {
    if (!reply.Ready && !reply.Answer) return;
    rounds += 1;
    if (rounds <= WARM_UPS) worker.postMessage([{ id: 0, command: "WarmUp" }, [example], []]);
    else if (warming === worker) endWarmUp();
  };
  worker.onerror = endWarmUp;
}

/** From now on workers can be taken; `example` may be null. */
export function prepareWorkers(engine, evidence, example) {
  engineMade = engine;
  evidenceMade = evidence;
  setTimeout(() => {
    if (workersWanted || document.visibilityState === "hidden") return;
    for (let n = 0; n < SPARES; n += 1) startSpare();
    if (example) warmUp(example);
  }, AFTER_MS);
}

/** A worker that runs the engine or is about to; its first message says that it listens. */
export function takeWorker() {
  workersWanted = true;
  endWarmUp();
  const spare = spares.shift();
  if (!spare) return startWorker();
  const { worker, ready } = spare;
  // Said before anybody listened: it is said again.
  if (ready) setTimeout(() => worker.dispatchEvent(new MessageEvent("message", { data: ready })));
  return worker;
}

/** A worker that is about to run the program for evidence. */
export function takeEvidenceWorker() {
  const worker = new Worker(evidenceMade.url);
  evidenceMade.compiled().then(
    (module) => worker.postMessage(module),
    (error) => worker.dispatchEvent(new ErrorEvent("error", { message: String(error) })),
  );
  return worker;
}
