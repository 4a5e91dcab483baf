// What boot.js prepared, as tests read it.
import { expect } from "@playwright/test";

/** Waits until the network is locked, tested, and the engine is there; gives the whole status. */
export function ready(page) {
  return page.evaluate(
    () =>
      new Promise((done, failed) => {
        globalThis.drydock.watch((status) => {
          if (status.engine.state === "failed") failed(new Error(status.engine.reason));
          if (status.engine.state === "ready") done(structuredClone(status));
        });
      }),
  );
}

/** Waits until the start-up script listens: what is pressed or chosen on the static page before that is lost. */
export const listening = (page) =>
  expect.poll(() => page.evaluate(() => "drydock" in globalThis), "the start-up script listens").toBe(true);

/**
 * Counts the pickers that open, from now on: `const opened = pickers(page); …; await opened(2)`. The browser hands
 * pickers over only while somebody listens; to switch that on and off around every press would race with the key.
 */
export function pickers(page) {
  let opened = 0;
  page.on("filechooser", () => {
    opened += 1;
  });
  return (count) => expect.poll(() => opened, "pickers that opened").toBe(count);
}

/**
 * Runs in a page or in a worker: tries to reach `targets` over every channel that the scope has.
 * Gives the names of the channels that answered.
 */
export async function reachOut(targets) {
  const answered = [];
  const waits = [];
  const attempt = (name, run) =>
    waits.push(
      new Promise((done) => {
        const yes = () => {
          answered.push(name);
          done();
        };
        setTimeout(done, 1500);
        try {
          Promise.resolve(run(yes)).catch(() => {});
        } catch {
          // Refused at once.
        }
      }),
    );
  const inPage = typeof document !== "undefined";
  for (const base of targets) {
    const url = (name) => `${base}leak-${name}?secret=1`;
    attempt(`fetch ${base}`, (yes) => fetch(url("fetch"), { mode: "no-cors" }).then(yes));
    attempt(`import ${base}`, (yes) => import(url("import")).then(yes));
    attempt(`worker ${base}`, () => new Worker(url("worker")));
    attempt(`WebSocket ${base}`, (yes) => {
      new WebSocket(url("socket").replace(/^http/, "ws")).onopen = yes;
    });
    attempt(`EventSource ${base}`, (yes) => {
      new EventSource(url("events")).onopen = yes;
    });
    attempt(`XMLHttpRequest ${base}`, (yes) => {
      const request = new XMLHttpRequest();
      request.onload = yes;
      request.open("GET", url("xhr"));
      request.send();
    });
    if (inPage) {
      attempt(`beacon ${base}`, () => navigator.sendBeacon(url("beacon"), "x"));
      for (const [tag, attributes] of [
        ["img", { src: url("image") }],
        ["script", { src: url("script") }],
        ["link", { rel: "stylesheet", href: url("style") }],
        ["link", { rel: "prefetch", href: url("prefetch") }],
        ["link", { rel: "preload", as: "fetch", href: url("preload") }],
        ["link", { rel: "modulepreload", href: url("modulepreload") }],
        ["link", { rel: "icon", href: url("icon") }],
        ["link", { rel: "manifest", href: url("manifest") }],
        ["iframe", { src: url("frame") }],
        ["object", { data: url("object") }],
        ["video", { src: url("video") }],
      ]) {
        attempt(`${tag} ${attributes.rel ?? ""} ${base}`, (yes) => {
          const element = document.createElement(tag);
          element.onload = tag === "iframe" || tag === "object" ? null : yes;
          Object.assign(element, attributes);
          document.body.append(element);
        });
      }
      attempt(`form ${base}`, () => {
        const form = document.createElement("form");
        Object.assign(form, { action: url("form"), method: "post", target: "_self" });
        document.body.append(form);
        form.submit();
      });
    } else {
      attempt(`importScripts ${base}`, (yes) => {
        importScripts(url("importscripts"));
        yes();
      });
    }
  }
  await Promise.all(waits);
  return answered;
}
