"""Which faults, in which order, beside how many jobs: decided by the seed, and dealt so that each has its share."""

import concurrent.futures
import random
import threading
import time

import invariants
from faults import REGISTRY, NotPossible

# Seconds of faults in a round, about; a longer fault makes a longer round.
ROUND = 5.0
JOBS_PER_ROUND = 8
LANES = 6
# Set when there shall be no more rounds.
STOP = threading.Event()


class Tally:
    def __init__(self):
        self.injected, self.tried, self.violations, self.impossible, self.seconds = {}, {}, {}, {}, {}

    def note(self, name, happened, violations, seconds):
        self.tried[name] = self.tried.get(name, 0) + 1
        self.injected[name] = self.injected.get(name, 0) + bool(happened)
        self.violations[name] = self.violations.get(name, 0) + violations
        self.seconds[name] = self.seconds.get(name, 0.0) + seconds

    def missing(self, names, times):
        """What was not injected so often yet: a fault that comes too late to meet its moment is dealt again, within reason."""
        return [name for name in names if name not in self.impossible
                for _ in range(times - self.injected.get(name, 0)) if self.tried.get(name, 0) < 2 * times + 3]


def deck(names, times, pick):
    """Each fault `times` times, shuffled in rounds so that every prefix is balanced."""
    out = []
    for _ in range(times):
        names = list(names)
        pick.shuffle(names)
        out += names
    return out


def deal(queue):
    """Takes from the queue what fits into one round: lanes that go side by side, each a list of faults that follow each other."""
    lanes = [[REGISTRY[queue.pop(0)]]]
    budget = max(ROUND, lanes[0][0].cost)
    at = 0
    while at < min(len(queue), 250):
        one = REGISTRY[queue[at]]
        against = [lane for lane in lanes if not all(one.bears(other) for other in lane)]
        if not against and len(lanes) < LANES:
            lanes.append([one])
        elif len(against) == 1 and sum(f.cost for f in against[0]) + one.cost <= budget:
            against[0].append(one)
        else:
            at += 1
            continue
        queue.pop(at)
    return lanes


def run(world, names, jobs, times, seed, say, deadline=None, patience=60):
    """Rounds of jobs and faults until `jobs` were submitted and every fault was injected `times` times (or the time is up)."""
    tally = Tally()
    pick = random.Random(seed)
    names = [name for name in names if world.kind in REGISTRY[name].stores]
    queue = deck(names, times, pick)
    rounds = said = 0
    while True:
        if not queue:
            queue = tally.missing(names, times)
            pick.shuffle(queue)
            if not queue and len(world.jobs) < jobs:
                queue = deck([name for name in names if name not in tally.impossible], 1, pick)
            if not queue:
                return tally
        if STOP.is_set() or deadline and time.monotonic() > deadline:
            say(f"time is up after {len(world.jobs)} jobs; {len(queue)} faults were left")
            return tally
        one_round(world, deal(queue), tally, pick, say, patience)
        rounds += 1
        if sum(tally.tried.values()) - said >= 50:
            said = sum(tally.tried.values())
            say(f"{len(world.jobs)} jobs, {said} faults in {rounds} rounds, {len(queue)} to go")


def one_round(world, lanes, tally, pick, say, patience):
    before, told = sum(world.violations.values()), len(world.details)
    world.submit(JOBS_PER_ROUND, wait=False)
    seeds = [[pick.random() for _ in lane] for lane in lanes]
    with concurrent.futures.ThreadPoolExecutor(len(lanes)) as pool:
        outcomes = [o for lane in pool.map(lambda pair: lane_of(world, *pair), zip(lanes, seeds)) for o in lane]
    stopped = time.monotonic()
    world.finish_submitting()
    names = [one.name for lane in lanes for one in lane]
    if world.settle(patience) is None:
        world.violation("I4", f"jobs still open long after {names}: {world.stuck()}")
        world.abandon()
    settled = time.monotonic() - stopped
    invariants.jobs_and_results(world)
    invariants.processes(world)
    world.tap.check()
    more = sum(world.violations.values()) - before
    for name, (outcome, seconds) in zip(names, outcomes):
        if isinstance(outcome, NotPossible):
            tally.impossible[name] = str(outcome)
        else:
            tally.note(name, outcome, more, seconds)
            world.settled[name].append(settled)
    for text in world.details[told:]:
        say(f"  {text}")
    if more:
        say(f"{len(world.jobs)} jobs; {', '.join(names)}: settled in {settled:.1f} s, {more} VIOLATIONS")


def lane_of(world, faults, seeds):
    time.sleep(seeds[0] * 0.15)
    return [attempt(world, one, seed) for one, seed in zip(faults, seeds)]


def attempt(world, fault, seed):
    began = time.monotonic()
    try:
        outcome = fault.inject(world, random.Random(seed))
    except NotPossible as reason:
        outcome = reason
    except Exception as error:  # a fault that could not be injected is no finding, and the run goes on
        print(f"  {fault.name} was not injected: {type(error).__name__}: {error}", flush=True)
        outcome = False
    return outcome, time.monotonic() - began
