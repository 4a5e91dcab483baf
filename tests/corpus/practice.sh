#!/usr/bin/env bash
# Runs the practice set of real defects and prints its scores and misses:
#   practice.sh SET CASES [MIRRORS] [-- options of score.py]
# SET      folder with extract.py, score.py and the case lists (not part of this repository)
# CASES    folder of extracted cases; filled from MIRRORS (bare repositories <owner>+<name>/repo) when given
# JOBS=2   audits at once; OUT=… keeps found.jsonl and the logs
# LIST=…   the case list: a file, or one of SET's (real-python.jsonl); the lists of this repository are in cases/
. "$(dirname "$0")/../../scripts/env.sh"
[ $# -ge 2 ] || fail "usage: tests/corpus/practice.sh SET CASES [MIRRORS] [-- options of score.py]"
SET=$1 CASES=$2
shift 2
LIST=${LIST:-real-python.jsonl}
[ -f "$LIST" ] || LIST=$SET/$LIST
[ -f "$LIST" ] || fail "$LIST does not exist"
if [ $# -gt 0 ] && [ "$1" != -- ]; then
  python3 "$SET/extract.py" --mirrors "$1" --out "$CASES" --cases "$LIST"
  shift
fi
if [ "${1:-}" = -- ]; then shift; fi
OUT=${OUT:-$CACHE/practice}
rm -rf "$OUT/found" && mkdir -p "$OUT/found"
scripts/setup.sh rust
cargo build --release --quiet -p drydock-core --bin drydock
DRYDOCK=$(realpath "${CARGO_TARGET_DIR:-target}/release/drydock")
export DRYDOCK OUT CASES

one() { # case id
  local code=0
  timeout 120 "$DRYDOCK" audit "$CASES/$1" --format jsonl >"$OUT/found/$1.raw" 2>"$OUT/found/$1.log" || code=$?
  sed "s|^{|{\"case\":\"$1\",|" "$OUT/found/$1.raw" >"$OUT/found/$1.jsonl"
  [ "$code" -eq 0 ] || echo "$1: exit code $code, see $OUT/found/$1.log"
}
export -f one
# shellcheck disable=SC2012 # case ids are plain words
ls "$CASES" | xargs -P "${JOBS:-2}" -I{} bash -c 'one {}'
cat "$OUT"/found/*.jsonl >"$OUT/found.jsonl"
say "$(wc -l <"$OUT/found.jsonl") findings in $(ls "$CASES" | wc -l) cases, kept in $OUT/found.jsonl"
python3 "$SET/score.py" "$OUT/found.jsonl" --cases "$LIST" --misses "$@"
