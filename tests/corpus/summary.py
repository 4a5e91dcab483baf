#!/usr/bin/env python3
"""Prints one report in short: scores, findings per check and verdict, candidates and dismissals.

    summary.py NAME MILLISECONDS REPORT.json
"""
import collections
import json
import sys

name, took, path = sys.argv[1:4]
with open(path, encoding="utf-8") as file:
    report = json.load(file)


def score(tenths):
    return "N/A" if tenths is None else f"{tenths / 10:.1f}"


coverage = report["coverage"]
categories = "  ".join(f"{c['category']} {score(c['score_tenths'])}" for c in report["categories"])
print(f"\n== {name}: {len(coverage['files'])} files, {coverage['lines']} lines, {took} ms, overall {score(report['overall']['score_tenths'])}")
print(f"   {categories}")
verdicts = collections.Counter((f["check"], f["verdict"]) for f in report["findings"])
for check in report["checks"]:
    parts = [f"{verdicts[check['check'], verdict]} {verdict}" for verdict in ("counted", "advisory", "needs_context", "suppressed") if verdicts[check["check"], verdict]]
    if parts or check["status"] != "skipped":
        print(f"   {check['check']:32} {check['status']:8} {', '.join(parts) or '-':36} {check['candidates']} candidates, {check['dismissed']} dismissed")
if coverage["problems"]:
    kinds = collections.Counter(problem["kind"] for problem in coverage["problems"])
    print("   problems: " + ", ".join(f"{count} {kind}" for kind, count in sorted(kinds.items())))
