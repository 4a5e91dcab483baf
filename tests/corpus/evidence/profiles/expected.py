"""Replaces paths of this machine in statistics of cProfile and writes beside them what Python's own pstats reads:
expected.py OLD=NEW… -- FILE.prof…; of shop.prof also the older versions of the format, which older Pythons write."""
import json
import marshal
import pathlib
import pstats
import sys
import types


def moved(value, moves):
    if isinstance(value, str):
        for old, new in moves:
            value = value.replace(old, new)
        return value
    if isinstance(value, tuple):
        return tuple(moved(item, moves) for item in value)
    if isinstance(value, dict):
        return {moved(key, moves): moved(item, moves) for key, item in value.items()}
    if isinstance(value, types.CodeType):
        return value.replace(co_filename=moved(value.co_filename, moves), co_consts=moved(value.co_consts, moves))
    return value


def digits(value):
    """Numbers as text with all their digits: readers of JSON differ in the last bit."""
    if isinstance(value, float):
        return repr(value)
    if isinstance(value, (list, tuple)):
        return [digits(item) for item in value]
    if isinstance(value, dict):
        return {key: digits(item) for key, item in value.items()}
    return value


def name(key):
    return f"{key[0]}:{key[1]}:{key[2] if isinstance(key[2], str) else '<program>'}"


def expected(path):
    """Calls, primitive calls, own and whole seconds of every function, and the same of its callers."""
    stats = pstats.Stats(str(path)).stats
    return {
        name(key): [calls, outer, float(own), float(total), {name(c): f for c, f in callers.items()}]
        for key, (outer, calls, own, total, callers) in sorted(stats.items(), key=lambda item: name(item[0]))
    }


def main():
    split = sys.argv.index("--")
    moves = [tuple(move.split("=", 1)) for move in sys.argv[1:split]]
    for path in map(pathlib.Path, sys.argv[split + 1 :]):
        data = moved(marshal.loads(path.read_bytes()), moves)
        path.write_bytes(marshal.dumps(data))
        path.with_suffix(".expected.json").write_text(json.dumps(digits(expected(path)), indent=0) + "\n")
        if path.stem == "shop":
            for version in (0, 1, 2):
                path.with_name(f"shop-v{version}.prof").write_bytes(marshal.dumps(data, version))


main()
