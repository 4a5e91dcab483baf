// The static server: types, sub path, nothing outside its folder.
import assert from "node:assert/strict";
import { mkdtemp, mkdir, rm, writeFile } from "node:fs/promises";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { serve } from "./serve.mjs";

let folder;
let server;
const seen = [];

before(async () => {
  folder = await mkdtemp(join(tmpdir(), "drydock-serve-"));
  await mkdir(join(folder, "dist"));
  await writeFile(join(folder, "secret.txt"), "secret");
  await writeFile(join(folder, "dist", "index.html"), "<!doctype html>");
  await writeFile(join(folder, "dist", "a b.wasm"), "\0asm");
  server = await serve({ dir: join(folder, "dist"), base: "/some/path/", onRequest: (method, url) => seen.push(`${method} ${url}`) });
});

after(async () => {
  await server.close();
  await rm(folder, { recursive: true });
});

/** A request whose path is sent as it is: fetch() would tidy `..` away. */
const raw = (path, method = "GET") =>
  new Promise((done, failed) =>
    request({ port: server.port, path, method, host: "127.0.0.1" }, (answer) => {
      answer.resume();
      done(answer);
    })
      .on("error", failed)
      .end(),
  );

test("serves the folder under its sub path with the right types", async () => {
  assert.match((await fetch(server.url)).headers.get("content-type"), /^text\/html/);
  const wasm = await fetch(`${server.url}a%20b.wasm`);
  assert.equal(wasm.headers.get("content-type"), "application/wasm");
  assert.equal((await wasm.arrayBuffer()).byteLength, 4);
  assert.ok(seen.includes("GET /some/path/a%20b.wasm"));
});

test("redirects to the trailing slash, so that relative addresses resolve", async () => {
  const answer = await raw("/some/path");
  assert.equal(answer.statusCode, 308);
  assert.equal(answer.headers.location, "/some/path/");
});

test("answers 404 outside its sub path and for what is not there", async () => {
  for (const path of ["/", "/some/", "/some/path/nothing", "/some/path/%ff"]) {
    assert.equal((await raw(path)).statusCode, 404, path);
  }
});

test("never leaves its folder", async () => {
  for (const path of ["/some/path/../secret.txt", "/some/path/%2e%2e/secret.txt", "/some/path/..%2fsecret.txt", "/some/path/%00"]) {
    assert.equal((await raw(path)).statusCode, 404, path);
  }
});

test("refuses to write", async () => {
  assert.equal((await raw("/some/path/", "POST")).statusCode, 405);
});
