#!/usr/bin/env bash
# Executes the Artillery config and the Locust file that Drydock writes for the example, for some seconds, against the
# example itself on loopback (`examples/evidence/serve.sh` says what that needs), and reads back what they measured.
# Needs npm too; Artillery is installed into a folder of its own (TOOLS, default: a temporary one; 600 MB).
#   tests/corpus/evidence/demo-load.sh [VENV]
ROOT=$(cd "$(dirname "$0")/../../.." && pwd)
[ -z "${1:-}" ] || VENV=$1
DRYDOCK=${DRYDOCK:-$ROOT/target/debug/drydock}
[ -x "$DRYDOCK" ] || (cd "$ROOT" && cargo build -p drydock-core)
# Nothing leaves this machine: what the example would ask of others is refused on loopback.
export CARRIER_URL=http://127.0.0.1:9 MAIL_URL=http://127.0.0.1:9 ARTILLERY_DISABLE_TELEMETRY=true
# shellcheck source=../../../examples/evidence/serve.sh
. "$ROOT/examples/evidence/serve.sh"
TOOLS=${TOOLS:-$WORK/tools}
[ -x "$VENV/bin/locust" ] || "$VENV/bin/pip" -q install locust
if [ ! -x "$TOOLS/node_modules/.bin/artillery" ]; then
    mkdir -p "$TOOLS"
    (cd "$TOOLS" && PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD=1 npm install --silent --no-audit --no-fund --ignore-scripts artillery@2.0.34)
fi
SECONDS_EACH=${SECONDS_EACH:-6}
URL=http://127.0.0.1:$PORT
start "$VENV/bin/uvicorn" app.main:app --port "$PORT" --log-level warning
for tool in artillery locust; do
    "$DRYDOCK" loadtest "$DEMO" --tool $tool --target 'p95<2000' --base-url "$URL" --users 4 --seconds "$SECONDS_EACH" -o "$WORK/load.$tool"
done
mv "$WORK/load.locust" "$WORK/locustfile.py"
mv "$WORK/load.artillery" "$WORK/artillery.yml"

# A target that is missed is exit code 1, which is no fault of the file.
echo "== Artillery"
status=0
timeout 120 "$TOOLS/node_modules/.bin/artillery" run --output "$WORK/artillery.json" "$WORK/artillery.yml" >"$WORK/artillery.log" 2>&1 || status=$?
[ $status -le 1 ] && [ -s "$WORK/artillery.json" ] || { tail -60 "$WORK/artillery.log"; exit 1; }
"$VENV/bin/python" - "$WORK/artillery.json" <<'PY'
import json, sys
counters = json.load(open(sys.argv[1]))["aggregate"]["counters"]
codes = {name.split(".")[-1]: n for name, n in counters.items() if name.startswith("http.codes.")}
routes = sorted({name.split(".codes.")[0].split("endpoint.")[-1] for name in counters if "metrics-by-endpoint" in name and ".codes." in name})
errors = {name: n for name, n in counters.items() if name.startswith("errors.")}
print(counters["vusers.created"], "users,", counters["http.requests"], "requests,", len(routes), "routes, answers", codes, "errors", errors)
# Names that Artillery does not know, and requests that it could not build, are errors of the file.
assert codes.get("200", 0) > 0 and not any("ndefined" in name or "nvalid" in name for name in errors), counters
PY
echo "== Locust"
timeout 120 "$VENV/bin/locust" -f "$WORK/locustfile.py" --headless -u 4 -r 4 -t "${SECONDS_EACH}s" -H "$URL" --json-file "$WORK/locust" --only-summary >"$WORK/locust.log" 2>&1 || [ $? -le 1 ] || { tail -60 "$WORK/locust.log"; exit 1; }
grep -E "PASS|FAIL|NO DATA|Aggregated" "$WORK/locust.log" | head -5
finish
# What they measured joins to the routes that it was written from.
for file in "$WORK/artillery.json" "$WORK"/locust*.json; do
    echo "== ${file##*/} as evidence"
    "$DRYDOCK" performance "$file" --project "$DEMO" 2>/dev/null >"$WORK/report.md" || [ $? -le 1 ]
    if grep "No route of the code matches" "$WORK/report.md"; then exit 1; fi
    grep -E "^\| Latency|^\| Error rate" "$WORK/report.md" | head -4
done
echo "the generated load tests ran"
