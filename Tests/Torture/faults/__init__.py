"""The faults of the catalogue: each injects itself while jobs run, undoes itself, and says whether it really happened.

| area | what goes wrong | injected as |
|---|---|---|
| process | killed before or after each step of the commit order | `kill SERVICE POINT`, `kill -9 at any moment` |
| | frozen past its lease, then awake again | `zombie: frozen past its lease`, `SIGSTOP at any moment` |
| | out of memory | `out of memory` |
| | told to stop, with short and with long work in hand | `SIGTERM: drain`, `SIGTERM: handed back`, `kill pass1-worker release:...` |
| | a chunk that takes longer than heartbeat and lease | `chunk longer than the heartbeat` |
| broker | killed; its disk wiped | `broker kill -9`, `broker's disk wiped` |
| | queue or binding deleted, broken, lost, declared otherwise | `queue deleted`, `queue that serves nobody`, `queue that nothing runs`, `queue that the broker lost`, `binding deleted`, `queue with other arguments` |
| | out of memory or disk | `memory alarm`, `disk alarm` |
| | messages twice, late, out of order, for a cancelled job, unreadable | `messages twice or stale or out of order`, `message for a cancelled job`, `poison message` |
| network | partition, also one way; loss; resets; delay | `packets ...` (in the kernel), `partition`, `one-way partition`, `random loss`, `reset`, `latency`, `server refuses connections` (in the proxy) |
| postgres | postmaster or backend killed; an answer lost after COMMIT | `postmaster kill -9`, `backend kill -9`, `backend terminated`, `reset after COMMIT was sent` |
| | 40001, 40P01, disk full, no connection, slow | `serialization failure (40001)`, `deadlock (40P01)`, `disk full`, `no free connection`, `statement timeout` |
| storage | full; fsync fails | `store full (ENOSPC)`, `EIO on fsync` |
| | a bit flips in input, each kind of intermediate, or output | `bit flip: ...` |
| | bucket: server killed, frozen, 503, upload cut short, answer lost, resets | `S3 ...` |
| clock | 3 days off; jumping back | `clock ...` |
| http | one key at once; client gone; wrong length; slow; too much | `same key 50 times at once`, `client leaves in the middle`, `wrong length`, `slowloris`, `five times the load` |
| input | bombs, forged counts, huge fields, broken text and JSON | `input: ...` (and the fuzzers of `Tests/Fuzzing`) |
| output | formulas in cells | `input: formulas` (and `PartEncoderTests`, `XLSXTests`) |
| security | another tenant's everything; keys, ids, names and addresses that attack | `another tenant's objects`, `wrong keys`, `ids that attack`, `names and addresses that attack` |
"""

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
    # What it disturbs, and what must be left alone meanwhile, of WHOLE.
    holds: frozenset
    needs: frozenset
    # Seconds, about.
    cost: float
    # The stores that it is made for.
    stores: frozenset

    def bears(self, other):
        """Whether both may happen at the same time."""
        return not (self.holds & (other.holds | other.needs) or other.holds & self.needs)


WORKERS = {"pass1-worker", "pass2-worker", "reporter"}
PROCESSES = WORKERS | {"api"}
SERVERS = {"postgres", "rabbitmq", "store", "wire"}
# `cpu`: nothing that keeps both cores busy, because a time is measured.
WHOLE = PROCESSES | SERVERS | {"cpu", "messages", "http", "security", "output", "input"}

REGISTRY: dict[str, Fault] = {}


def add(name, area, inject, holds=WHOLE, needs=(), cost=3.0, stores=("file", "s3")):
    REGISTRY[name] = Fault(name, area, inject, frozenset(holds), frozenset(needs) - frozenset(holds), cost, frozenset(stores))


def fault(area, name, **more):
    def register(body):
        add(name, area, body, **more)
        return body

    return register


from faults import broker, clock, http, inputs, network, packets, postgres, process, s3, security, storage  # noqa: E402,F401
