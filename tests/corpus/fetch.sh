#!/usr/bin/env bash
# Fetches pinned wheels into the cache and checks their hashes: fetch.sh [NAME…] (default: those of
# the standing corpus). What is there already is not fetched again, so later runs need no network.
# With --there in front it fetches nothing and only says by its exit code whether all are there;
# with --names it prints the names of the standing corpus.
. "$(dirname "$0")/../../scripts/env.sh"
LIST=tests/corpus/wheels.txt
FOLDER=${DRYDOCK_CORPUS:-$CACHE/corpus}
# Those above the line that says what is larger.
standing() { sed -n '/^# Larger/q; s/==.*//p' "$LIST"; }
if [ "${1:-}" = --names ]; then standing; exit 0; fi
mkdir -p "$FOLDER"
ASK=0
if [ "${1:-}" = --there ]; then ASK=1; shift; fi
# shellcheck disable=SC2046 # one name a word
[ $# -gt 0 ] || set -- $(standing)

for name in "$@"; do
  line=$(grep -E "^$name==" "$LIST") || fail "$name is not in $LIST"
  version=$(sed -E 's/^[^=]*==([^ ]*).*/\1/' <<<"$line")
  hash=${line##*sha256:}
  # Wheel file names write `-` as `_`.
  found=$(find "$FOLDER" -name "${name//-/_}-$version-*.whl" -print -quit)
  if [ -n "$found" ] && [ "$(sha256sum "$found" | cut -d' ' -f1)" = "$hash" ]; then continue; fi
  if [ "$ASK" = 1 ]; then exit 1; fi
  has python3 && python3 -m pip --version >/dev/null 2>&1 || fail "fetching wheels needs pip (apt: python3-pip)"
  say "fetching $name $version"
  wanted=$(mktemp)
  echo "$line" >"$wanted"
  # --platform: the file must not depend on the machine that fetches it.
  python3 -m pip download --quiet --disable-pip-version-check --no-deps --only-binary :all: --require-hashes \
    --python-version 3.12 --implementation cp --abi cp312 --abi abi3 --abi none --platform manylinux_2_28_x86_64 --platform any \
    --dest "$FOLDER" -r "$wanted" || { rm -f "$wanted"; fail "$name could not be fetched"; }
  rm -f "$wanted"
done
