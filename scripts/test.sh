#!/usr/bin/env bash
# Every test: Rust (nextest when it is there), Node, browser. The last line is the sum of all of them:
#   N passed, N failed
# A runner that ran nothing, or whose result could not be read, counts as one failure.
. "$(dirname "$0")/env.sh"
scripts/setup.sh test
export DRYDOCK_CHROMIUM DRYDOCK_CORPUS="${DRYDOCK_CORPUS:-$CACHE/corpus}"
DRYDOCK_CHROMIUM=$(chromium_path)
PASSED=0
FAILED=0
LOG=$(mktemp)
trap 'rm -f "$LOG" "$LOG.tap"' EXIT

# Adds a runner's result: name, exit code, passed, failed.
count() {
  local name=$1 code=$2 passed=$3 failed=$4
  if [ "$passed" -eq 0 ] && [ "$failed" -eq 0 ]; then say "$name: no test ran (exit code $code)"; failed=1; fi
  if [ "$code" -ne 0 ] && [ "$failed" -eq 0 ]; then say "$name: exit code $code without a failed test"; failed=1; fi
  PASSED=$((PASSED + passed)) FAILED=$((FAILED + failed))
}

# Sums the numbers in front of a word over the lines of the log that match a pattern.
sum() { # pattern, word
  grep -E "$1" "$LOG" | grep -oE "[0-9]+ $2" | awk '{ n += $1 } END { print n + 0 }'
}

plain() { sed -E 's/\x1b\[[0-9;?]*[A-Za-z]//g' "$LOG" >"$LOG.plain" && mv "$LOG.plain" "$LOG"; }

run() { # command…: shows and records it, sets CODE
  CODE=0
  "$@" 2>&1 | tee "$LOG" || CODE=${PIPESTATUS[0]}
  plain
}

rust() { # name, packages and features…
  local name=$1
  shift
  say "$name"
  if cargo nextest --version >/dev/null 2>&1; then
    run cargo nextest run "$@" --locked --no-fail-fast --status-level fail --final-status-level fail
    # Summary [   1.234s] 12 tests run: 11 passed (1 slow), 1 failed, 0 skipped
    count "$name" "$CODE" "$(sum '^ *Summary \[' passed)" "$(($(sum '^ *Summary \[' failed) + $(sum '^ *Summary \[' 'timed out')))"
  else
    run cargo test "$@" --locked --no-fail-fast --lib --bins --tests --quiet
    count "$name" "$CODE" "$(sum '^test result: ' passed)" "$(sum '^test result: ' failed)"
  fi
}

rust "Rust tests" --workspace --exclude drydock-web
# The app's state and the workers' pure parts are tested natively, without the user interface.
if grep -rqF '#[test]' web/src; then rust "Rust tests of the app" -p drydock-web --no-default-features --features worker,evidence; fi

NODE_TESTS=$(find scripts web tests/e2e -name '*.test.mjs' -not -path '*/node_modules/*' | sort)
if [ -n "$NODE_TESTS" ]; then
  say "Node tests"
  # shellcheck disable=SC2086 # one word per file
  run node --test --test-reporter=spec --test-reporter-destination=stdout \
    --test-reporter=tap --test-reporter-destination="$LOG.tap" $NODE_TESTS
  count "Node tests" "$CODE" "$(awk '/^# pass /{n+=$3} END{print n+0}' "$LOG.tap")" "$(awk '/^# (fail|cancelled) /{n+=$3} END{print n+0}' "$LOG.tap")"
fi

say "browser tests"
CODE=0
scripts/dist.sh || CODE=$?
if [ "$CODE" -ne 0 ]; then
  count "page build" "$CODE" 0 1
else
  run env -C tests/e2e node node_modules/@playwright/test/cli.js test
  # "  12 passed (3.4s)", "  1 failed", "  1 flaky", "  2 did not run", each on its own line
  browser_line='^ +[0-9]+ (passed|failed|flaky|interrupted|did not run)( \(.*\))?$'
  count "browser tests" "$CODE" "$(($(sum "$browser_line" passed) + $(sum "$browser_line" flaky)))" \
    "$(($(sum "$browser_line" failed) + $(sum "$browser_line" interrupted) + $(sum "$browser_line" 'did not run')))"
fi

echo "$PASSED passed, $FAILED failed"
[ "$FAILED" -eq 0 ]
