#!/usr/bin/env bash
# Runs the benches: the command line against ruff, then the page against the bare work of its workers.
# core/benches/README.md says what they measure and keeps the figures.
#   scripts/bench.sh [native|browser]     default: both
# RELEASED=1 also measures the command line as it is released (scripts/cli.sh: two more builds).
. "$(dirname "$0")/env.sh"
WHAT=${1:-both}
scripts/setup.sh rust
tests/corpus/fetch.sh mlflow
export DRYDOCK_CORPUS="${DRYDOCK_CORPUS:-$CACHE/corpus}"

if [ "$WHAT" != browser ]; then
  # Behind a version manager's shim, the program itself is measured.
  RUFF=${RUFF:-$(python3 -c 'import ruff; print(ruff.find_ruff_bin())' 2>/dev/null || command -v ruff || true)}
  [ -n "$RUFF" ] || fail "ruff is what the audit is measured against: pip install ruff"
  export RUFF
  if [ -n "${RELEASED:-}" ]; then
    DRYDOCK_RELEASED=$(realpath "$(scripts/cli.sh | tail -n 1)")
    export DRYDOCK_RELEASED
  fi
  cargo bench -p drydock-core --bench audit
fi

if [ "$WHAT" != native ]; then
  scripts/setup.sh test
  scripts/dist.sh
  export DRYDOCK_BENCH_PAGE=$PWD/target/bench-page DRYDOCK_CHROMIUM
  DRYDOCK_CHROMIUM=$(chromium_path)
  node tests/e2e/bench-findings.mjs
  node tests/e2e/bench-evidence.mjs
  say "building the bare engine that the app is measured against"
  export PATH="$CACHE/tools/front:$PATH"
  mkdir -p "$DRYDOCK_BENCH_PAGE"
  CARGO_BUILD_BUILD_DIR=$(page_build_dir) cargo build --quiet --locked -p drydock-web --bin bench --profile web \
    --target wasm32-unknown-unknown --no-default-features --features bench
  wasm-bindgen --target no-modules --no-typescript --out-dir "$DRYDOCK_BENCH_PAGE" "${CARGO_TARGET_DIR:-target}/wasm32-unknown-unknown/web/bench.wasm"
  node tests/e2e/bench.mjs "$(find "$DRYDOCK_CORPUS" -name 'mlflow-*.whl' -print -quit)"
fi
