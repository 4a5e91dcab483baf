// The network lock: a second policy that allows no request, and a self-test that tries to send
// something over every channel and expects the browser to refuse. Policies only tighten: nothing
// on this page, and no worker made by it later, can take the lock off.

/** Everything the page may still do: run the engine it has, in workers made from its own memory. */
export const LOCK_POLICY =
  "default-src 'none'; script-src blob: 'wasm-unsafe-eval'; worker-src blob:; connect-src 'none'; img-src data: blob:; style-src 'none'; font-src 'none'; manifest-src 'none'; form-action 'none'; base-uri 'none'";

const PATIENCE_MS = 3000;

/** Puts the lock in force. */
export function lock() {
  const meta = document.createElement("meta");
  meta.httpEquiv = "Content-Security-Policy";
  meta.content = LOCK_POLICY;
  document.head.append(meta);
}

/**
 * Tries `channels` (name -> function that tries to load a URL). A channel counts as blocked when the
 * browser reports the violation for that very URL. Runs in the page and, as text, in a worker: it
 * must not use anything from outside.
 */
async function tryChannels(scope, base, channels, patience) {
  const waiting = new Map();
  scope.addEventListener("securitypolicyviolation", (event) => {
    for (const [url, done] of waiting) if (event.blockedURI === url) done(event.effectiveDirective);
  });
  const attempts = Object.entries(channels).map(async ([name, send]) => {
    const url = new URL(`lock-test?channel=${encodeURIComponent(name)}`, base).href;
    const target = name.startsWith("WebSocket") ? url.replace(/^http/, "ws") : url;
    const blocked = new Promise((done) => {
      waiting.set(target, (directive) => done({ name, blocked: true, detail: directive }));
    });
    let outcome = "the browser reported no violation";
    const tried = async () => {
      try {
        outcome = (await send(target)) ?? outcome;
      } catch (error) {
        outcome += ` (${error.name ?? error})`;
      }
    };
    tried();
    // In small waits: a busy machine that stops this page for a while does not use the patience up.
    const late = (async () => {
      for (let wait = 0; wait < 10; wait += 1) await new Promise((done) => setTimeout(done, patience / 10));
      return { name, blocked: false, detail: outcome };
    })();
    return Promise.race([blocked, late]);
  });
  return Promise.all(attempts);
}

/** Loads `url` through an element of the page. */
function throughElement(tag, attributes) {
  return (url) =>
    new Promise((done) => {
      const element = document.createElement(tag);
      element.onload = () => done("it was loaded");
      for (const [name, value] of Object.entries(attributes)) element[name] = value === "URL" ? url : value;
      if (tag !== "img") document.head.append(element);
      setTimeout(() => element.remove(), PATIENCE_MS);
    });
}

const pageChannels = {
  fetch: (url) => fetch(url).then(() => "it was sent"),
  image: throughElement("img", { src: "URL" }),
  script: throughElement("script", { src: "URL" }),
  stylesheet: throughElement("link", { rel: "stylesheet", href: "URL" }),
  import: (url) => import(url).then(() => "it was loaded"),
  worker: (url) =>
    new Promise((done) => {
      new Worker(url).onmessage = () => done("it ran");
    }),
  beacon: (url) => {
    navigator.sendBeacon(url, "x");
  },
  WebSocket: (url) =>
    new Promise((done) => {
      new WebSocket(url).onopen = () => done("it was opened");
    }),
  EventSource: (url) =>
    new Promise((done) => {
      const source = new EventSource(url);
      source.onopen = () => done("it was opened");
      setTimeout(() => source.close(), PATIENCE_MS);
    }),
};

/** Text of the worker that tries what only workers can do, and what they share with the page. */
const probeSource = (base) => `"use strict";
const channels = {
  "fetch (worker)": (url) => fetch(url).then(() => "it was sent"),
  "importScripts": (url) => { importScripts(url); return "it was loaded"; },
  "import (worker)": (url) => import(url).then(() => "it was loaded"),
  "XMLHttpRequest (worker)": (url) => new Promise((done) => {
    const request = new XMLHttpRequest();
    request.onload = () => done("it was sent");
    request.open("GET", url);
    request.send();
  }),
  "WebSocket (worker)": (url) => new Promise((done) => { new WebSocket(url).onopen = () => done("it was opened"); }),
  "EventSource (worker)": (url) => new Promise((done) => { new EventSource(url).onopen = () => done("it was opened"); }),
  "worker (worker)": (url) => new Promise((done) => { new Worker(url).onmessage = () => done("it ran"); }),
};
(${tryChannels})(self, ${JSON.stringify(base)}, channels, ${PATIENCE_MS}).then((results) => postMessage(results));
`;

/** The same test from inside a worker made as the engine's workers are. */
function probeWorker(base) {
  return new Promise((done) => {
    const open = (detail) => done([{ name: "worker self-test", blocked: false, detail }]);
    const url = URL.createObjectURL(new Blob([probeSource(base)], { type: "text/javascript" }));
    const worker = new Worker(url);
    const finish = (results) => {
      worker.terminate();
      URL.revokeObjectURL(url);
      done(results);
    };
    worker.onmessage = (event) => finish(event.data);
    worker.onerror = (event) => open(`it could not run: ${event.message}`);
    setTimeout(() => open("it did not answer"), 2 * PATIENCE_MS);
  });
}

/** Tries every channel of the page and of a worker. Resolves to `[{ name, blocked, detail }]`. */
export async function selfTest() {
  const base = document.baseURI;
  const [page, worker] = await Promise.all([tryChannels(document, base, pageChannels, PATIENCE_MS), probeWorker(base)]);
  return [...page, ...worker];
}

/** `14:02` */
export function clock(date) {
  return `${String(date.getHours()).padStart(2, "0")}:${String(date.getMinutes()).padStart(2, "0")}`;
}
