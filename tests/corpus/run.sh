#!/usr/bin/env bash
# Audits every wheel of the corpus (or those named) and prints findings per check:
#   run.sh [NAME…]      results: $OUT/<wheel>.json (default: corpus-results in the cache)
. "$(dirname "$0")/../../scripts/env.sh"
scripts/setup.sh rust
tests/corpus/fetch.sh "$@"
# shellcheck disable=SC2046 # one name a word
[ $# -gt 0 ] || set -- $(tests/corpus/fetch.sh --names)
FOLDER=${DRYDOCK_CORPUS:-$CACHE/corpus}
OUT=${OUT:-$CACHE/corpus-results}
mkdir -p "$OUT"
cargo build --release --quiet -p drydock-core --bin drydock
DRYDOCK=${CARGO_TARGET_DIR:-target}/release/drydock
BROKEN=0
for name in "$@"; do
  wheel=$(find "$FOLDER" -name "${name//-/_}-*.whl" -print -quit)
  started=$(date +%s%N)
  code=0
  "$DRYDOCK" audit "$wheel" --format json -o "$OUT/$name.json" || code=$?
  took=$((($(date +%s%N) - started) / 1000000))
  if [ "$code" -ne 0 ]; then
    say "$name: exit code $code"
    BROKEN=1
    continue
  fi
  python3 tests/corpus/summary.py "$name" "$took" "$OUT/$name.json"
done
exit "$BROKEN"
