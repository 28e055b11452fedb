#!/usr/bin/env python3
"""What the services hold up to: churn (is anything left behind?), sustained load with and without faults, overload."""

import argparse
import concurrent.futures
import http.client
import json
import os
import pathlib
import random
import statistics
import sys
import threading
import time

import invariants
from faults import REGISTRY, broker
from torture import say
from world import World

# What a busy day brings, and what the others can work through while it lasts.
WEATHER = ["kill -9 at any moment", "reset", "latency", "SIGTERM: drain", "backend terminated", "reset after COMMIT was sent",
           "messages twice or stale or out of order"]

# Connections to PostgreSQL that a service may have: two pools of four, and one that listens.
POOLED = 9


class Caller:
    """One client with a connection of its own: submits, waits for the end, again."""

    def __init__(self, world, number):
        self.world = world
        self.tenant = ["acme", "globex"][number % 2]
        self.wire = None

    def call(self, method, path, body=None, headers=None):
        for last in (False, True):
            try:
                if self.wire is None:
                    self.wire = http.client.HTTPConnection("127.0.0.1", self.world.apis[0].port, timeout=60)
                self.wire.request(method, path, body=body, headers={"X-API-Key": self.world.keys[self.tenant]} | (headers or {}))
                answer = self.wire.getresponse()
                return answer.status, dict(answer.getheaders()), answer.read()
            except (OSError, http.client.HTTPException):
                self.wire = None
                if last:
                    return 0, {}, b""

    def submit(self, sample, key=None):
        query = f"dataset_name={sample.name}&file_name={sample.file}&format={sample.format}&salt=torture"
        headers = {"Content-Type": "application/octet-stream"} | ({"Idempotency-Key": key} if key else {})
        return self.call("POST", f"/api/v1/datasets/{self.tenant}/ingest?{query}", sample.data, headers)

    def job(self, sample, key, until):
        """Seconds from the first call to success; None when the time is up first."""
        began = time.monotonic()
        while time.monotonic() < until:
            status, headers, body = self.submit(sample, key)
            if status == 202:
                break
            time.sleep(0.05 if status in (0, 409) else min(1.0, float(headers.get("Retry-After", headers.get("retry-after", 1)))))
        else:
            return None
        id = json.loads(body)["job_id"]
        while time.monotonic() < until + 30:
            status, _, body = self.call("GET", f"/api/v1/jobs/{id}", headers={"Prefer": "wait=20"})
            if status == 200 and json.loads(body)["status"] in ("success", "failed", "cancelled"):
                return time.monotonic() - began if json.loads(body)["status"] == "success" else None
            if status != 200:
                time.sleep(0.05)
        return None


def loop(world, sample, callers, seconds=None, jobs=None):
    """Closed loop: each caller submits its next job when its last has ended. Latencies, and the time that it took."""
    count = iter(range(jobs)) if jobs else iter(range(1 << 60))
    began, lock, tag = time.monotonic(), threading.Lock(), random.randrange(1 << 40)
    until = began + (seconds or 1e9)

    def run(number):
        caller, latencies = Caller(world, number), []
        while time.monotonic() < until:
            with lock:
                index = next(count, None)
            if index is None:
                break
            latency = caller.job(sample, f"m-{tag}-{index}", until)
            if latency is not None:
                latencies.append(latency)
        return latencies

    with concurrent.futures.ThreadPoolExecutor(callers) as pool:
        latencies = [v for values in pool.map(run, range(callers)) for v in values]
    return latencies, time.monotonic() - began


def shown(latencies, seconds):
    latencies = sorted(latencies) or [float("nan")]
    return (f"{len(latencies) / seconds:.1f} jobs/s, p50 {statistics.median(latencies) * 1000:.0f} ms, "
            f"p99 {latencies[int(len(latencies) * 0.99)] * 1000:.0f} ms, {len(latencies)} jobs in {seconds:.0f} s")


def churn(world, jobs):
    """Many small jobs: memory, descriptors and threads at the end must be what they were after the first tenth."""
    sample = world.samples[0]
    loop(world, sample, 4, jobs=max(50, jobs // 10))
    time.sleep(1)
    first = {p.name: invariants.footprint(p) for p in world.processes}
    took, latencies = 0.0, []
    for tenth in range(10):
        some, seconds = loop(world, sample, 4, jobs=jobs // 10)
        latencies, took = latencies + some, took + seconds
        now = [invariants.footprint(p) for p in world.processes]
        say(f"{(tenth + 1) * jobs // 10} jobs; resident MiB, descriptors, threads: "
            + "; ".join(f"{f['rss_kb'] / 1024:.0f} {f['descriptors']} {f['threads']}" for f in now))
    time.sleep(2)
    last = {p.name: invariants.footprint(p) for p in world.processes}
    say(f"churn: {shown(latencies, took)}")
    wrong = 0
    for name, before in first.items():
        after = last[name]
        grown = after["rss_kb"] - before["rss_kb"]
        more = {kind: after["kinds"][kind] - before["kinds"][kind] for kind in after["kinds"] | before["kinds"]
                if after["kinds"][kind] != before["kinds"][kind]}
        # The pools of connections may still fill up, each with a descriptor to wait by; of everything else as much as before.
        others = [
            f["descriptors"] - f["kinds"]["postgres"] - min(f["kinds"]["postgres"], f["kinds"]["anon_inode"])
            for f in (before, after)
        ]
        bad = others[1] > others[0] + 2 or after["kinds"]["postgres"] > POOLED or after["threads"] > before["threads"] + 4 or grown > max(
            20_000, before["rss_kb"] // 3)
        wrong += bad
        print(f"  {name:16} resident {before['rss_kb'] / 1024:6.1f} to {after['rss_kb'] / 1024:6.1f} MiB, descriptors "
              f"{before['descriptors']} to {after['descriptors']}, threads {before['threads']} to {after['threads']}"
              + (f", {more}" if more else "") + (" GROWS" if bad else ""))
    return wrong


def load(world, seconds):
    """Jobs of 1,000 rows: alone, under faults, and at five times the load that the platform can carry."""
    sample = next(s for s in world.samples if s.name == "small")
    latencies, took = loop(world, sample, 1, seconds=seconds / 2)
    say(f"one caller: {shown(latencies, took)}")
    peak = 0.0
    for callers in (2, 4, 8):
        latencies, took = loop(world, sample, callers, seconds=seconds)
        say(f"{callers} callers: {shown(latencies, took)}")
        peak = max(peak, len(latencies) / took)
    latencies, took = loop(world, sample, 40, seconds=seconds * 2)
    goodput = len(latencies) / took
    say(f"40 callers, five times what it can carry: {shown(latencies, took)}: goodput {goodput / peak * 100:.0f} % of the peak")

    done = threading.Event()

    def storm():
        pick = random.Random(world.seed)
        while not done.wait(0.5):
            REGISTRY[pick.choice(WEATHER)].inject(world, random.Random(pick.random()))

    thread = threading.Thread(target=storm)
    thread.start()
    latencies, took = loop(world, sample, 4, seconds=seconds * 2)
    done.set()
    thread.join()
    say(f"4 callers under faults (one every second or so): {shown(latencies, took)}")
    world.finish_submitting()
    world.settle()
    return 0 if goodput > 0.9 * peak else 1


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=["churn", "load"])
    parser.add_argument("--binaries", required=True, type=pathlib.Path)
    parser.add_argument("--folder", type=pathlib.Path)
    parser.add_argument("--jobs", type=int, default=10_000)
    parser.add_argument("--seconds", type=float, default=20)
    options = parser.parse_args()
    folder = pathlib.Path(os.environ.get("TMPDIR", "/tmp")) / f"sanitizer-measure-{os.getpid()}"
    with World(options.binaries.resolve(), folder, 1, workers=2) as world:
        world.tap = broker.Tap(world)
        wrong = churn(world, options.jobs) if options.what == "churn" else load(world, options.seconds)
        wrong += sum(world.violations.values())
        for text in world.details:
            print(f"  {text}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
