"""Makes the committed samples (tests/data/evidence/load, .../web) from what make.sh wrote.

Leaves out what no reader looks at: pictures, texts in other languages, metrics and events of other kinds.
Usage: shrink.py OUT DATA
"""

import gzip
import json
import sys
from pathlib import Path

OUT, DATA = Path(sys.argv[1]), Path(sys.argv[2])
LOAD, WEB = DATA / "load", DATA / "web"
POINTS = ("http_reqs", "http_req_duration", "http_req_failed", "vus", "vus_max")
EVENTS = {
    "TracingStartedInBrowser", "TracingStartedInPage", "FrameCommittedInBrowser", "navigationStart", "firstPaint",
    "firstContentfulPaint", "largestContentfulPaint::Candidate", "largestContentfulPaint::Invalidate", "LayoutShift",
    "EventTiming", "RunTask", "thread_name", "process_name", "UpdateCounters", "MinorGC", "MajorGC", "EvaluateScript",
    "FunctionCall", "viewport", "loadEventEnd",
}


def write(path, text, packed=False):
    data = text.encode()
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(gzip.compress(data, 9, mtime=0) if packed else data)
    print(f"{path.relative_to(DATA)}: {path.stat().st_size}")


def ndjson(name, to):
    lines = (OUT / name).read_text().splitlines(keepends=True)
    write(LOAD / to, "".join(line for line in lines if json.loads(line)["metric"] in POINTS), packed=True)


def csv(name, to):
    lines = (OUT / name).read_text().splitlines(keepends=True)
    kept = [lines[0], *(line for line in lines[1:] if line.split(",")[0] in POINTS)]
    write(LOAD / to, "".join(kept), packed=True)


def report(name):
    document = json.loads((OUT / name).read_text())
    for key in ("i18n", "fullPageScreenshot", "timing", "categoryGroups", "stackPacks", "entities"):
        document.pop(key, None)
    for id in ("screenshot-thumbnails", "final-screenshot", "script-treemap-data", "main-thread-tasks", "full-page-screenshot"):
        document["audits"].pop(id, None)
    for audit in document["audits"].values():
        for key in ("title", "description", "headings", "displayValue"):
            audit.pop(key, None)
        (audit.get("details") or {}).pop("headings", None)
    return document


def trace(name, to):
    document = json.loads((OUT / name).read_text())
    events = [event for event in document["traceEvents"] if event["name"] in EVENTS]
    # Tasks below a millisecond change no figure.
    events = [event for event in events if event["name"] not in ("RunTask", "FunctionCall") or event.get("dur", 0) >= 1000]
    document["traceEvents"] = events
    write(WEB / to, json.dumps(document), packed=True)


for old, new in (("k6-export", "k6-export"), ("k6-old-export", "k6-0.57-export")):
    write(LOAD / f"{new}.json", (OUT / f"{old}.json").read_text())
ndjson("k6-export.ndjson", "k6-export.ndjson.gz")
csv("k6-export.csv", "k6-export.csv.gz")
for kind in ("baseline", "optimized"):
    for run in range(1, 5):
        document = json.loads((OUT / f"k6-handle-{kind}-{run}.json").read_text())
        document["metrics"] = {
            name: metric for name, metric in document["metrics"].items() if name.split("{")[0] in (*POINTS, "iterations")
        }
        indent = 2 if run == 1 else None
        write(LOAD / f"runs/{kind}-{run}.json", json.dumps(document, indent=indent) + "\n")
    csv(f"k6-{kind}-1.csv", f"runs-samples/{kind}.csv.gz")
for name in ("stats", "stats_history", "failures"):
    lines = (OUT / f"locust_{name}.csv").read_text().splitlines(keepends=True)
    if name == "stats_history":
        lines = [lines[0], *(line for line in lines[1:] if ",Aggregated," in line)]
    write(LOAD / f"locust_{name}.csv", "".join(lines))
write(LOAD / "locust.json", (OUT / "locust-run.json").read_text())
artillery = json.loads((OUT / "artillery.json").read_text())
for part in (artillery["aggregate"], *artillery["intermediate"]):
    part.pop("histograms", None)
write(LOAD / "artillery.json", json.dumps(artillery, indent=1) + "\n")
for name in ("autocannon.json", "wrk.txt", "hey.txt", "ab.txt"):
    if (OUT / name).exists():
        write(LOAD / name, (OUT / name).read_text())
for kind in ("baseline", "optimized"):
    write(WEB / f"lighthouse-{kind}.json", json.dumps(report(f"lh-{kind}.report.json")) + "\n")
provided = report("lh-provided.json")
write(WEB / "lighthouse-provided.json", json.dumps(provided) + "\n")
page = (OUT / "lh-baseline.report.html").read_text()
head, tail = page.index("window.__LIGHTHOUSE_JSON__"), page.index("<title>")
document = report("lh-baseline.report.json")
document["audits"] = {id: audit for id, audit in document["audits"].items() if id in ("metrics", "largest-contentful-paint", "cumulative-layout-shift")}
write(
    WEB / "lighthouse.html",
    page[:200].split("<head>")[0] + "<head><title>Lighthouse Report</title></head><body>\n"
    + f"<script>window.__LIGHTHOUSE_JSON__ = {json.dumps(document)};</script>\n</body></html>\n",
)
trace("lh-provided-0.trace.json", "provided.trace.json.gz")
trace("lh-baseline-0.trace.json", "baseline.trace.json.gz")
