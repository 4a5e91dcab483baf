#!/usr/bin/env bash
# Makes the samples of load tests and pages again, with the real tools, against server.mjs on loopback. Tools (see
# README.md): K6, K6_OLD, LOCUST, ARTILLERY, AUTOCANNON, LIGHTHOUSE, chromium. Takes about four
# minutes. Writes to the folder given, all of it; what is small is copied to tests/data/evidence by hand or by shrink.py.
set -euo pipefail
HERE=$(cd "$(dirname "$0")" && pwd)
OUT=${1:?folder to write to}
mkdir -p "$OUT" && cd "$OUT"
export PORT=8123

serve() { # kind
  exec 9> >(SERVER=$1 exec node "$HERE/server.mjs" >server.log)
  for _ in $(seq 50); do curl -s -o /dev/null "http://127.0.0.1:$PORT/api/posts" && return; sleep 0.1; done
}
stop() { exec 9>&-; sleep 0.3; }

for kind in baseline optimized; do
  serve "$kind"
  for run in 1 2 3 4; do
    SUMMARY=k6-handle-$kind-$run.json DURATION=${K6_SECONDS:-6}s "$K6" run --quiet --out "json=k6-$kind-$run.ndjson" --out "csv=k6-$kind-$run.csv" "$HERE/script.js" || true
  done
  stop
done

serve baseline
# --summary-export is ignored when a script has handleSummary.
sed '/^export function handleSummary/,$d' "$HERE/script.js" >plain.js
DURATION=4s VUS=4 "$K6" run --quiet --summary-export k6-export.json --out json=k6-export.ndjson --out csv=k6-export.csv plain.js || true
DURATION=4s VUS=4 "$K6_OLD" run --quiet --summary-export k6-old-export.json --out json=k6-old.ndjson plain.js || true
"$LOCUST" -f "$HERE/locustfile.py" --headless -u 8 -r 8 -t 12s --host "http://127.0.0.1:$PORT" --csv locust --csv-full-history --json-file locust-run --only-summary >locust.log 2>&1 || true
"$ARTILLERY" run --output artillery.json "$HERE/artillery.yml" >artillery.log 2>&1 || true
"$AUTOCANNON" -c 8 -d 4 --json "http://127.0.0.1:$PORT/api/posts" >autocannon.json 2>/dev/null || true
for tool in wrk hey ab; do command -v "$tool" >/dev/null || echo "$tool is not installed, left out"; done
if command -v wrk >/dev/null; then wrk -t2 -c8 -d4s --latency "http://127.0.0.1:$PORT/api/posts" >wrk.txt; fi
if command -v hey >/dev/null; then hey -z 4s -c 8 "http://127.0.0.1:$PORT/api/posts" >hey.txt; hey -z 2s -c 8 -o csv "http://127.0.0.1:$PORT/api/posts" >hey.csv; fi
if command -v ab >/dev/null; then ab -n 400 -c 8 "http://127.0.0.1:$PORT/api/posts" >ab.txt 2>/dev/null; fi
stop

export CHROME_PATH=${CHROME_PATH:-$(command -v chromium)}
FLAGS="--headless --no-sandbox --disable-gpu --no-first-run --disable-background-networking --disable-component-update --disable-sync"
for kind in baseline optimized; do
  serve "$kind"
  "$LIGHTHOUSE" "http://127.0.0.1:$PORT/" --quiet --only-categories=performance --chrome-flags="$FLAGS" --output json --output html --output-path "lh-$kind" --save-assets || true
  stop
done
serve baseline
"$LIGHTHOUSE" "http://127.0.0.1:$PORT/" --quiet --only-categories=performance --preset=desktop --throttling-method=provided --chrome-flags="$FLAGS" --output json --output-path lh-provided.json --save-assets || true
stop
