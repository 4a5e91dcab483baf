#!/usr/bin/env bash
# Installs the tools that are missing or of another version, and nothing else.
#   scripts/setup.sh [rust|serve|test|all]     what the later step needs; "all" = "test"
# Tools on PATH are preferred. The rest goes to $DRYDOCK_CACHE (default ~/.cache/drydock), never into
# the clone, and is reused by every later run and every clone. Without a network nothing is asked for
# as long as everything is there.
. "$(dirname "$0")/env.sh"
WANT=${1:-all}
STARTED=$SECONDS
INSTALLED=0

step() { # what, how long
  INSTALLED=1
  say "installing $1 (about $2)"
}

as_root() { # packages
  if [ "$(id -u)" = 0 ]; then
    apt-get update -q && DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "$@"
  else
    fail "needs a system package. Run this once, then try again:
    sudo apt-get update && sudo apt-get install -y --no-install-recommends $*"
  fi
}

rust() {
  has cc || { step "a C linker (apt: build-essential)" "1 minute"; as_root build-essential; }
  if ! has rustup; then
    # A distribution's Rust is fine when it is new enough and knows wasm32.
    if has rustc && rustc --version | grep -q " $RUST_VERSION " &&
      [ -d "$(rustc --print sysroot)/lib/rustlib/wasm32-unknown-unknown" ]; then return; fi
    fail "Rust $RUST_VERSION with the wasm32-unknown-unknown target is needed: install rustup, then try again"
  fi
  if ! rustup run "$RUST_VERSION" rustc --version >/dev/null 2>&1; then
    step "Rust $RUST_VERSION" "1 minute"
    rustup toolchain install "$RUST_VERSION" --profile minimal --component rustfmt,clippy \
      --target wasm32-unknown-unknown --no-self-update
    return
  fi
  local have
  have=$(rustup component list --toolchain "$RUST_VERSION" --installed)
  for part in rustfmt clippy; do
    grep -q "^$part" <<<"$have" || { step "$part" "10 seconds"; rustup component add --toolchain "$RUST_VERSION" "$part"; }
  done
  if ! grep -q '^rust-std-wasm32-unknown-unknown' <<<"$have"; then
    step "the wasm32-unknown-unknown target" "20 seconds"
    rustup target add --toolchain "$RUST_VERSION" wasm32-unknown-unknown
  fi
}

version_of() { "$1" --version 2>/dev/null | grep -oE '[0-9]+(\.[0-9]+)+' | head -n 1 || true; }

cargo_tool() { # crate, command, version, how long
  if [ "$(version_of "$2")" = "$3" ]; then return; fi
  # One of another version may stand first on PATH: ours then goes in front (see use_cached_first).
  if [ "$(version_of "$CACHE/tools/bin/$2")" = "$3" ]; then return; fi
  step "$1 $3 from source" "$4"
  CARGO_PROFILE_RELEASE_OPT_LEVEL=1 CARGO_PROFILE_RELEASE_LTO=false CARGO_PROFILE_RELEASE_CODEGEN_UNITS=16 \
    CARGO_TARGET_DIR="$CACHE/build" CARGO_BUILD_BUILD_DIR="$CACHE/build" \
    cargo install "$1" --version "$3" --locked --force --root "$CACHE/tools"
}

node_there() {
  local major
  if ! has node || ! has npm; then
    step "Node and npm (apt: nodejs npm)" "1 minute"
    as_root nodejs npm
  fi
  major=$(node -p 'process.versions.node.split(".")[0]')
  [ "$major" -ge "$NODE_MAJOR" ] || fail "Node $NODE_MAJOR or newer is needed, found $(node --version)"
}

# npm packages (wasm-opt, Playwright, axe-core) of tests/e2e/package-lock.json; the folder in the cache
# is named after that file's content, and the clone only links to it.
npm_packages() {
  node_there
  local lock=tests/e2e/package-lock.json key folder
  key=$(sha256sum "$lock" | cut -c1-16)
  folder="$CACHE/npm/$key"
  if [ ! -f "$folder/.complete" ]; then
    step "wasm-opt, Playwright and axe-core (npm)" "20 seconds"
    rm -rf "$folder" && mkdir -p "$folder"
    cp tests/e2e/package.json "$lock" "$folder/"
    (cd "$folder" && PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD=1 npm ci --no-audit --no-fund --loglevel=error)
    touch "$folder/.complete"
  fi
  local link=${DRYDOCK_E2E_MODULES:-tests/e2e/node_modules} # elsewhere in the test of this script
  [ "$(readlink "$link" || true)" = "$folder/node_modules" ] || ln -sfnT "$folder/node_modules" "$link"
  mkdir -p "$CACHE/tools/bin"
  ln -sf "$folder/node_modules/binaryen/bin/wasm-opt" "$CACHE/tools/bin/wasm-opt"
}

# Trunk takes the first tool on PATH and refuses another version: scripts/dist.sh reads this folder
# in front of everything else, and only what PATH lacks stands in it.
use_cached_first() {
  local front="$CACHE/tools/front"
  mkdir -p "$front"
  local tool version
  for tool in "wasm-bindgen $WASM_BINDGEN_VERSION" "trunk $TRUNK_VERSION" "wasm-opt 132"; do
    version=${tool#* } tool=${tool% *}
    rm -f "$front/$tool"
    # `wasm-opt version 132` has no dot, hence the plain word match.
    if ! { has "$tool" && "$tool" --version 2>/dev/null | grep -qw -- "$version"; }; then
      ln -s "$CACHE/tools/bin/$tool" "$front/$tool"
    fi
  done
}

page() {
  local missing=0
  [ "$(version_of trunk)" = "$TRUNK_VERSION" ] || [ -x "$CACHE/tools/bin/trunk" ] || missing=1
  if [ "$missing" = 1 ]; then say "first run on this machine: Trunk and wasm-bindgen are compiled once, about 10 minutes on two cores"; fi
  npm_packages
  cargo_tool wasm-bindgen-cli wasm-bindgen "$WASM_BINDGEN_VERSION" "3 minutes"
  cargo_tool trunk trunk "$TRUNK_VERSION" "7 minutes"
  # What was compiled on the way serves nobody any more.
  if [ "$INSTALLED" = 1 ]; then rm -rf "$CACHE/build"; fi
  use_cached_first
}

browser() {
  [ -n "$(chromium_path)" ] && return
  step "Chromium (apt: chromium, fonts-liberation)" "1 minute"
  as_root chromium fonts-liberation
  [ -n "$(chromium_path)" ] || fail "no working Chromium on PATH; name one with DRYDOCK_CHROMIUM=/path/to/chrome"
}

# The wheel that a browser test drops.
wheel() {
  if ! tests/corpus/fetch.sh --there prefect && ! python3 -m pip --version >/dev/null 2>&1; then
    step "pip (apt: python3-pip)" "1 minute"
    as_root python3-pip
  fi
  tests/corpus/fetch.sh prefect
}

# A C compiler for wasm32 (clang, llvm-ar) is needed once a parser written in C is linked in. None is yet.

main() {
  case "$WANT" in
    rust) rust ;;
    serve) rust; page ;;
    test | all) rust; page; browser; wheel ;;
    *) fail "usage: scripts/setup.sh [rust|serve|test|all]" ;;
  esac
  if [ "$INSTALLED" = 1 ]; then say "tools ready after $((SECONDS - STARTED)) s, kept in $CACHE"; fi
}

# `exit` on the line of the call: bash must not read on in a file that changed while tools were compiled.
main; exit
