"""The faults of the catalogue: each injects itself while jobs run, undoes itself, and says whether it really happened."""

from dataclasses import dataclass
from typing import Callable


class NotPossible(Exception):
    """This machine does not permit the fault; the text says why."""


@dataclass
class Fault:
    name: str
    area: str
    # (world, random) -> True when it was injected.
    inject: Callable
    # Faults of different kinds of one group may run side by side (see GROUPS); those without a kind run alone.
    kind: str = ""
    # Seconds, about: the schedule spends its time evenly.
    cost: float = 3.0


# What does not get into each other's way. Beside a kill nothing may delay the broker or the ledger: the time until the dead worker's
# work goes on is checked.
GROUPS = [{"kill-pass1-worker", "kill-pass2-worker", "kill-reporter", "kill-api"}, {"network", "http", "security", "messages", "input"}]

REGISTRY: dict[str, Fault] = {}


def fault(area, name=None, kind="", cost=3.0):
    def register(body):
        key = name or body.__name__.replace("_", "-")
        REGISTRY[key] = Fault(key, area, body, kind, cost)
        return body

    return register


from faults import broker, clock, http, inputs, network, postgres, process, security, storage  # noqa: E402,F401
