#!/usr/bin/env node
// Serves a folder over HTTP on the loopback interface: right MIME types, no reload script, no cache
// tricks, optionally under a sub path. Used by `make serve` and, through `serve()`, by the tests.
//   node scripts/serve.mjs [--dir dist] [--port 8080] [--base /some/path/]
import { createServer } from "node:http";
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { extname, join, normalize, resolve, sep } from "node:path";
import { pathToFileURL } from "node:url";

const TYPES = {
  ".css": "text/css; charset=utf-8",
  ".gz": "application/gzip",
  ".html": "text/html; charset=utf-8",
  ".ico": "image/x-icon",
  ".js": "text/javascript; charset=utf-8",
  ".json": "application/json; charset=utf-8",
  ".map": "application/json; charset=utf-8",
  ".md": "text/markdown; charset=utf-8",
  ".mjs": "text/javascript; charset=utf-8",
  ".png": "image/png",
  ".svg": "image/svg+xml",
  ".txt": "text/plain; charset=utf-8",
  ".wasm": "application/wasm",
  ".webmanifest": "application/manifest+json",
  ".woff2": "font/woff2",
  ".zip": "application/zip",
};

/** The file that a request path names below `root`, or null when it leaves it or names none. */
async function lookUp(root, path) {
  let decoded;
  try {
    decoded = decodeURIComponent(path);
  } catch {
    return null;
  }
  if (decoded.includes("\0")) return null;
  const file = normalize(join(root, decoded));
  if (file !== root && !file.startsWith(root + sep)) return null;
  for (const candidate of [file, join(file, "index.html")]) {
    const found = await stat(candidate).catch(() => null);
    if (found?.isFile()) return { path: candidate, size: found.size };
  }
  return null;
}

/**
 * Starts a server. `base` is the sub path it serves under; `onRequest(method, url)` sees every request,
 * also those answered with 404. Resolves to `{ url, port, close }`.
 */
export async function serve({ dir = "dist", port = 0, base = "/", onRequest = () => {} } = {}) {
  const root = resolve(dir);
  const prefix = `/${base}/`.replace(/\/+/g, "/");
  const server = createServer(async (request, response) => {
    onRequest(request.method, request.url);
    const { pathname } = new URL(request.url, "http://localhost");
    const reply = (status, headers, text) => response.writeHead(status, headers).end(text);
    if (request.method !== "GET" && request.method !== "HEAD") return reply(405, { allow: "GET, HEAD" });
    if (`${pathname}/` === prefix) return reply(308, { location: prefix });
    const file = pathname.startsWith(prefix) ? await lookUp(root, pathname.slice(prefix.length)) : null;
    if (!file) return reply(404, { "content-type": "text/plain; charset=utf-8" }, "not found\n");
    response.writeHead(200, {
      "content-type": TYPES[extname(file.path).toLowerCase()] ?? "application/octet-stream",
      "content-length": file.size,
      "cache-control": "no-cache",
      "x-content-type-options": "nosniff",
    });
    if (request.method === "HEAD") return response.end();
    createReadStream(file.path).on("error", () => response.destroy()).pipe(response);
  });
  await new Promise((done, failed) => server.once("error", failed).listen(port, "127.0.0.1", done));
  const actual = server.address().port;
  return {
    url: `http://127.0.0.1:${actual}${prefix}`,
    port: actual,
    close: () =>
      new Promise((done) => {
        server.close(done);
        server.closeAllConnections();
      }),
  };
}

function option(name, otherwise) {
  const at = process.argv.indexOf(`--${name}`);
  return at > 0 ? process.argv[at + 1] : otherwise;
}

if (process.argv[1] && import.meta.url === pathToFileURL(resolve(process.argv[1])).href) {
  const port = Number(option("port", process.env.PORT ?? "8080"));
  const dir = option("dir", "dist");
  try {
    const { url } = await serve({ dir, port, base: option("base", "/") });
    console.log(`Drydock is served on ${url} (stop with Ctrl+C)`);
  } catch (error) {
    const why = error.code === "EADDRINUSE" ? `port ${port} is in use: choose another with PORT=` : error.message;
    console.error(`drydock: ${why}`);
    process.exit(1);
  }
}
