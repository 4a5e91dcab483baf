#!/usr/bin/env bash
# Builds the command line (release) and audits a project: scripts/audit.sh PROJECT [drydock options]
. "$(dirname "$0")/env.sh"
PROJECT=${1:-}
[ -n "$PROJECT" ] || fail "which project? make audit PROJECT=path (a folder, a zip or a tar.gz)"
[ -e "$PROJECT" ] || fail "$PROJECT does not exist"
shift
scripts/setup.sh rust
cargo build --release --quiet -p drydock-core --bin drydock
exec "${CARGO_TARGET_DIR:-target}/release/drydock" audit "$PROJECT" "$@"
