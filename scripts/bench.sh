#!/usr/bin/env bash
# Runs the native benches; core/benches/README.md says what they measure and keeps the figures.
. "$(dirname "$0")/env.sh"
scripts/setup.sh rust
tests/corpus/fetch.sh mlflow
# Behind a version manager's shim, the program itself is measured.
RUFF=${RUFF:-$(python3 -c 'import ruff; print(ruff.find_ruff_bin())' 2>/dev/null || command -v ruff || true)}
[ -n "$RUFF" ] || fail "ruff is what the audit is measured against: pip install ruff"
export RUFF DRYDOCK_CORPUS="${DRYDOCK_CORPUS:-$CACHE/corpus}"
cargo bench -p drydock-core --bench audit -- "$@"
