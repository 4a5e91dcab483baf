#!/usr/bin/env bash
# Formatting and clippy with warnings denied, on the host and for wasm32 (the page and the engine).
. "$(dirname "$0")/env.sh"
scripts/setup.sh rust
say "formatting"
cargo fmt --all --check
say "clippy on the host"
cargo clippy --workspace --exclude drydock-web --all-targets --locked -- -D warnings
say "clippy for wasm32"
cargo clippy -p drydock-web --bins --target wasm32-unknown-unknown --locked -- -D warnings
# The page's main bundle sees the core without its engine.
cargo clippy -p drydock-core --lib --no-default-features --target wasm32-unknown-unknown --locked -- -D warnings
