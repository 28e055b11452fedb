"""The object store: full, unable to sync, and with a bit flipped."""

import os
import shutil
import signal
import time

from faults import NotPossible, fault
from faults.postgres import fill
from faults.process import wait_for


@fault("storage", "store full (ENOSPC)", cost=4)
def store_full(world, random):
    if world.store not in world.mounts:
        raise NotPossible("needs a tmpfs of its own: run as root")
    world.submit(2, wait=False)
    path = fill(world.store)
    time.sleep(1)
    path.unlink()
    return True


@fault("storage", "EIO on fsync", cost=4)
def no_sync(world, random):
    """A worker whose every fsync fails must not commit anything."""
    if not shutil.which("strace"):
        raise NotPossible("strace is not installed")
    place = random.choice(world.places("pass1-worker") + world.places("pass2-worker") + world.places("reporter"))
    others = [p for p in world.places(place.service) if p is not place]
    place.replace(wrapper=["strace", "-f", "-qq", "-o", "/dev/null", "-e", "trace=fsync,fdatasync", "-e",
                           "inject=fsync,fdatasync:error=EIO"])
    for other in others:
        other.send(signal.SIGSTOP)
    try:
        place.wait_log('"dependency":"rabbitmq"', 20)
        children = open(f"/proc/{place.pid}/task/{place.pid}/children").read().split()
        world.submit(3, world.samples[0], wait=False)
        pattern = f"%:{children[0]}:%"
        happened = wait_for(lambda: world.postgres.query(
            "SELECT 1 FROM torture.journal WHERE worker LIKE %s AND to_state = 'running' LIMIT 1", (pattern,)), 6)
        time.sleep(0.7)
        rows = world.postgres.query("SELECT stage FROM tasks WHERE state = 'done' AND worker LIKE %s", (pattern,))
        if rows:
            world.violation("I6", f"{place.name} committed {rows[0][0]} although none of its files could be synced")
    finally:
        for other in others:
            other.send(signal.SIGCONT)
        place.replace()
    return bool(happened)


def flip(path, random):
    """One bit; returns what brings it back."""
    data = bytearray(path.read_bytes())
    at, bit = random.randrange(len(data)), 1 << random.randrange(8)
    data[at] ^= bit
    path.write_bytes(data)
    data[at] ^= bit
    return lambda: path.write_bytes(data) if path.exists() else None


def flip_while_frozen(world, random, service, pick):
    places = world.places(service)
    for place in places:
        place.send(signal.SIGSTOP)
    undo = None
    try:
        job = world.submit(1, random.choice([s for s in world.samples if len(s.data) < 1 << 20]))[0]
        if job.id is None:
            return False
        job.may_fail = True
        folder = world.store / f"tenants/{job.tenant}/jobs/{job.id}"
        found = []
        end = time.monotonic() + 6
        while not found and time.monotonic() < end:
            found = [p for p in folder.rglob("*") if p.is_file() and pick(str(p.relative_to(folder)), world, job)]
            time.sleep(0.02)
        if found:
            undo = flip(random.choice(sorted(found)), random)
    finally:
        for place in places:
            place.send(signal.SIGCONT)
    world.settle(60)
    if undo:
        undo()
    return undo is not None


def is_in_state(world, job, state):
    return world.postgres.query("SELECT 1 FROM jobs WHERE id = %s AND state = %s", (job.id, state))


@fault("storage", "bit flip in the input", cost=2)
def flip_input(world, random):
    return flip_while_frozen(world, random, "pass1-worker", lambda name, w, j: name == "input")


@fault("storage", "bit flip in an intermediate", cost=2)
def flip_intermediate(world, random):
    return flip_while_frozen(
        world, random, "pass2-worker", lambda name, w, j: name != "input" and is_in_state(w, j, "pass2_running"))


@fault("storage", "bit flip in a cleaned part", cost=2)
def flip_part(world, random):
    return flip_while_frozen(
        world, random, "reporter", lambda name, w, j: name.startswith("clean/") and is_in_state(w, j, "reporting"))


@fault("storage", "bit flip in the output", cost=1)
def flip_output(world, random):
    import subprocess

    jobs = [j for j in world.jobs if j.id and getattr(j, "checked", False) and not j.may_fail]
    if not jobs:
        return False
    job = random.choice(jobs)
    rows = world.postgres.query("SELECT result FROM tasks WHERE job_id = %s AND stage = 'report' AND state = 'done'", (job.id,))
    if not rows:
        return False
    path, report = world.store / rows[0][0]["output_key"], world.store / rows[0][0]["report_key"]
    undo = flip(path, random)
    copy = world.folder / f"flipped.{job.sample.format}"
    shutil.copy(path, copy)
    code = subprocess.run([world.binaries / "sanitizer", "verify", copy, "--report", report], capture_output=True).returncode
    undo()
    if code == 0:
        world.violation("I6", "sanitizer verify takes an output with a flipped bit")
    return True
