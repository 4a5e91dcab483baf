#!/usr/bin/env bash
# Runs the native benches; core/benches/README.md says what they measure and keeps the figures.
. "$(dirname "$0")/env.sh"
scripts/setup.sh rust
tests/corpus/fetch.sh mlflow
DRYDOCK_CORPUS="$CACHE/corpus" cargo bench -p drydock-core "$@"
