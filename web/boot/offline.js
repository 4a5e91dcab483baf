// Offline copy: registers the service worker and waits until every file of the app is stored, so
// that the service worker asks for nothing after the lock.

const LIMIT_MS = 30000;

/** Resolves when `worker` is active, or to why it will not be. */
function settled(worker) {
  return new Promise((done) => {
    const look = () => {
      if (worker.state === "activated") done(null);
      if (worker.state === "redundant") done("the files could not be stored");
    };
    worker.addEventListener("statechange", look);
    look();
    setTimeout(() => done("storing the files took too long"), LIMIT_MS);
  });
}

/** Stores the app for offline use. Resolves to an `OfflineState`. */
export async function prepareOffline() {
  if (!("serviceWorker" in navigator)) {
    return { state: "unavailable", reason: "needs a browser with service workers and an https address" };
  }
  try {
    const registration = await navigator.serviceWorker.register("sw.js", { updateViaCache: "none" });
    // An active one has stored everything; a newer one that installs beside it does not hold us up.
    const worker = registration.active ?? registration.waiting ?? registration.installing;
    const problem = worker ? await settled(worker) : "no service worker was made";
    if (problem) return { state: "unavailable", reason: problem };
    const stored = await caches.match(new URL("./", document.baseURI));
    return stored ? { state: "ready" } : { state: "unavailable", reason: "the files are not stored" };
  } catch (error) {
    return { state: "unavailable", reason: `${error.name}: ${error.message}` };
  }
}
