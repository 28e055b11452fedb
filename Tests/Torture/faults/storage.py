"""The object store: full, unable to sync, and with a bit flipped in each kind of object."""

import http.client
import re
import shutil
import signal
import subprocess
import time

import client
from faults import SERVERS, WORKERS, NotPossible, fault
from faults.postgres import fill
from faults.process import wait_for

# What a failed job says of an object that is not what was written.
NOTICED = ("corrupt_intermediate", "digest_mismatch")


@fault("storage", "store full (ENOSPC)", holds={"store"}, cost=2, stores=("file",))
def store_full(world, random):
    if world.objects.path not in world.mounts:
        raise NotPossible("needs a tmpfs of its own: run as root")
    world.submit(2, wait=False)
    path = fill(world.objects.path)
    time.sleep(1)
    path.unlink()
    return True


@fault("storage", "EIO on fsync", holds=WORKERS, needs=SERVERS, cost=4, stores=("file",))
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
        # Its name, not its process id: after some thousands of processes an id is used again.
        worker = place.wait_log(r'"worker":"([^"]+)"')
        world.submit(3, world.samples[0], wait=False)
        happened = wait_for(lambda: world.postgres.query(
            "SELECT 1 FROM torture.journal WHERE worker = %s AND to_state = 'running' LIMIT 1", (worker,)), 6)
        time.sleep(0.7)
        rows = world.postgres.query("SELECT stage FROM tasks WHERE state = 'done' AND worker = %s", (worker,))
        if rows:
            world.violation("I6", f"{place.name} committed {rows[0][0]} although none of its files could be synced")
    finally:
        for other in others:
            other.send(signal.SIGCONT)
        place.replace()
    return bool(happened)


def flip(world, key, random):
    """One bit; returns what brings it back."""
    data = bytearray(world.objects.read(key))
    at, bit = random.randrange(len(data)), 1 << random.randrange(8)
    data[at] ^= bit
    world.objects.write(key, data)
    data[at] ^= bit
    return lambda: world.objects.write(key, data) if world.objects.exists(key) else None


def state_of(world, job):
    rows = world.postgres.query("SELECT state, error_code FROM jobs WHERE id = %s", (job.id,))
    return rows[0] if rows else (None, None)


def flip_on_the_way(world, random, service, pattern, state=None, reader=None, sample=None):
    """Flips a bit of an object that `service` has yet to read: it stands still from before the job, or (the stage `reader` follows in
    the same service) from when the object is there."""
    places = world.places(service)

    def freeze():
        """Until all stand still: one that has just died is only now started again, and would read on."""
        end = time.monotonic() + 5
        while not all(place.is_frozen for place in places) and time.monotonic() < end:
            for place in places:
                place.send(signal.SIGSTOP)
            time.sleep(0.005)

    if state:
        freeze()
    undo = key = None
    try:
        # Of a packed input only the staged bytes are read after pass 1.
        samples = [s for s in world.samples if len(s.data) < 1 << 20 and s.name != "packed"]
        job = world.submit(1, sample or random.choice(samples))[0]
        if job.id is None:
            return False
        job.may_fail = True
        prefix = f"tenants/{job.tenant}/jobs/{job.id}/"
        found = []
        end = time.monotonic() + 6
        while not found and time.monotonic() < end:
            found = [k for k in world.objects.keys(prefix) if re.fullmatch(pattern, k[len(prefix):])]
            if found and state and state_of(world, job)[0] != state:
                found = []
            time.sleep(0.005 if state is None else 0.03)
        if found:
            freeze()
            key = random.choice(sorted(found))
            begun = reader and world.postgres.query(
                "SELECT 1 FROM tasks WHERE job_id = %s AND stage = %s AND state <> 'ready'", (job.id, reader))
            undo = None if begun else flip(world, key, random)
    except FileNotFoundError:  # collected, or never made
        undo = None
    finally:
        for place in places:
            place.send(signal.SIGCONT)
    wait_for(lambda: state_of(world, job)[0] in ("success", "failed", "cancelled"), 60)
    ended, code = state_of(world, job)
    if undo:
        undo()
        # Another attempt may have written it anew; what a result names was read.
        named = world.postgres.query(
            "SELECT 1 FROM tasks WHERE job_id = %s AND state = 'done' AND position(%s IN result::text) > 0", (job.id, key))
        if ended == "success" and (named or key.endswith("/input")):
            world.violation("I6", f"job {job.id}: a flipped bit in {key} went unnoticed")
        if ended == "failed" and code not in NOTICED and code != "attempts_exhausted":
            world.violation("I6", f"job {job.id}: a flipped bit in {key} was taken for {code}")
        return code in NOTICED
    return False


def flipping(name, service, pattern, state=None, reader=None, sample=None, cost=1.5):
    # Between two stages of one service a listing of a bucket comes too late.
    stores = ("file",) if reader else ("file", "s3")

    @fault("storage", f"bit flip: {name}", holds={service, "cpu"}, needs=SERVERS | {"api"}, cost=cost, stores=stores)
    def inject(world, random):
        chosen = next((s for s in world.samples if s.name == sample), None) if sample else None
        if sample and chosen is None:
            raise NotPossible(f"needs the sample {sample}")
        return flip_on_the_way(world, random, service, pattern, state, reader, chosen)


flipping("input before pass 1", "pass1-worker", r"input", "queued")
flipping("input before pass 2", "pass2-worker", r"input", "pass2_running")
flipping("plan", "pass2-worker", r"plan/0/\d+-plan-\w+", "pass2_running")
flipping("head of the resolution", "pass2-worker", r"plan/0/\d+-head-\w+", "pass2_running")
flipping("decisions", "pass2-worker", r"plan/0/\d+-decisions-\w+", "pass2_running")
flipping("merged profile", "reporter", r"plan/0/\d+-profile-\w+", "reporting")
flipping("cleaned part", "reporter", r"clean/0/\d+-part-\w+", "reporting")
flipping("provenance of a part", "reporter", r"clean/0/\d+-provenance-\w+", "reporting")
flipping("rejects of a part", "reporter", r"clean/0/\d+-rejects-\w+", "reporting", sample="lines")
flipping("matches of a part", "reporter", r"clean/0/\d+-matches-\w+", "reporting")
flipping("staged input", "pass2-worker", r"staged/\d+", "pass2_running", sample="packed")
flipping("match keys", "pass1-worker", r"scan/0/\d+-keys-\w+", reader="match", sample="chunked", cost=3)
flipping("profile of a chunk", "pass1-worker", r"scan/0/\d+-profile-\w+", reader="resolve", sample="chunked", cost=3)
flipping("matches of a partition", "pass1-worker", r"match/\d+/\d+-matches-\w+", reader="resolve", sample="chunked", cost=3)


@fault("storage", "bit flip: what a job left", holds={"output"}, needs={"api", "postgres", "store"}, cost=1)
def flip_result(world, random):
    """Output, report and side files at rest: neither the API nor `sanitizer verify` hands on what is not what was committed."""
    jobs = [j for j in world.jobs if j.id and getattr(j, "checked", False) and not j.may_fail]
    if not jobs:
        return False
    job = random.choice(jobs)
    rows = world.postgres.query("SELECT result FROM tasks WHERE job_id = %s AND stage = 'report' AND state = 'done'", (job.id,))
    if not rows:
        return False
    result = rows[0][0]
    for what, door in (("output", f"/download?format={job.sample.format}"), ("report", "/report")):
        key = result[f"{what}_key"]
        good = world.objects.read(key)
        undo = flip(world, key, random)
        try:
            if what == "output":
                copy = world.folder / f"flipped-{job.id}.{job.sample.format}"
                report = world.folder / f"flipped-{job.id}.json"
                copy.write_bytes(world.objects.read(key))
                report.write_bytes(world.objects.read(result["report_key"]))
                code = subprocess.run([world.binaries / "sanitizer", "verify", copy, "--report", report], capture_output=True).returncode
                copy.unlink()
                report.unlink()
                if code == 0:
                    world.violation("I6", "sanitizer verify takes an output with a flipped bit")
            try:
                answer = client.Client(world, job.tenant, 1).get(f"/api/v1/jobs/{job.id}{door}")
                if answer.status == 200 and answer.body != good:
                    world.violation("I6", f"job {job.id}: the API handed on a {what} with a flipped bit")
            except (OSError, http.client.HTTPException):
                pass
        finally:
            undo()
    for what in ("provenance", "rejects", "matches"):
        if f"{what}_sha256" not in result:
            world.violation("I6", f"job {job.id}: the result has no digest of its {what}")
    return True
