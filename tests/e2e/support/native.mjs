// The command line, which the app must agree with.
import { execFileSync } from "node:child_process";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), "../../..");

/** Path of the program: the one that DRYDOCK_BINARY names, else built now. */
export function commandLine() {
  if (process.env.DRYDOCK_BINARY) return process.env.DRYDOCK_BINARY;
  execFileSync("cargo", ["build", "--quiet", "--locked", "-p", "drydock-core", "--bin", "drydock"], { cwd: ROOT, stdio: "ignore" });
  return join(process.env.CARGO_TARGET_DIR ?? join(ROOT, "target"), "debug/drydock");
}
