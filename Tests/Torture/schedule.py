"""Which faults, in which order, beside how many jobs: decided by the seed alone."""

import concurrent.futures
import random
import time

import invariants
from faults import GROUPS, REGISTRY, NotPossible


class Tally:
    def __init__(self):
        self.injected, self.tried, self.violations, self.impossible = {}, {}, {}, {}

    def note(self, name, happened, violations):
        self.tried[name] = self.tried.get(name, 0) + 1
        self.injected[name] = self.injected.get(name, 0) + bool(happened)
        self.violations[name] = self.violations.get(name, 0) + violations


def deck(names, seed, length):
    """`length` faults, shuffled in rounds so that every prefix is balanced. Steps of the commit order and hostile inputs are many
    of one kind: every other fault comes three times as often."""
    pick = random.Random(seed)
    often = [name for name in names if not REGISTRY[name].kind.startswith(("kill", "input"))]
    rounds = [list(names), often, often] if length > 3 * len(names) else [list(names)]
    out = []
    while len(out) < length:
        for names in rounds:
            names = list(names)
            pick.shuffle(names)
            out += names
    return out[:length]


def run(world, names, jobs, seed, say, deadline=None, patience=60):
    """Rounds of jobs and faults until `jobs` were submitted and every fault had its turn (or the time is up)."""
    tally = Tally()
    pick = random.Random(seed)
    queue = deck(names, seed, max(jobs, len(names)) + 8)
    at = 0
    per_round = 8
    while (len(world.jobs) < jobs or at < len(names)) and at + 4 < len(queue):
        if deadline and time.monotonic() > deadline:
            say(f"time is up after {len(world.jobs)} jobs")
            break
        chosen = [REGISTRY[queue[at]]]
        at += 1
        group = next((g for g in GROUPS if chosen[0].kind in g), set())
        for ahead in range(at, min(at + 60, len(queue))):
            one = REGISTRY[queue[ahead]]
            if one.kind in group and one.kind not in {f.kind for f in chosen}:
                chosen.append(one)
                queue[at], queue[ahead] = queue[ahead], queue[at]
                at += 1
        before, told = sum(world.violations.values()), len(world.details)
        futures = world.submit(per_round, wait=False)
        time.sleep(pick.random() * 0.15)
        seeds = [pick.random() for _ in chosen]
        with concurrent.futures.ThreadPoolExecutor(len(chosen)) as pool:
            outcomes = list(pool.map(lambda pair: attempt(world, *pair), zip(chosen, seeds)))
        concurrent.futures.wait(futures)
        stopped = time.monotonic()
        world.finish_submitting()
        if world.settle(patience) is None:
            world.violation("I4", f"jobs still open {patience} s after {[f.name for f in chosen]}: {world.stuck()}")
            world.abandon()
        settled = time.monotonic() - stopped
        invariants.jobs_and_results(world)
        invariants.processes(world)
        world.tap.check()
        more = sum(world.violations.values()) - before
        for text in world.details[told:]:
            say(f"  {text}")
        for one, outcome in zip(chosen, outcomes):
            if isinstance(outcome, NotPossible):
                tally.impossible[one.name] = str(outcome)
            else:
                tally.note(one.name, outcome, more)
                world.settled[one.name].append(settled)
        if more or at % 20 < len(chosen):
            say(f"{len(world.jobs)} jobs, {at} faults; {', '.join(f.name for f in chosen)}: settled in {settled:.1f} s"
                + (f", {more} VIOLATIONS" if more else ""))
    return tally


def attempt(world, fault, seed):
    try:
        return fault.inject(world, random.Random(seed))
    except NotPossible as reason:
        return reason
    except Exception as error:  # a fault that could not be injected is no finding, and the run goes on
        print(f"  {fault.name} was not injected: {type(error).__name__}: {error}", flush=True)
        return False

