"""Clocks of workers: days off, and jumping."""

import pathlib
import time

from faults import PROCESSES, NotPossible, fault

LIBRARIES = list(pathlib.Path("/usr/lib").glob("*/faketime/libfaketime.so.1"))


def shifted(world, random, how):
    if not LIBRARIES:
        raise NotPossible("libfaketime is not installed")
    place = random.choice(world.processes)
    place.replace({"LD_PRELOAD": str(LIBRARIES[0]), "FAKETIME": how, "FAKETIME_DONT_FAKE_MONOTONIC": "1", "FAKETIME_NO_CACHE": "1"})
    world.submit(2, wait=False)
    time.sleep(1.5)
    place.replace()
    return True


@fault("clock", "clock 3 days ahead", holds=PROCESSES, cost=2.5)
def ahead(world, random):
    return shifted(world, random, "+3d")


@fault("clock", "clock 3 days behind", holds=PROCESSES, cost=2.5)
def behind(world, random):
    return shifted(world, random, "-3d")


@fault("clock", "clock jumps back", holds=PROCESSES, cost=4)
def jumps(world, random):
    if not LIBRARIES:
        raise NotPossible("libfaketime is not installed")
    place = random.choice(world.processes)
    file = world.folder / "log" / f"clock-{place.name}"
    file.write_text("+1h")
    place.replace({"LD_PRELOAD": str(LIBRARIES[0]), "FAKETIME_TIMESTAMP_FILE": str(file), "FAKETIME_DONT_FAKE_MONOTONIC": "1",
                   "FAKETIME_NO_CACHE": "1"})
    world.submit(1, wait=False)
    time.sleep(1)
    file.write_text("-2h")
    world.submit(1, wait=False)
    time.sleep(1)
    place.replace()
    return True
