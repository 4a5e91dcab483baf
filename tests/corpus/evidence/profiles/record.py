"""Profiles a program's `main` after its imports, so that the result holds the program and little else:
record.py PROGRAM OUT.prof"""
import asyncio
import cProfile
import importlib
import inspect
import pathlib
import sys


def main():
    module = importlib.import_module(sys.argv[1])
    entry = module.main
    if inspect.iscoroutinefunction(entry):
        asyncio.run(module.main(1))
        entry = lambda: asyncio.run(module.main())
    profile = cProfile.Profile()
    profile.enable()
    entry()
    profile.disable()
    profile.dump_stats(sys.argv[2])


if __name__ == "__main__":
    sys.path.insert(0, str(pathlib.Path(__file__).parent))
    main()
