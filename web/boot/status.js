// What the boot steps have reached, and who wants to know. Plain data: the app shows it.

/** Mirrors `BootStatus` in web/src/platform/boot.rs. */
export const status = {
  engine: { state: "loading", percent: 0 },
  lock: { state: "pending" },
  offline: { state: "preparing" },
};

const watchers = [];

/** Calls `callback` now and after every change. */
export function watch(callback) {
  watchers.push(callback);
  callback(status);
}

/** Replaces one part of the status. */
export function report(part, value) {
  status[part] = value;
  for (const watcher of watchers) watcher(status);
}
