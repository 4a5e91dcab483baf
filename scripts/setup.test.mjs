// scripts/setup.sh on machines of our making: folders of stub commands stand for what is installed.
import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { chmod, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { createHash } from "node:crypto";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";

const SETUP = resolve(dirname(fileURLToPath(import.meta.url)), "setup.sh");
const ROOT = resolve(dirname(SETUP), "..");
const BASICS = "bash env sed grep cut head mkdir ln rm cp touch readlink sha256sum find cat dirname mktemp node".split(" ");
const made = [];
after(() => Promise.all(made.map((folder) => rm(folder, { recursive: true }))));

/** A machine with `commands` (name to shell text) and nothing else but the basics. Calls are logged. */
async function machine(commands) {
  const home = await mkdtemp(join(tmpdir(), "drydock-setup-"));
  made.push(home);
  const bin = join(home, "bin");
  await mkdir(bin);
  for (const name of BASICS) await symlink(execFileSync("sh", ["-c", `command -v ${name}`], { encoding: "utf8" }).trim(), join(bin, name));
  for (const [name, text] of Object.entries(commands)) {
    await writeFile(join(bin, name), `#!/usr/bin/env bash\necho "${name} $*" >>"$HOME/calls"\n${text}\n`);
    await chmod(join(bin, name), 0o755);
  }
  // npm packages are there when the folder named after the lock file is complete.
  const lock = await readFile(join(ROOT, "tests/e2e/package-lock.json"));
  const packages = join(home, "cache/npm", createHash("sha256").update(lock).digest("hex").slice(0, 16));
  await mkdir(join(packages, "node_modules"), { recursive: true });
  await writeFile(join(packages, ".complete"), "");
  const run = (want) => {
    const env = { HOME: home, PATH: bin, DRYDOCK_CACHE: join(home, "cache"), DRYDOCK_CORPUS: join(home, "wheels"), DRYDOCK_E2E_MODULES: join(home, "link") };
    const { status, stdout, stderr } = spawnSync(join(bin, "bash"), [SETUP, want], { env, encoding: "utf8" });
    return { status, text: stdout + stderr };
  };
  const calls = async () => (await readFile(join(home, "calls"), "utf8").catch(() => "")).split("\n");
  return { home, run, calls };
}

const RUSTUP = `case "$1" in
  run) exit 0 ;;
  component) printf 'rustfmt-x\\nclippy-x\\nrust-std-wasm32-unknown-unknown\\n' ;;
esac`;
const COMPLETE = {
  apt: "",
  "apt-get": "exit 1",
  cargo: "exit 1",
  cc: "",
  chromium: "echo Chromium 1",
  id: "echo 1000",
  npm: "exit 1",
  python3: "exit 1",
  rustup: RUSTUP,
  trunk: "echo trunk 0.21.14",
  "wasm-bindgen": "echo wasm-bindgen 0.2.129",
  "wasm-opt": "echo 'wasm-opt version 132 (version_132)'",
};
const without = (...names) => Object.fromEntries(Object.entries(COMPLETE).filter(([name]) => !names.includes(name)));

test("where everything is there nothing is installed and nothing is said", async () => {
  const { run, calls } = await machine(COMPLETE);
  const { status, text } = run("serve");
  assert.equal(status, 0, text);
  assert.equal(text, "");
  assert.deepEqual((await calls()).filter((call) => /^(apt-get|cargo|npm)| install | add /.test(call)), []);
});

test("a missing toolchain, target or component is installed, and only that", async () => {
  const missing = await machine({ ...COMPLETE, rustup: 'case "$1" in run) exit 1 ;; esac' });
  assert.equal(missing.run("rust").status, 0);
  assert.ok((await missing.calls()).some((call) => /^rustup toolchain install 1\.\d+\.\d+ .*--target wasm32-unknown-unknown/.test(call)));
  const partly = await machine({ ...COMPLETE, rustup: RUSTUP.replace("rust-std-wasm32-unknown-unknown", "rust-std-x") });
  assert.equal(partly.run("rust").status, 0);
  const adds = (await partly.calls()).filter((call) => / add | install /.test(call));
  assert.equal(adds.length, 1);
  assert.match(adds[0], /^rustup target add .* wasm32-unknown-unknown$/);
});

test("a tool of another version is built in the pinned one, into the cache", async () => {
  const { run, calls, home } = await machine({ ...COMPLETE, trunk: "echo trunk 0.20.0", cargo: "" });
  const { status, text } = run("serve");
  assert.equal(status, 0, text);
  assert.match(text, /installing trunk 0\.21\.14 from source \(about 7 minutes\)/);
  const builds = (await calls()).filter((call) => call.startsWith("cargo "));
  assert.deepEqual(builds, [`cargo install trunk --version 0.21.14 --locked --force --root ${home}/cache/tools`]);
});

test("without root a missing system package is named with the line to run", async () => {
  const { run, calls } = await machine(without("chromium"));
  const { status, text } = run("test");
  assert.equal(status, 1);
  assert.match(text, /sudo apt-get update && sudo apt-get install -y --no-install-recommends chromium fonts-liberation/);
  assert.ok(!(await calls()).some((call) => call.startsWith("apt-get")));
});

test("root installs system packages", async () => {
  const { run, calls } = await machine({ ...without("cc"), id: "echo 0", "apt-get": "" });
  assert.equal(run("rust").status, 0);
  assert.ok((await calls()).includes("apt-get install -y -q --no-install-recommends build-essential"));
});

test("without rustup the reason is said", async () => {
  const { status, text } = (await machine(without("rustup"))).run("rust");
  assert.equal(status, 1);
  assert.match(text, /install rustup/);
});

test("a wheel of another content is not taken for the pinned one", async () => {
  const { run, home } = await machine({ ...COMPLETE, python3: "exit 1" });
  await mkdir(join(home, "wheels"));
  const [, version] = (await readFile(join(ROOT, "tests/corpus/wheels.txt"), "utf8")).match(/^prefect==(\S+)/m);
  await writeFile(join(home, "wheels", `prefect-${version}-py3-none-any.whl`), "something else");
  const { status, text } = run("test");
  assert.equal(status, 1);
  assert.match(text, /python3-pip/);
});
