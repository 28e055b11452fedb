"""The wire between one service and one server, through the proxy: delay, loss, half-open links, lost answers."""

import time

from faults import PROCESSES, fault


def any_link(world, random, what=None, place=None):
    place = place or random.choice(world.processes)
    return place.links[what or random.choice(sorted(place.links))]


@fault("network", "latency", holds={"wire"}, cost=2)
def latency(world, random):
    links = [place.links[what] for place in world.processes for what in sorted(place.links) if random.random() < 0.5]
    for link in links:
        link.latency = 0.02 + random.random() * 0.1
    time.sleep(1.5)
    for link in links:
        link.heal()
    return True


@fault("network", "reset", holds={"wire"}, cost=0.5)
def resets(world, random):
    for place in world.processes:
        for link in place.links.values():
            if random.random() < 0.5:
                link.cut()
    return True


@fault("network", "random loss", holds={"wire"}, cost=2)
def loss(world, random):
    for place in world.processes:
        for link in place.links.values():
            link.reset_chance = 0.03
    time.sleep(1.5)
    for place in world.processes:
        for link in place.links.values():
            link.heal()
    return True


@fault("network", "partition", holds={"wire"}, cost=3)
def partition(world, random):
    link = any_link(world, random)
    link.mute_up = link.mute_down = True
    time.sleep(2.5)
    link.heal()
    link.cut()
    return True


@fault("network", "one-way partition", holds={"wire"}, cost=3)
def half_open(world, random):
    link = any_link(world, random)
    if random.random() < 0.5:
        link.mute_up = True
    else:
        link.mute_down = True
    time.sleep(2.5)
    link.heal()
    return True


@fault("network", "server refuses connections", holds={"wire"}, cost=2)
def refuse(world, random):
    links = [any_link(world, random, place=place) for place in world.processes]
    for link in links:
        link.refuses = True
        link.cut()
    time.sleep(1)
    for link in links:
        link.heal()
    return True


@fault("postgres", "reset after COMMIT was sent", holds={"wire"}, needs={"postgres", "rabbitmq"} | PROCESSES, cost=1)
def lost_commit(world, random):
    service, statement = random.choice(
        [("api", b"create_job"), ("pass1-worker", b"complete_task"), ("pass2-worker", b"complete_task"), ("reporter", b"complete_task"),
         ("pass1-worker", b"claim_task"), ("pass2-worker", b"claim_task"), ("api", b"start_idempotency")])
    links = [place.links["postgres"] for place in world.places(service)]
    before = sum(link.lost_answers for link in links)
    for link in links:
        link.lose_answer_to = statement
    end = time.monotonic() + 5
    while sum(link.lost_answers for link in links) == before and time.monotonic() < end:
        world.submit(1, wait=False)
        time.sleep(0.2)
    for link in links:
        link.heal()
    return sum(link.lost_answers for link in links) > before
