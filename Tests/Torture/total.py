#!/usr/bin/env python3
"""Adds up the tables of several runs: total.py LOG... ; ends with 1 when a violation was found or a fault came too seldom."""

import argparse
import collections
import pathlib
import re
import sys

ROW = re.compile(r"^(\S.{43}) +(\d+) +(\d+)   (.{15})")
SUMMARY = re.compile(r"^(\d+) jobs, (\d+) faults, (\d+) fenced attempts, (\d+) s, seed (\d+)")
VIOLATIONS = re.compile(r"^(\d+) violations")
RESUMED = re.compile(r"^resume after kill -9 of a worker: .*")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("logs", nargs="+", type=pathlib.Path)
    parser.add_argument("--times", type=int, default=20, help="how often each fault must have been injected")
    options = parser.parse_args()
    injected, slowest = collections.Counter(), {}
    jobs = faults = fenced = wrong = runs = 0
    for log in options.logs:
        for line in log.read_text(errors="replace").splitlines():
            if row := ROW.match(line):
                name = row[1].strip()
                injected[name] += int(row[2])
                if row[4].split():
                    slowest[name] = max(slowest.get(name, 0.0), float(row[4].split()[1]))
            elif found := SUMMARY.match(line):
                runs, jobs, faults, fenced = runs + 1, jobs + int(found[1]), faults + int(found[2]), fenced + int(found[3])
                print(line)
            elif found := VIOLATIONS.match(line):
                wrong += int(found[1])
            elif RESUMED.match(line):
                print(line)
    print(f"\n{'fault':44} {'injected':>8} {'slowest recovery s':>20}")
    for name in sorted(injected):
        print(f"{name:44} {injected[name]:8} " + (f"{slowest[name]:20.2f}" if name in slowest else "")
              + (f"   less than {options.times}" if injected[name] < options.times else ""))
    seldom = sum(count < options.times for count in injected.values())
    print(f"\n{runs} runs: {jobs} jobs, {faults} faults of {len(injected)} kinds, {fenced} fenced attempts, {wrong} violations; "
          f"{seldom} kinds less than {options.times} times, the least {min(injected.values(), default=0)}")
    return 1 if wrong or seldom or not runs else 0


if __name__ == "__main__":
    sys.exit(main())
