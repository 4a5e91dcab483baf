#!/usr/bin/env bash
# Builds the app into dist/ with Trunk: a folder of static files with relative addresses only.
. "$(dirname "$0")/env.sh"
scripts/setup.sh serve
STARTED=$SECONDS
BUILD_DIR=$(page_build_dir)
if [ -d "$BUILD_DIR/wasm32-unknown-unknown" ]; then
  say "building the app (about 1 minute after a change)"
else
  say "building the app for the first time (about 5 minutes on two cores, dependencies included)"
fi
# NO_COLOR as `1` is a value that Trunk's own option parser refuses.
env -u NO_COLOR PATH="$CACHE/tools/front:$PATH" CARGO_BUILD_BUILD_DIR="$BUILD_DIR" trunk build --config Trunk.toml --log warn
say "dist/ is ready after $((SECONDS - STARTED)) s"
