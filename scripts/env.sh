# Where tools are cached and which versions are wanted; sourced by the other scripts.
# Nothing here installs anything.

set -euo pipefail
ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$ROOT"

CACHE=${DRYDOCK_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/drydock}
# What the workspace pins; the wasm-bindgen command must equal the library exactly.
RUST_VERSION=$(sed -n 's/^channel = "\(.*\)"/\1/p' rust-toolchain.toml)
WASM_BINDGEN_VERSION=$(sed -n 's/^wasm-bindgen = "=\(.*\)"/\1/p' Cargo.toml)
TRUNK_VERSION=0.21.14
NODE_MAJOR=18

export PATH="$PATH:$HOME/.cargo/bin:$CACHE/tools/bin"

# Intermediate files of page builds live in the cache, so that a clean clone does not compile the
# dependencies again; the results go to the clone's target/ as always. Native builds stay in target/,
# except in CI, where every clone is a clean one.
page_build_dir() { echo "${CARGO_BUILD_BUILD_DIR:-$CACHE/cargo-page}"; }
if [ "${CI:-}" = true ]; then export CARGO_BUILD_BUILD_DIR=${CARGO_BUILD_BUILD_DIR:-$CACHE/cargo-native}; fi

say() { printf '\033[1mdrydock:\033[0m %s\n' "$*"; }
fail() { printf 'drydock: %s\n' "$*" >&2; exit 1; }
has() { command -v "$1" >/dev/null 2>&1; }

# The Chromium that drives the browser tests, empty when there is none.
chromium_path() {
  if [ -n "${DRYDOCK_CHROMIUM:-}" ]; then echo "$DRYDOCK_CHROMIUM"; return; fi
  local name
  for name in chromium chromium-browser google-chrome google-chrome-stable; do
    # Ubuntu's chromium-browser is a script that asks for a snap: only what answers counts.
    if has "$name" && "$name" --version >/dev/null 2>&1; then command -v "$name"; return; fi
  done
}
