#!/usr/bin/env node
// Trunk's post-build hook: turns what Trunk built into the folder that is served. Bundles the style
// sheets and the boot script, names every file by its contents, writes the service worker's list of
// files, and checks that the page has no inline script. Runs in $TRUNK_STAGING_DIR.
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { readFile, readdir, rename, rm, writeFile } from "node:fs/promises";
import { basename, extname, join } from "node:path";
import { pathToFileURL } from "node:url";

// What Rust's compiler uses of WebAssembly; index.html says the same of the app.
const features = ["bulk-memory", "bulk-memory-opt", "nontrapping-float-to-int", "sign-ext", "mutable-globals", "multivalue", "reference-types"].map(
  (name) => `--enable-${name}`,
);

const hash = (data) => createHash("sha256").update(data).digest("hex").slice(0, 16);
const integrity = (data) => `sha256-${createHash("sha256").update(data).digest("base64")}`;

/** All files below `folder`, sorted, relative to it. */
async function filesBelow(folder, under = "") {
  if (!existsSync(join(folder, under))) return [];
  const found = [];
  for (const entry of await readdir(join(folder, under), { withFileTypes: true })) {
    const path = under ? `${under}/${entry.name}` : entry.name;
    if (entry.isDirectory()) found.push(...(await filesBelow(folder, path)));
    else found.push(path);
  }
  return found.sort();
}

/** One style sheet: web/styles first, then the one beside each widget and view. */
export async function bundleStyles(source) {
  const sheets = [];
  for (const folder of ["web/styles", "web/src/widgets", "web/src/views"]) {
    const names = (await filesBelow(join(source, folder))).filter((name) => name.endsWith(".css"));
    for (const name of names) sheets.push(await readFile(join(source, folder, name), "utf8"));
  }
  return sheets.join("\n");
}

/** One script from the modules in web/boot: they import only each other, by name. */
export async function bundleBoot(source) {
  const order = ["theme.js", "status.js", "inputs.js", "folder.js", "lock.js", "offline.js", "engine.js", "spare.js", "main.js"];
  const known = (await filesBelow(join(source, "web/boot"))).filter((name) => name.endsWith(".js") && name !== "sw.js");
  const missing = known.filter((name) => !order.includes(name));
  if (missing.length > 0) throw new Error(`scripts/page.mjs does not know web/boot/${missing.join(", ")}`);
  const parts = [];
  for (const name of order) {
    const text = await readFile(join(source, "web/boot", name), "utf8");
    parts.push(`// ${name}\n${text.replace(/^import .*\n/gm, "").replace(/^export /gm, "")}`);
  }
  return parts.join("\n");
}

async function main(source, staging) {
  const at = (name) => join(staging, name);
  const built = await readdir(staging);
  const one = (pattern) => {
    const found = built.filter((name) => pattern.test(name));
    if (found.length !== 1) throw new Error(`expected one file like ${pattern}, Trunk built: ${built.join(", ")}`);
    return found[0];
  };

  // Functions of one kind beside each other compress better, and of those that are equal one is enough. None is put into
  // another: browsers translate large functions well only after a longer time.
  const passes = ["--duplicate-function-elimination", "--reorder-locals", "--remove-unused-brs", "--reorder-functions-by-name", "--strip-debug"];
  if (process.env.TRUNK_PROFILE !== "debug") {
    // Of the app Trunk has done that, with more: it runs once a page, and has no names any more.
    for (const name of built.filter((name) => name.endsWith(".wasm") && !name.startsWith("app"))) {
      execFileSync("wasm-opt", [...features, ...passes, at(name), "-o", at(name)], { stdio: ["ignore", "inherit", "inherit"] });
    }
  }

  /** Gives a built file a name that tells its contents. */
  const named = async (from, stem, extension = extname(from)) => {
    const data = await readFile(at(from));
    const name = `${stem}-${hash(data)}${extension}`;
    await rename(at(from), at(name));
    return name;
  };
  const write = async (stem, extension, text) => {
    const name = `${stem}-${hash(text)}${extension}`;
    await writeFile(at(name), text);
    return name;
  };

  const files = {
    appGlue: await named(one(/^app(-[0-9a-f]+)?\.js$/), "app"),
    appWasm: await named(one(/^app(-[0-9a-f]+)?_bg\.wasm$/), "app"),
    engineGlue: await named(one(/^worker(-[0-9a-f]+)?\.js$/), "worker"),
    engineWasm: await named(one(/^worker(-[0-9a-f]+)?_bg\.wasm$/), "worker"),
    evidenceGlue: await named(one(/^evidence(-[0-9a-f]+)?\.js$/), "evidence"),
    evidenceWasm: await named(one(/^evidence(-[0-9a-f]+)?_bg\.wasm$/), "evidence"),
  };
  files.engineBytes = (await readFile(at(files.engineWasm))).length;

  for (const name of await filesBelow(join(source, "web/static"))) {
    await writeFile(at(basename(name)), await readFile(join(source, "web/static", name)));
  }
  const zips = [at("example.zip"), at("example-evidence.zip")];
  execFileSync(process.execPath, [join(source, "scripts/example-zip.mjs"), ...zips], { stdio: ["ignore", "ignore", "inherit"] });
  files.example = await named("example.zip", "example");
  files.exampleEvidence = await named("example-evidence.zip", "evidence");

  const style = await write("style", ".css", await bundleStyles(source));
  const boot = await bundleBoot(source);
  const script = await write("boot", ".js", boot.replace('"DRYDOCK_FILES"', () => JSON.stringify(files)));
  // Trunk leaves its own link and our comments.
  const page = (await readFile(at("index.html"), "utf8"))
    .replace(/^\s*<link data-trunk[^>]*>\n/gm, "")
    .replace(/^\s*<!--[^]*?-->\n/gm, "")
    .replace(/href="?(\.\/)?style\.css"?/, `href="${style}"`)
    .replace(/src="?(\.\/)?boot\.js"?/, `src="${script}"`);
  if (!page.includes(style) || !page.includes(script)) throw new Error("index.html names no style.css or boot.js");
  if (/<script(?![^>]*\ssrc=)|<style|\sstyle=|\son[a-z]+=/i.test(page)) throw new Error("the page has an inline script or style");
  await writeFile(at("index.html"), page);

  // Only files that a page asks for: declarations and such stay out.
  await Promise.all(built.filter((name) => name.endsWith(".d.ts")).map((name) => rm(at(name))));
  const precache = [];
  for (const name of await filesBelow(staging)) {
    if (name === "sw.js") continue;
    precache.push([name === "index.html" ? "./" : name, integrity(await readFile(at(name)))]);
  }
  const list = JSON.stringify(precache);
  const worker = (await readFile(join(source, "web/boot/sw.js"), "utf8"))
    .replace('"DRYDOCK_PRECACHE"', () => list)
    .replace("DRYDOCK_VERSION", hash(list));
  await writeFile(at("sw.js"), worker);
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  await main(process.env.TRUNK_SOURCE_DIR ?? ".", process.env.TRUNK_STAGING_DIR);
}
