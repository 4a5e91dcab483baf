// The order in which the page comes up: static page, app, engine, evidence and example side by side, offline
// copy, lock, self-test. Only then may workers exist.

import { loadApp, loadEngine, loadEvidence } from "./engine.js";
import { canWrite, chooseProject, writeProject } from "./folder.js";
import { choose, exampleIsWanted, keepExample, listenForInputs, takeInputs, theExample, tryExample, waiting } from "./inputs.js";
import { LOCK_POLICY, clock, lock, selfTest } from "./lock.js";
import { prepareOffline } from "./offline.js";
import { prepareWorkers, takeEvidenceWorker, takeWorker } from "./spare.js";
import { report, status, watch } from "./status.js";
import "./theme.js";

// Names and sizes of the built files; scripts/page.mjs fills them in.
const files = "DRYDOCK_FILES";

let engineIsReady;
let engineFailed;
const engine = new Promise((done, failed) => {
  engineIsReady = done;
  engineFailed = failed;
});
engine.catch(() => {});

// What web/src/platform/boot.rs and inputs.rs call.
globalThis.drydock = {
  watch,
  takeInputs,
  tryExample,
  canWrite,
  chooseProject,
  writeProject,
  chooseFiles: () => choose("files"),
  chooseFolder: () => choose("folder"),
  engine: () => engine,
  worker: takeWorker,
  evidenceWorker: takeEvidenceWorker,
  /** The app is about to fill `#app`: the static page goes, focus moves to the same button. */
  appStarted() {
    const focused = document.activeElement?.dataset?.choose;
    document.getElementById("app").replaceChildren();
    if (focused) setTimeout(() => document.querySelector(`[data-choose="${focused}"]`)?.focus());
  },
};

function tellWaiting() {
  const line = document.getElementById("boot-status");
  if (!line) return;
  const wanted = waiting() > 0 || exampleIsWanted();
  const { state, percent, reason } = status.engine;
  if (state === "failed") line.textContent = `The app could not be loaded: ${reason}. Reload the page.`;
  else line.textContent = wanted ? `Your project waits. Engine loading ${percent ?? 100}%` : "";
}

async function main() {
  // Before the first paint where the browser allows: the theme that web/src/views/topbar.rs keeps.
  try {
    const theme = localStorage.getItem("drydock.theme");
    if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
  } catch {
    // Storage is switched off: the system decides.
  }
  listenForInputs(tellWaiting);
  watch(tellWaiting);
  const loadExample = async () => {
    const responses = await Promise.all([fetch(files.example), fetch(files.exampleEvidence)]);
    if (responses.every((response) => response.ok)) keepExample(...(await Promise.all(responses.map((response) => response.blob()))));
  };
  let made;
  let evidence;
  try {
    const missing = ["WebAssembly", "DecompressionStream", "TransformStream"].filter((name) => !(name in globalThis));
    if (missing.length > 0) throw new Error(`this browser lacks ${missing.join(", ")}`);
    const parts = [
      loadApp(files),
      loadEngine(files, (percent) => report("engine", { state: "loading", percent })),
      loadEvidence(files),
      files.example ? loadExample() : null,
      document.readyState === "complete" ? null : new Promise((done) => addEventListener("load", done, { once: true })),
    ];
    [, made, evidence] = await Promise.all(parts);
  } catch (error) {
    report("engine", { state: "failed", reason: error.message ?? String(error) });
    engineFailed(error);
    return;
  }
  report("offline", await prepareOffline());
  lock();
  report("lock", { state: "testing" });
  const channels = await selfTest();
  report("lock", { state: "tested", at: clock(new Date()), channels, policy: LOCK_POLICY });
  prepareWorkers(made, evidence, theExample());
  report("engine", { state: "ready" });
  engineIsReady(made);
}

main();
