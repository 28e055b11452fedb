#!/usr/bin/env python3
"""Nothing lost, nothing twice: jobs under a seeded schedule of faults, and the invariants checked from durable state."""

import argparse
import os
import pathlib
import random
import signal
import statistics
import sys
import time

import invariants
import schedule
from drill import drill
from faults import REGISTRY, broker, process
from world import World

# A minute or two: each area once, the steps of the commit order, and what was once found broken.
SHORT = [
    "kill pass1-worker claim:after", "kill pass1-worker complete:after", "kill pass2-worker run:after",
    "kill pass2-worker publish:confirmed", "kill reporter complete:before", "kill reporter publish:before",
    "kill api upload:after", "kill api job:after", "kill -9 at any moment", "zombie: frozen past its lease", "SIGTERM: drain",
    "queue deleted", "queue that serves nobody", "messages twice or stale or out of order", "message for a cancelled job",
    "poison message", "reset", "reset after COMMIT was sent", "partition", "postmaster kill -9", "store full (ENOSPC)",
    "EIO on fsync", "same key 50 times at once", "client leaves in the middle", "bit flip: input before pass 2",
    "bit flip: decisions", "bit flip: what a job left", "input: deep JSON", "another tenant's objects", "broker's disk wiped",
]
# Each must be noticed: these faults bring its mistake to light.
MUTATIONS = {
    "no_epoch_check": ["zombie: frozen past its lease"],
    "ack_before_commit": ["kill pass1-worker run:before", "kill pass2-worker run:before"],
    "publish_before_commit": ["kill pass1-worker complete:before:2", "kill pass2-worker complete:before:2"],
    "skip_fsync": ["EIO on fsync"],
}


def say(text):
    print(f"{time.strftime('%H:%M:%S')} {text}", flush=True)


def arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--binaries", required=True, type=pathlib.Path)
    parser.add_argument("--folder", required=True, type=pathlib.Path)
    parser.add_argument("--jobs", type=int, default=0, help="go on until so many jobs were submitted; default: each fault once")
    parser.add_argument("--seed", type=int, default=None)
    parser.add_argument("--faults", default="short", help="short, all, an area, or names separated by commas")
    parser.add_argument("--times", type=int, default=0, help="how often each fault is injected at least; default: once, or 20 in 3,000 jobs")
    parser.add_argument("--store", choices=["file", "s3", "both"], default=None,
                        help="where the objects are; both: one job in ten is in a bucket; default: file, both for all faults")
    parser.add_argument("--minutes", type=float, default=None, help="stop after so long")
    parser.add_argument("--chunked", type=int, default=None, help="also inputs of several chunks, of so many MiB; default: 20 for all faults")
    parser.add_argument("--mutation", choices=sorted(MUTATIONS), help="run with this deliberate mistake: the run must fail")
    parser.add_argument("--mutations", action="store_true", help="run with each of them; fails when one goes unnoticed")
    return parser.parse_args()


def chosen(text):
    if text == "short":
        return SHORT
    if text == "all":
        return sorted(REGISTRY)
    names = []
    for piece in (p.strip() for p in text.split(",")):
        found = [n for n, f in REGISTRY.items() if piece in (n, f.area) or n.startswith(piece + " ")]
        if not found:
            sys.exit(f"unknown fault '{piece}'; known: {', '.join(sorted(REGISTRY))}")
        names += found
    return names


def final_checks(world):
    say("checking everything")
    time.sleep(3)  # what is held in the outbox for its publisher is published by somebody else after a while
    invariants.check(world)
    invariants.tampering(world)
    invariants.canaries(world)
    if world.kind == "file":
        drill(world)
    # Two rounds of the collector past the age at which it collects.
    time.sleep(12)
    invariants.leftovers(world)
    world.tap.check()
    letters = broker.dead_letters(world)
    quarantined = {r[0] for r in world.postgres.query("SELECT id FROM tasks WHERE state = 'quarantined'")}
    invariants.dead_letters(world, letters, quarantined)


def table(world, tally, seconds):
    def shown(values):
        return f"{statistics.median(values):7.2f} {max(values):7.2f}" if values else f"{'':7} {'':7}"

    print(f"\n{'fault':44} {'injected':>8} {'wrong':>6}   {'recovery s: p50':>15} {'max':>5}   {'all jobs ended s: p50':>8} {'max':>5}   each s")
    for name in sorted(tally.tried, key=lambda n: (REGISTRY[n].area, n)):
        print(f"{name:44} {tally.injected[name]:8} {tally.violations[name]:6}   {shown(world.recoveries[name])}            "
              f"{shown(world.settled[name])}   {tally.seconds[name] / tally.tried[name]:6.1f}")
    for name, reason in sorted(tally.impossible.items()):
        print(f"{name:44} not on this machine: {reason}")
    fenced = process.fenced(world)
    least = min(tally.injected, key=tally.injected.get, default=None)
    if least:
        print(f"\nleast often injected: {least}, {tally.injected[least]} times")
    kills = [v for name, values in world.recoveries.items() if name.startswith("kill ") and "kill -9 and" not in name for v in values]
    if kills:
        print(f"resume after kill -9 of a worker: p50 {statistics.median(kills):.3f} s, max {max(kills):.3f} s, n {len(kills)}")
    print(f"{len(world.jobs)} jobs, {sum(tally.injected.values())} faults, {fenced} fenced attempts, {seconds:.0f} s, seed {world.seed}")
    for text in world.details:
        print(f"  {text}")
    wrong = sum(world.violations.values())
    print(f"{wrong} violations" + (f": {dict(world.violations)}" if wrong else ""))
    return wrong


def enough(*_):
    if schedule.STOP.is_set():
        raise KeyboardInterrupt
    schedule.STOP.set()


def one_run(options, seed, names, jobs, times, kind="file", mutation=None):
    began = time.monotonic()
    deadline = began + options.minutes * 60 if options.minutes else None
    # The servers' users must get through to their own folders.
    folder = pathlib.Path(os.environ.get("TMPDIR", "/tmp")) / f"sanitizer-torture-{os.getpid()}"
    with World(options.binaries.resolve(), folder, seed, options.chunked, mutation, kind=kind) as world:
        say(f"up in {time.monotonic() - began:.0f} s; seed {seed}; {len(names)} faults, {times} times each; objects in a "
            f"{'bucket' if world.s3 else 'folder'}" + (f"; mistake {mutation}" if mutation else ""))
        world.tap = broker.Tap(world)
        tally = schedule.run(world, names, jobs, times, seed, say, deadline)
        final_checks(world)
        return table(world, tally, time.monotonic() - began)


def main():
    # In the background of a script an interrupt is ignored. The first signal ends the run after its round, with all checks; the
    # second at once.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, enough)
    options = arguments()
    if options.chunked is None:
        options.chunked = 20 if any(area in options.faults for area in ("all", "storage")) else 0
    seed = options.seed if options.seed is not None else random.SystemRandom().randrange(1 << 31)
    if options.mutations:
        missed = [m for m, names in MUTATIONS.items() if one_run(options, seed, names, 0, 3, mutation=m) == 0]
        print(f"deliberate mistakes noticed: {len(MUTATIONS) - len(missed)} of {len(MUTATIONS)}" + (f", missed: {missed}" if missed else ""))
        return 1 if missed else 0
    names = MUTATIONS[options.mutation] if options.mutation and options.faults == "short" else chosen(options.faults)
    times = options.times or max(1, options.jobs // 150)
    stores = options.store or ("both" if options.faults == "all" else "file")
    if stores != "both":
        return 1 if one_run(options, seed, names, options.jobs, times, stores, options.mutation) else 0
    # In the bucket: what a bucket alone can suffer, and what touches objects, each as often.
    in_bucket = [name for name in names if REGISTRY[name].area in ("s3", "storage")]
    in_files = [n for n in names if n not in in_bucket or "file" in REGISTRY[n].stores]
    wrong = one_run(options, seed, in_files, options.jobs * 9 // 10, times)
    if not schedule.STOP.is_set():
        wrong += one_run(options, seed, in_bucket, max(1, options.jobs // 10), times, "s3")
    else:
        say("stopped: the part with objects in a bucket was not run")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
