"""A bucket: its server killed or frozen, answers 503, uploads cut short, answers lost."""

import signal
import time

from faults import PROCESSES, fault
from faults.process import wait_for


def s3_links(world):
    return [place.links["s3"] for place in world.processes]


@fault("s3", "S3 server kill -9", holds={"store"}, needs=PROCESSES | {"postgres", "rabbitmq"}, cost=6, stores=("s3",))
def kill_store(world, random):
    world.submit(2, wait=False)
    time.sleep(random.random() * 0.5)
    world.s3.kill()
    world.s3.resume()
    # From when the server takes a write again: that is its own affair.
    world.objects.write("torture/probe", b"x")
    began = time.monotonic()
    world.submit(1, wait=False)
    world.settle(60)
    world.recovered("S3 server kill -9", time.monotonic() - began)
    return True


@fault("s3", "S3 server frozen", holds={"store"}, cost=4, stores=("s3",))
def freeze_store(world, random):
    world.submit(2, wait=False)
    world.s3.send(signal.SIGSTOP)
    time.sleep(2 + random.random() * 2)
    world.s3.send(signal.SIGCONT)
    return True


def counted(world, count, cost=4):
    """Feeds jobs until the links have done what they were told."""
    before = count()
    happened = wait_for(lambda: count() > before, cost, feed=lambda: world.submit(1, wait=False))
    for link in s3_links(world):
        link.heal()
    return happened


@fault("s3", "S3 answers 503", holds={"store"}, needs=PROCESSES | {"postgres", "rabbitmq"}, cost=2, stores=("s3",))
def slow_down(world, random):
    links = s3_links(world)
    for link in links:
        link.busy_chance = 0.4
    world.submit(2, wait=False)
    time.sleep(1.5)
    return counted(world, lambda: sum(link.busy_answers for link in links) - 1)


@fault("s3", "S3 upload cut short", holds={"store"}, needs=PROCESSES | {"postgres", "rabbitmq"}, cost=2, stores=("s3",))
def cut_upload(world, random):
    links = s3_links(world)
    for link in links:
        link.cut_requests = b"PUT "
    world.submit(2, wait=False)
    return counted(world, lambda: sum(link.cuts for link in links))


@fault("s3", "S3 answer lost after a write", holds={"store"}, needs=PROCESSES | {"postgres", "rabbitmq"}, cost=2, stores=("s3",))
def lost_answer(world, random):
    links = s3_links(world)
    for link in links:
        link.lose_answer_to = b"PUT "
    world.submit(2, wait=False)
    return counted(world, lambda: sum(link.lost_answers for link in links))


@fault("s3", "S3 connections reset", holds={"store"}, cost=2, stores=("s3",))
def loss(world, random):
    world.submit(2, wait=False)
    for link in s3_links(world):
        link.reset_chance = 0.1
    time.sleep(1.5)
    for link in s3_links(world):
        link.heal()
    return True
