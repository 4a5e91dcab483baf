// Writes the licences of everything that is compiled into a package of this workspace:
//   node scripts/notices.mjs PACKAGE TARGET [FEATURES]   > THIRD-PARTY-NOTICES.txt
// Only what runs counts, not what builds or tests it. A crate without any licence is an error.
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";

const LICENCE = /^(licen[cs]es?|copying|notice|unlicense)([-._].*)?$/i;

/** Packages that `name` links, itself left out, by name. */
export function linked(metadata, name) {
  const nodes = new Map(metadata.resolve.nodes.map((node) => [node.id, node]));
  const packages = new Map(metadata.packages.map((one) => [one.id, one]));
  const root = metadata.packages.find((one) => one.name === name);
  if (!root) throw new Error(`${name} is no package of this workspace`);
  const seen = new Set([root.id]);
  const work = [root.id];
  while (work.length) {
    for (const dep of nodes.get(work.pop()).deps) {
      const runs = dep.dep_kinds.some((kind) => kind.kind === null);
      const macro = packages.get(dep.pkg).targets.some((target) => target.kind.includes("proc-macro"));
      if (runs && !macro && !seen.has(dep.pkg)) {
        seen.add(dep.pkg);
        work.push(dep.pkg);
      }
    }
  }
  return [...seen]
    .map((id) => packages.get(id))
    .filter((one) => one.source !== null || one.manifest_path.includes("vendor"))
    .sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : a.version < b.version ? -1 : 1));
}

function texts(one) {
  const folder = dirname(one.manifest_path);
  return readdirSync(folder)
    .filter((file) => LICENCE.test(file) && statSync(join(folder, file)).isFile())
    .sort()
    .map((file) => readFileSync(join(folder, file), "utf8").trim());
}

/** The notices as text; equal licence texts stand there once. */
export function notices(packages) {
  const out = ["Drydock contains the following libraries. Their licences stand below, each once.", ""];
  const numbers = new Map();
  for (const one of packages) {
    const own = texts(one);
    if (!one.license && !own.length) throw new Error(`${one.name} ${one.version} names no licence`);
    for (const text of own) if (!numbers.has(text)) numbers.set(text, numbers.size + 1);
    const where = own.length ? ` [${own.map((text) => numbers.get(text)).join(", ")}]` : "";
    out.push(`${one.name} ${one.version}: ${one.license ?? "see below"}${where}`);
    if (one.authors.length) out.push(`  by ${one.authors.join(", ")}`);
  }
  for (const [text, number] of numbers) out.push("", `--- [${number}] ---`, "", text);
  return out.join("\n") + "\n";
}

export function metadata(target, features) {
  const args = ["metadata", "--format-version", "1", "--locked", "--filter-platform", target];
  if (features) args.push("--features", features);
  return JSON.parse(execFileSync("cargo", args, { maxBuffer: 256 << 20, encoding: "utf8" }));
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const [name, target, features] = process.argv.slice(2);
  if (!target) {
    console.error("usage: node scripts/notices.mjs PACKAGE TARGET [FEATURES]");
    process.exit(2);
  }
  process.stdout.write(notices(linked(metadata(target, features), name)));
}
