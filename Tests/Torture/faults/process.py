"""Processes that are killed at a step of the commit order, frozen past their lease, starved, or told to stop."""

import os
import pathlib
import signal
import time

import samples
from services import LISTENING
from faults import PROCESSES, SERVERS, NotPossible, add, fault

WORKER_POINTS = [
    "claim:before", "claim:after", "run:before", "run:after", "store:written", "store:synced", "complete:before", "complete:after",
    "publish:before", "publish:confirmed", "publish:after", "ack:before", "ack:after", "sweep:before", "sweep:after"]
API_POINTS = ["upload:before", "upload:after", "job:after", "publish:before", "publish:confirmed", "publish:after"]
# Ends in an error that no other attempt can mend.
BROKEN = samples.Sample("broken", "broken.xlsx", b"PK\x03\x04 no workbook", "csv")


def submit_broken(world):
    job = world.submit(1, BROKEN)[0]
    job.may_fail = True


def last_claim(world, pid):
    """The task that the process held, and the epoch, when it died with one."""
    rows = world.postgres.query(
        "SELECT task_id, to_epoch FROM torture.journal WHERE worker LIKE %s AND to_state = 'running' ORDER BY sequence DESC LIMIT 1",
        (f"%:{pid}:%",))
    if not rows:
        return None
    task, epoch = rows[0]
    later = world.postgres.query(
        "SELECT 1 FROM torture.journal WHERE task_id = %s AND to_epoch = %s AND to_state <> 'running'", (task, epoch))
    return None if later else (task, epoch)


# What the dead had sent to the ledger was done after their death: there is nothing to take over.
ENDED = object()


def resumed_after(world, held, since, patience=20):
    """Seconds from `since` (a wall clock time) until somebody claimed the task again; None when nobody did."""
    task, epoch = held
    end = time.monotonic() + patience
    while time.monotonic() < end:
        rows = world.postgres.query(
            "SELECT extract(epoch FROM min(at)) FROM torture.journal WHERE task_id = %s AND to_epoch > %s", (task, epoch))
        if rows[0][0] is not None:
            return max(0.0, float(rows[0][0]) - since)
        if world.postgres.query(
                "SELECT 1 FROM torture.journal WHERE task_id = %s AND to_epoch = %s AND to_state NOT IN ('running', 'ready')",
                (task, epoch)):
            return ENDED
        time.sleep(0.05)
    return None


def wait_for(condition, patience, world=None, feed=None):
    end = time.monotonic() + patience
    fed = time.monotonic()
    while time.monotonic() < end:
        if condition():
            return True
        if feed and time.monotonic() - fed > 1.0:
            feed()
            fed = time.monotonic()
        time.sleep(0.01)
    return False


def note_resume(world, name, pid, died, limit):
    held = last_claim(world, pid)
    if held is None:
        return
    seconds = resumed_after(world, held, died)
    if seconds is ENDED:
        return
    if seconds is None:
        world.violation("I4", f"{name}: task {held[0]} was never claimed again")
        return
    world.recovered(name, seconds)
    # The broker gives a dead worker's message to the next one at once: nobody waits for the lease.
    if seconds > limit:
        world.violation("I14", f"{name}: work of a dead worker lay idle for {seconds:.2f} s, longer than {limit} s")


def steady(world, place):
    """Waits until the others of the place's service are at work: how long a task lies idle is asked of them, not of a start."""
    for other in world.places(place.service):
        if other is not place:
            other.wait_log('"dependency":"rabbitmq"')


def kill_at(service, point):
    name = f"kill {service} {point}"

    def inject(world, random):
        place = random.choice(world.places(service))
        steady(world, place)
        before = len(place.deaths)
        place.replace({"SANITIZER_CRASHPOINT": point})
        feed = (lambda: submit_broken(world)) if point.startswith("fail") else (lambda: world.submit(1, wait=False))
        if point.startswith("fail"):
            submit_broken(world)
        if not wait_for(lambda: len(place.deaths) > before, 10, feed=feed):
            place.replace()
            return False
        pid, died, _ = place.deaths[-1]
        world.expected_deaths.add(pid)
        if service != "api" and point not in ("sweep:before", "sweep:after", "ack:after", "ack:before"):
            note_resume(world, name, pid, died, world.resume_limit)
        return True

    # Points of the shared folder's commit are never passed with a bucket.
    stores = ("file",) if point.startswith("store:") else ("file", "s3")
    add(name, "process", inject, holds={service}, needs=SERVERS | {"cpu"}, cost=1.5, stores=stores)


for _service in ("pass1-worker", "pass2-worker", "reporter"):
    for _point in WORKER_POINTS:
        kill_at(_service, _point)
# The second pass: with messages that leave too early it lies between them and their transaction.
for _service in ("pass1-worker", "pass2-worker"):
    kill_at(_service, "complete:before:2")
for _point in ("fail:before", "fail:after"):
    kill_at("pass1-worker", _point)
for _point in API_POINTS:
    kill_at("api", _point)


@fault("process", "kill -9 at any moment", holds=PROCESSES, needs=SERVERS | {"cpu"}, cost=1)
def kill_any(world, random):
    place = random.choice(world.processes)
    time.sleep(random.random() * 0.3)
    steady(world, place)
    pid, before = place.pid, len(place.deaths)
    world.expected_deaths.add(pid)
    place.send(signal.SIGKILL)
    if not wait_for(lambda: len(place.deaths) > before, 5):
        return False
    if place.service != "api":
        note_resume(world, "kill -9 at any moment", pid, place.deaths[-1][1], world.resume_limit)
    return True


def fenced(world):
    return world.postgres.query("SELECT coalesce(sum(fenced_attempts), 0) FROM tenant_usage")[0][0]


@fault("process", "zombie: frozen past its lease", cost=4)
def zombie(world, random):
    service = random.choice(["pass1-worker", "pass2-worker", "reporter"])
    places = world.places(service)
    place = random.choice(places)
    # In every second run its heir stands still before its commit, so that the zombie wakes first and tries to write while
    # somebody else holds the task. There is one job only then: an heir that stands still over another helps nobody.
    heirs = [p for p in places if p is not place] if world.mutation == "no_epoch_check" or random.random() < 0.5 else []
    if heirs:
        world.finish_submitting()
        world.settle()
    place.replace({"SANITIZER_PAUSEPOINT": "complete:before"})
    for heir in heirs:
        heir.send(signal.SIGSTOP)
    if heirs:
        world.submit(1, world.samples[0], wait=False)
    if not wait_for(lambda: place.is_frozen, 10, feed=None if heirs else lambda: world.submit(1, wait=False)):
        place.replace()
        for heir in heirs:
            heir.send(signal.SIGCONT)
        return False
    frozen_at = time.time()
    held = last_claim(world, place.pid)
    for heir in heirs:
        heir.replace({"SANITIZER_PAUSEPOINT": "complete:before"})
    if held is None:
        for one in [place, *heirs]:
            one.send(signal.SIGCONT)
        return False
    seconds = resumed_after(world, held, frozen_at, 15)
    before = fenced(world)
    place.send(signal.SIGCONT)
    if seconds is ENDED:
        for heir in heirs:
            heir.replace()
        return False
    if seconds is None:
        world.violation("I4", "a frozen worker's task was never claimed again")
    else:
        world.recovered("zombie: frozen past its lease", seconds)
    happened = wait_for(lambda: fenced(world) > before, 5)
    for heir in heirs:
        wait_for(lambda: heir.is_frozen, 0.5)
        heir.send(signal.SIGCONT)
    if not happened and seconds is not None:
        world.violation("I7", "a frozen worker woke after its lease and was not turned away")
    return True


@fault("process", "SIGSTOP at any moment", holds=PROCESSES, cost=3.5)
def freeze(world, random):
    place = random.choice(world.processes)
    time.sleep(random.random() * 0.2)
    place.send(signal.SIGSTOP)
    time.sleep(2.5 + random.random())
    place.send(signal.SIGCONT)
    return True


@fault("process", "SIGTERM: drain", holds=PROCESSES, needs=SERVERS, cost=1)
def drain(world, random):
    place = random.choice(world.processes)
    time.sleep(random.random() * 0.3)
    # Before that nobody listens to the signal, and nothing is at stake.
    place.wait_log(LISTENING)
    began = time.monotonic()
    code = place.stop(signal.SIGTERM, 15)
    seconds = time.monotonic() - began
    place.start()
    world.recovered("SIGTERM: drain", seconds)
    if code != 0:
        world.violation("I12", f"{place.name} ended its drain with {code} after {seconds:.1f} s")
    return True


def group(kind, name):
    path = pathlib.Path("/sys/fs/cgroup") / kind / name
    try:
        path.mkdir(exist_ok=True)
    except OSError as error:
        raise NotPossible(f"no control group: {error}") from error
    return path


@fault("process", "out of memory", holds={"pass1-worker", "pass2-worker"}, needs=SERVERS | {"cpu"}, cost=2)
def out_of_memory(world, random):
    place = random.choice(world.places("pass2-worker") + world.places("pass1-worker"))
    steady(world, place)
    box = group("memory", f"torture-{world.seed}-{place.pid}")
    before, pid = len(place.deaths), place.pid
    try:
        (box / "cgroup.procs").write_text(str(pid))
        # Memory that was there before is not charged to the group: all that comes now is.
        (box / "memory.limit_in_bytes").write_text(str(200 << 10))
        happened = wait_for(lambda: len(place.deaths) > before, 6, feed=lambda: world.submit(2, wait=False))
        if happened:
            world.expected_deaths.add(pid)
            note_resume(world, "out of memory", pid, place.deaths[-1][1], world.resume_limit)
    finally:
        if place.alive and place.pid == pid:
            (box.parent / "cgroup.procs").write_text(str(pid))
        try:
            box.rmdir()
        except OSError:
            pass
    return happened


@fault("process", "chunk longer than the heartbeat", holds={"pass1-worker", "pass2-worker"}, cost=6)
def starve(world, random):
    """Two hundredths of a core: the work outlasts several heartbeats (2 s) and lease renewals."""
    place = random.choice(world.places("pass2-worker") + world.places("pass1-worker"))
    box = group("cpu", f"torture-{world.seed}-{place.pid}")
    try:
        (box / "cpu.cfs_period_us").write_text("100000")
        (box / "cpu.cfs_quota_us").write_text("2000")
        (box / "cgroup.procs").write_text(str(place.pid))
        world.submit(2, wait=False)
        time.sleep(5)
    finally:
        if place.alive:
            (box.parent / "cgroup.procs").write_text(str(place.pid))
        try:
            box.rmdir()
        except OSError:
            pass
    return True


def hand_back(name, point, code):
    """A long task when SIGTERM comes: handed back after six tenths of a second, without a charged attempt."""
    def inject(world, random):
        service = "pass1-worker"
        place = random.choice(world.places(service))
        sample = world.large()
        box = group("cpu", f"torture-{world.seed}-{place.number}")
        # Of work that was there before it might take something short.
        world.finish_submitting()
        world.settle()
        extra = {"SANITIZER_PAUSEPOINT": "run:before", "SANITIZER_DRAIN_SECONDS": "1"}
        place.replace(extra | ({"SANITIZER_CRASHPOINT": point} if point else {}))
        held = None
        try:
            world.submit(len(world.places(service)), sample, wait=False)
            if not wait_for(lambda: place.is_frozen, 10, feed=lambda: world.submit(1, sample, wait=False)):
                return False
            held = last_claim(world, place.pid)
            # A twentieth of a core: the work lasts longer than the drain.
            (box / "cpu.shares").write_text("100000")  # its quota is what it lacks, not its share beside a busy machine
            (box / "cpu.cfs_period_us").write_text("50000")
            (box / "cpu.cfs_quota_us").write_text("2500")
            (box / "cgroup.procs").write_text(str(place.pid))
            world.expected_deaths.add(place.pid)
            ended = place.stop(signal.SIGTERM, 15)
        finally:
            place.replace()
            wait_for(lambda: not (box / "cgroup.procs").read_text().split(), 2)
            try:
                box.rmdir()
            except OSError:
                pass
        if held is None:
            return False
        task, epoch = held
        states = [r[0] for r in world.postgres.query(
            "SELECT to_state FROM torture.journal WHERE task_id = %s AND to_epoch = %s ORDER BY sequence", (task, epoch))]
        if ended == 0 and states[-1:] in (["done"], ["quarantined"]):
            return False  # the work was faster, or it was a hostile input of somebody else
        if ended != code:
            world.violation("I12", f"{name}: ended with {ended}, not {code}; its task went {states}")
        if point == "release:before":
            return True
        charged = world.postgres.query("SELECT epoch - attempt FROM tasks WHERE id = %s", (task,))[0][0]
        if charged < 1:
            world.violation("I7", f"{name}: an attempt was charged for a task that was handed back")
        return True

    add(name, "process", inject, holds={"pass1-worker", "cpu"}, needs=SERVERS, cost=4)


hand_back("SIGTERM: handed back", None, 0)
hand_back("kill pass1-worker release:before", "release:before", -signal.SIGKILL)
hand_back("kill pass1-worker release:after", "release:after", -signal.SIGKILL)
