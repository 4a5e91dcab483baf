#!/usr/bin/env python3
"""Prints random findings with the code around every step, for reading by a person.

    sample.py [-n 20] [--seed 1] [--check ID] [--wheel NAME] [--dismissed] [--all-verdicts] [--context 6]

Reads the reports that run.sh wrote and the wheels that fetch.sh fetched. The same seed gives the same
sample. With --dismissed it prints rejected candidates instead. Findings are drawn round robin over the
checks and, within a check, over the wheels, so that neither a frequent check nor a large project crowds
out the others.
"""
import argparse
import collections
import glob
import itertools
import json
import os
import random
import zipfile

CACHE = os.environ.get("DRYDOCK_CACHE") or os.path.join(os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache"), "drydock")
parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("-n", type=int, default=20, help="how many")
parser.add_argument("--seed", type=int, default=1)
parser.add_argument("--check", action="append", help="only this check (repeatable)")
parser.add_argument("--wheel", action="append", help="only this wheel (repeatable)")
parser.add_argument("--dismissed", action="store_true", help="rejected candidates instead of findings")
parser.add_argument("--all-verdicts", action="store_true", help="not only counted findings")
parser.add_argument("--context", type=int, default=6, help="lines around each step")
parser.add_argument("--results", default=os.environ.get("OUT") or os.path.join(CACHE, "corpus-results"))
parser.add_argument("--wheels", default=os.environ.get("DRYDOCK_CORPUS") or os.path.join(CACHE, "corpus"))
options = parser.parse_args()


class Wheel:
    """The sources of one wheel."""

    def __init__(self, name):
        found = sorted(glob.glob(os.path.join(options.wheels, name.replace("-", "_") + "-*.whl")))
        self.zip = zipfile.ZipFile(found[0]) if found else None
        self.names = self.zip.namelist() if self.zip else []

    def lines(self, path):
        for name in self.names:
            if name == path or name.endswith("/" + path):
                return self.zip.read(name).decode("utf-8", "replace").splitlines()
        return []


def show(wheel, path, marks):
    """Lines around the marked ones, with the notes below them."""
    lines = wheel.lines(path)
    if not lines:
        print(f"    ({path} is not in the wheel)")
    wanted = sorted({at for line in marks for at in range(line - options.context, line + options.context + 1) if 1 <= at <= len(lines)})
    last = None
    for at in wanted:
        if last is not None and at != last + 1:
            print("         ...")
        last = at
        print(f"  {'>' if at in marks else ' '} {at:5} | {lines[at - 1][:150]}")
        for note in marks.get(at, []):
            print(f"            ^ {note}")


pool = collections.defaultdict(lambda: collections.defaultdict(list))
wheels = {}
for file in sorted(glob.glob(os.path.join(options.results, "*.json"))):
    name = os.path.basename(file)[: -len(".json")]
    if options.wheel and name not in options.wheel:
        continue
    with open(file, encoding="utf-8") as handle:
        report = json.load(handle)
    wheels[name] = Wheel(name)
    for item in report["dismissed" if options.dismissed else "findings"]:
        if options.check and item["check"] not in options.check:
            continue
        if options.dismissed or options.all_verdicts or item["verdict"] == "counted":
            pool[item["check"]][name].append((name, item))

chance = random.Random(options.seed)


def in_turn(of_wheels):
    """All findings, one of each wheel at a time; popped from the end."""
    groups = list(of_wheels.values())
    chance.shuffle(groups)
    for items in groups:
        chance.shuffle(items)
    rounds = itertools.zip_longest(*groups)
    return [item for one in rounds for item in one if item][::-1]


pool = {check: in_turn(of_wheels) for check, of_wheels in pool.items()}
drawn = []
while len(drawn) < options.n and any(pool.values()):
    for check in sorted(pool):
        if pool[check] and len(drawn) < options.n:
            drawn.append(pool[check].pop())

for number, (name, item) in enumerate(drawn, 1):
    print("\n" + "=" * 100)
    print(f"{number}. {name}  {item['path']}:{item['line']}  [{item['check']}]", end="")
    if options.dismissed:
        print(f"\n   dismissed: {item['reason']}")
        show(wheels[name], item["path"], {item["line"]: ["candidate"]})
        continue
    print(f" {item['severity']} confidence {item['confidence']} {item['verdict']}  in {item['symbol']}")
    print(f"   {item['message']}\n   fix: {item['recommendation']}")
    for fact in item.get("evidence", []):
        print(f"   fact: {fact}")
    marks = collections.defaultdict(lambda: collections.defaultdict(list))
    marks[item["path"]][item["line"]].append("HERE")
    for order, step in enumerate(item["steps"], 1):
        marks[step["path"]][step["line"]].append(f"{order}. {step['message']}")
    for path, lines in marks.items():
        print(f"   -- {path}")
        show(wheels[name], path, lines)
