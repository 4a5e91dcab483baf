#!/usr/bin/env bash
# Makes the samples of profilers in tests/data/evidence/profiles anew, with the real tools: make.sh
# Wants python3 with venv, node 20 and npm; installs py-spy, memory-profiler and clinic below $TOOLS.
# The results differ from run to run in their times: the tests compare with what Python's own pstats says of the same
# file, and rules' pages quote what stands in them, so read the pages again after a new recording.
set -euo pipefail
HERE=$(cd "$(dirname "$0")" && pwd)
OUT=${1:-$HERE/../../../data/evidence/profiles}
TOOLS=${TOOLS:-${TMPDIR:-/tmp}/evidence-tools}
mkdir -p "$OUT" "$TOOLS"
OUT=$(cd "$OUT" && pwd)
WORK=$(mktemp -d)
trap 'rm -rf "$WORK"' EXIT
[ -x "$TOOLS/venv/bin/py-spy" ] || {
  python3 -m venv "$TOOLS/venv"
  "$TOOLS/venv/bin/pip" install --quiet py-spy memory-profiler memray pyinstrument scalene
}
[ -x "$TOOLS/npm/node_modules/.bin/clinic" ] || {
  mkdir -p "$TOOLS/npm"
  (cd "$TOOLS/npm" && npm init -y >/dev/null && npm install --silent --ignore-scripts clinic@13)
}
PY=$TOOLS/venv/bin/python
# Paths in the samples are those of a server, not of the machine that made them.
mkdir -p "$WORK/srv/shop"
cp "$HERE"/*.py "$HERE"/*.js "$WORK/srv/shop/"
cd "$WORK/srv/shop"
moved() { sed -i "s#$WORK##g; s#$($PY -c 'import sys; print(sys.base_prefix)')#/usr#g; s#$TOOLS/venv#/opt/venv#g" "$@"; }

# Python: each call counted.
$PY record.py shop shop.prof
$PY record.py sleeper sleeper.prof
$PY -m cProfile -o shop-startup.prof shop.py
$PY -m profile -o shop-pure.prof shop.py >/dev/null
$PY expected.py "$WORK=" "$TOOLS/venv=/opt/venv" "$($PY -c 'import sys; print(sys.base_prefix)')=/usr" -- ./*.prof
rm shop-startup.expected.json
gzip -9n ./*.expected.json
cp ./*.prof ./*.expected.json.gz "$OUT/"
# Python: sampled.
"$TOOLS/venv/bin/py-spy" record --idle --rate 200 --format speedscope -o sleeper.speedscope.json -- $PY sleeper.py >/dev/null 2>&1
"$TOOLS/venv/bin/py-spy" record --idle --rate 200 --threads --subprocesses --format raw -o sleeper.raw.txt -- $PY sleeper.py >/dev/null 2>&1
"$TOOLS/venv/bin/pyinstrument" -r json -o sleeper.pyinstrument.json -c 'import asyncio, sleeper; asyncio.run(sleeper.main(60))'
# Python: memory.
$PY -m memory_profiler leak.py >leak-all.memory.txt
$PY leak.py >each && sed -n 1,64p each >leak-each.memory.txt
"$TOOLS/venv/bin/mprof" run --interval 0.03 -o leak.dat leak.py >/dev/null 2>&1
"$TOOLS/venv/bin/memray" run --quiet -o leak.bin leak.py >/dev/null
"$TOOLS/venv/bin/memray" transform speedscope --output leak.memray.speedscope.json leak.bin >/dev/null
# What the reader looks at: stacks and series of memory are left out of the sample.
$PY -m scalene run -o leak.scalene.json leak.py >/dev/null 2>&1
$PY - <<'PY'
import json
with open("leak.scalene.json") as file:
    profile = json.load(file)
for key in ("combined_stacks", "combined_stacks_timeline", "memory_stacks", "samples", "stacks", "native_stacks"):
    profile.pop(key, None)
for file in profile["files"].values():
    for entry in file["lines"] + file["functions"]:
        entry.pop("memory_samples", None)
    file["lines"] = [line for line in file["lines"] if line["cpu_samples_list"] or line["n_mallocs"]]
with open("leak.scalene.json", "w") as file:
    json.dump(profile, file, indent=1)
PY
moved leak.scalene.json leak.memray.speedscope.json sleeper.pyinstrument.json sleeper.speedscope.json sleeper.raw.txt leak*.memory.txt leak.dat
gzip -9n leak.memray.speedscope.json sleeper.speedscope.json sleeper.raw.txt
cp sleeper.pyinstrument.json sleeper.*.gz leak*.memory.txt leak.dat leak.memray.speedscope.json.gz leak.scalene.json "$OUT/"

# Node.js: the same server, asked in the same way, under each profiler.
served() {
  rm -f port
  "$@" server.js 300 port &
  node client.js port
  wait $!
}
served node --cpu-prof --cpu-prof-name=server.cpuprofile
served node --heap-prof --heap-prof-interval=65536 --heap-prof-name=server.heapprofile
served node --prof --logfile=server-v8.log --no-logfile-per-isolate
node traced.js node-trace.json
node --prof-process server-v8.log >server.prof.txt 2>/dev/null
node --prof-process --preprocess server-v8.log 2>/dev/null >server.prof.json
# What the readers look at: megabytes of source text and machine code are left out of the samples.
grep -v -e '^script-source' -e '^code-source-info' -e '^code-creation,B' -e '^sfi-' -e '^script-details' -e '^new,' -e '^delete,' \
  server-v8.log >kept && mv kept server-v8.log
$PY - <<'PY'
import json
with open("server.prof.json") as file:
    profile = json.load(file)
# Code that no tick names is left out, and the rest numbered anew.
used = sorted({code for tick in profile["ticks"] for code in tick["s"][::2] if code >= 0})
number = {code: index for index, code in enumerate(used)}
profile["code"] = [profile["code"][code] for code in used]
for tick in profile["ticks"]:
    tick["s"][::2] = [number.get(code, -1) for code in tick["s"][::2]]
for code in profile["code"]:
    code.pop("source", None)
profile.pop("scripts", None)
profile.pop("functions", None)
with open("server.prof.json", "w") as file:
    json.dump(profile, file)
PY
doctor() {
  rm -rf .clinic port
  NO_INSIGHT=1 "$TOOLS/npm/node_modules/.bin/clinic" doctor --collect-only -- node "$@" >/dev/null 2>&1 &
}
doctor server.js 600 port
node client.js port
wait $!
for part in processstat traceevent systeminfo; do cp .clinic/*/*-$part "clinic-$part"; done
doctor server.js 600 port
node client.js port /motd
wait $!
cp .clinic/*/*-processstat clinic-quiet-processstat
ITERATIONS=80000 doctor server.js 120 port
node client.js port /login &
node client.js port /login
wait
cp .clinic/*/*-processstat clinic-busy-processstat
doctor handles.js
wait $!
cp .clinic/*/*-processstat clinic-handles-processstat
moved node-trace.json server.cpuprofile server.heapprofile server-v8.log server.prof.txt server.prof.json
gzip -9n node-trace.json server.cpuprofile server-v8.log server.prof.json clinic-processstat clinic-busy-processstat clinic-quiet-processstat clinic-handles-processstat clinic-traceevent
cp node-trace.json.gz server.*.gz server-v8.log.gz server.heapprofile server.prof.txt clinic-* "$OUT/"
du -ab "$OUT" | sort -n
