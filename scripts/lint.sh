#!/usr/bin/env bash
# Formatting and clippy with warnings denied, on the host and for wasm32 (the page, the engine, and the
# core as the page sees it: without its engine). Goes on after a failure, to show all of them.
. "$(dirname "$0")/env.sh"
scripts/setup.sh rust
CODE=0
check() { # what, command…
  say "$1"
  shift
  "$@" || CODE=1
}
check "formatting" cargo fmt --all --check
check "clippy on the host" cargo clippy --workspace --exclude drydock-web --all-targets --locked -- -D warnings
check "clippy for wasm32: page, engine and evidence" cargo clippy -p drydock-web --lib --bins --target wasm32-unknown-unknown --locked -- -D warnings
check "clippy for wasm32: engine without evidence" cargo clippy -p drydock-core --lib --no-default-features --features engine --target wasm32-unknown-unknown --locked -- -D warnings
check "clippy for wasm32: core without its engine" cargo clippy -p drydock-core --lib --no-default-features --target wasm32-unknown-unknown --locked -- -D warnings
check "clippy for wasm32: evidence without the engine" cargo clippy -p drydock-core --lib --no-default-features --features evidence --target wasm32-unknown-unknown --locked -- -D warnings
exit "$CODE"
