#!/usr/bin/env bash
# Builds the command line as it is released: trained on real audits, so that the compiler lays out the busy
# paths for speed (profile-guided optimisation). Its last line of output is the program's path.
#   scripts/cli.sh [TARGET]     default: this machine's own
# TRAIN="a.whl b.zip" names what it is trained on; default: the example, and three wheels of the corpus when
# those are there. Without llvm-tools, or for a target that this machine cannot run, it is a plain release build.
. "$(dirname "$0")/env.sh"
# Releases are built on other systems too, where Rust is there already.
if [ "$(uname -s)" = Linux ]; then scripts/setup.sh rust >&2; fi
HOST=$(rustc -vV | sed -n 's/^host: //p')
TARGET=${1:-$HOST}
OUT=${CARGO_TARGET_DIR:-target}/cli
PROGRAM=$OUT/$TARGET/release/drydock
if [ "$TARGET" != "${TARGET%windows*}" ]; then PROGRAM=$PROGRAM.exe; fi
# With a target named, flags are for the program and not for build scripts.
BUILD=(cargo build --release --locked -p drydock-core --bin drydock --target "$TARGET" --target-dir "$OUT")

plain() { # why
  say "$1: a plain release build" >&2
  "${BUILD[@]}"
  echo "$PROGRAM"
  exit
}
profdata() { find "$(rustc --print sysroot)/lib/rustlib/$HOST/bin" -name 'llvm-profdata*' 2>/dev/null | head -n 1; }

[ "$TARGET" = "$HOST" ] || plain "$TARGET is not this machine's own target"
if [ -z "$(profdata)" ] && has rustup; then
  rustup component add --toolchain "$RUST_VERSION" llvm-tools >&2 || true
fi
PROFDATA=$(profdata)
[ -n "$PROFDATA" ] || plain "llvm-tools is not installed"

if [ -z "${TRAIN:-}" ]; then
  TRAIN=examples/demo
  for wheel in "$CACHE"/corpus/{prefect,langflow_base,matrix_synapse}-*.whl; do
    if [ -f "$wheel" ]; then TRAIN="$TRAIN $wheel"; fi
  done
fi
# The same place every time: a path that changes would have everything built again.
rm -rf "$OUT/counts" && mkdir -p "$OUT/counts"
# On Windows the program and the compiler know no paths of the shell.
COUNTS=$(cd "$OUT/counts" && { pwd -W 2>/dev/null || pwd; })
say "building a program that counts (with the one after it about ten minutes on two cores)" >&2
RUSTFLAGS="${RUSTFLAGS:-} -Cprofile-generate=$COUNTS" "${BUILD[@]}"
say "training it on $TRAIN" >&2
for project in $TRAIN; do
  "$PROGRAM" audit "$project" --jobs 1 --format json >/dev/null
done
"$PROFDATA" merge -o "$COUNTS/merged.profdata" "$COUNTS" || plain "nothing was counted"
say "building the trained program" >&2
RUSTFLAGS="${RUSTFLAGS:-} -Cprofile-use=$COUNTS/merged.profdata" "${BUILD[@]}"
echo "$PROGRAM"
