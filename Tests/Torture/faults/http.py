"""Clients that leave, lie about lengths, dawdle, or all call at once."""

import concurrent.futures
import http.client
import socket
import struct
import time

import client
from faults import fault


def request(world, tenant, sample, length=None, key=None):
    api = client.Client(world, tenant, 3)
    head = f"POST {api.path(sample, 'left')} HTTP/1.1\r\nHost: x\r\nX-API-Key: {api.key}\r\n"
    head += f"Content-Type: application/octet-stream\r\nContent-Length: {length if length is not None else len(sample.data)}\r\n"
    if key:
        head += f"Idempotency-Key: {key}\r\n"
    return api.port(), (head + "\r\n").encode()


@fault("http", "same key 50 times at once", holds={"http", "cpu"}, needs={"api"}, cost=1)
def same_key(world, random):
    sample, tenant = world.samples[0], random.choice(list(world.keys))
    api = client.Client(world, tenant, 5)
    key = f"same-{random.randrange(1 << 40)}"

    def send(_):
        try:
            return client.call(api.port(), api.key, "POST", api.path(sample, "same"), sample.data,
                               {"Idempotency-Key": key, "Content-Type": "application/octet-stream"})
        except (OSError, http.client.HTTPException):
            return None

    with concurrent.futures.ThreadPoolExecutor(50) as pool:
        answers = [a for a in pool.map(send, range(50)) if a]
    ids = {a.json()["job_id"] for a in answers if a.status == 202}
    for answer in answers:
        world.see_answer("same key", answer)
        if answer.status not in (202, 409, 429, 503):
            world.violation("I5", f"same key at once: {answer.status} {answer.body[:120]}")
    if len(ids) > 1:
        world.violation("I5", f"one key made {len(ids)} jobs")
    count = world.postgres.query("SELECT count(*) FROM idempotency_keys WHERE key = %s AND state = 'done'", (key,))[0][0]
    world.unanswered += count
    return True


@fault("http", "client leaves in the middle", holds={"http"}, needs={"api"}, cost=0.5)
def leaves(world, random):
    sample = random.choice(world.samples)
    part = random.choice([0.01, 0.5, 0.99])
    port, head = request(world, "acme", sample)
    try:
        with socket.create_connection(("127.0.0.1", port), 5) as wire:
            wire.sendall(head + sample.data[: int(len(sample.data) * part)])
            if random.random() < 0.5:
                wire.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    except OSError:
        return False
    return True


@fault("http", "wrong length", holds={"http"}, needs={"api"}, cost=0.5)
def wrong_length(world, random):
    sample = world.samples[0]
    port, head = request(world, "acme", sample, length=len(sample.data) + random.choice([1, 1000]))
    try:
        with socket.create_connection(("127.0.0.1", port), 5) as wire:
            wire.sendall(head + sample.data)
            wire.shutdown(socket.SHUT_WR)
            wire.settimeout(5)
            answer = wire.recv(200)
    except OSError:
        return True
    if answer.startswith(b"HTTP/1.1 5") and not answer.startswith(b"HTTP/1.1 503"):
        world.violation("I13", f"wrong length: {answer[:60]}")
    return True


@fault("http", "slowloris", holds={"http"}, needs={"api"}, cost=4)
def slowloris(world, random):
    sample = world.samples[0]
    port, head = request(world, "acme", sample)
    wires = []
    try:
        for i in range(60):
            wire = socket.create_connection(("127.0.0.1", port), 5)
            # Half of them dawdle in the head, half in the body.
            wire.sendall(head[:40] if i % 2 else head + sample.data[:10])
            wires.append(wire)
        answer = client.call(port, world.keys["acme"], "GET", "/api/v1/jobs", timeout=5)
        world.see_answer("slowloris", answer)
        if answer.status not in (200, 429, 503):
            world.violation("I13", f"beside slow clients the API answers {answer.status}")
        time.sleep(3)
        closed = 0
        for wire in wires[::2]:
            wire.settimeout(0.5)
            try:
                closed += wire.recv(1) == b"" or True
            except TimeoutError:
                pass
            except OSError:
                closed += 1
        if closed < len(wires[::2]):
            world.violation("I12", f"{len(wires[::2]) - closed} dawdling uploads are still open after the idle limit")
    except OSError:
        return False
    finally:
        for wire in wires:
            wire.close()
    return True


@fault("http", "five times the load", holds={"http", "cpu"}, needs={"api"}, cost=4)
def overload(world, random):
    """Forty uploads at a time: each is taken or told when to come back, and nobody hangs."""
    sample, tenant = world.samples[0], random.choice(list(world.keys))
    api = client.Client(world, tenant, 11)
    tag = random.randrange(1 << 40)

    def send(number):
        began = time.monotonic()
        try:
            answer = client.call(api.port(), api.key, "POST", api.path(sample, "load"), sample.data,
                                 {"Idempotency-Key": f"load-{tag}-{number}", "Content-Type": "application/octet-stream"}, timeout=30)
        except (OSError, http.client.HTTPException):
            return None, time.monotonic() - began
        world.see_answer("load", answer)
        return answer.status, time.monotonic() - began

    with concurrent.futures.ThreadPoolExecutor(40) as pool:
        outcomes = list(pool.map(send, range(60)))
    for status, seconds in outcomes:
        if status not in (None, 202, 429, 503):
            world.violation("I13", f"under load an upload is answered {status}")
        if seconds > 20:
            world.violation("I13", f"under load an upload took {seconds:.0f} s")
    # Nobody asks again: a call without an answer may have made a job.
    world.unanswered += sum(status in (None, 202) for status, _ in outcomes)
    return any(status == 202 for status, _ in outcomes)
