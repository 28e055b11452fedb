"""The broker: killed, wiped, its queues deleted or changed, out of memory or disk, and messages that nobody should send."""

import json
import random as randomness
import time

import pika

from faults import PROCESSES, fault

QUEUES = ("pass1", "pass2", "report")


def channel(world):
    parameters = pika.URLParameters(world.rabbitmq.url)
    parameters.socket_timeout = 5
    connection = pika.BlockingConnection(parameters)
    return connection, connection.channel()


@fault("broker", "broker kill -9", holds={"rabbitmq"}, needs={"postgres"} | PROCESSES, cost=14)
def kill_broker(world, random):
    world.rabbitmq.kill()
    began = time.monotonic()
    world.rabbitmq.resume()
    world.submit(1, wait=False)
    world.settle(60)
    world.recovered("broker kill -9", time.monotonic() - began)
    return True


@fault("broker", "broker's disk wiped", holds={"rabbitmq"}, needs={"postgres"} | PROCESSES, cost=14)
def wipe_broker(world, random):
    world.rabbitmq.kill()
    world.rabbitmq.wipe()
    world.wiped = True
    began = time.monotonic()
    world.rabbitmq.resume()
    world.submit(1, wait=False)
    world.settle(60)
    world.recovered("broker's disk wiped", time.monotonic() - began)
    return True


@fault("broker", "queue deleted", holds={"rabbitmq"}, cost=1)
def delete_queue(world, random):
    connection, open_channel = channel(world)
    open_channel.queue_delete(random.choice(QUEUES))
    connection.close()
    world.submit(1, wait=False)
    return True


@fault("broker", "queue that serves nobody", holds={"rabbitmq"}, cost=15)
def broken_queue(world, random):
    """As a broker leaves it that died while it made or deleted the queue: declared, but its process answers nobody."""
    return break_queue(world, f"sys:suspend('%2F_{random.choice(QUEUES)}').")


@fault("broker", "queue that nothing runs", holds={"rabbitmq"}, cost=15)
def lost_queue(world, random):
    """Declared, but its process is gone: who subscribes gets an internal error (541)."""
    return break_queue(world, f"ra:stop_server(quorum_queues, {{'%2F_{random.choice(QUEUES)}', node()}}).")


@fault("broker", "queue that the broker lost", holds={"rabbitmq"}, cost=18)
def unregistered_queue(world, random):
    """Its record is gone and its process runs on: it cannot be declared again (541) while the broker runs."""
    queue = random.choice(QUEUES)
    break_queue(world, f'rabbit_amqqueue:internal_delete(rabbit_misc:r(<<"/">>, queue, <<"{queue}">>), <<"torture">>).')
    end = time.monotonic() + 60
    while consumers(world, queue) == 0 and time.monotonic() < end:
        time.sleep(0.5)
    world.settle(60)
    # As the operator does in the end: the process goes, and the queue that took its place.
    world.rabbitmq.control("eval", f"ra:force_delete_server(quorum_queues, {{'%2F_{queue}', node()}}).")
    connection, open_channel = channel(world)
    open_channel.queue_delete(queue)
    connection.close()
    return True


def consumers(world, queue):
    """Of a queue; none while there is no such queue."""
    connection, open_channel = channel(world)
    try:
        return open_channel.queue_declare(queue, passive=True).method.consumer_count
    except pika.exceptions.ChannelClosedByBroker:
        return 0
    finally:
        connection.close()


def break_queue(world, command):
    world.rabbitmq.control("eval", command)
    world.rabbitmq.control("close_all_connections", "torture")
    world.submit(1, wait=False)
    world.settle(60)
    return True


@fault("broker", "binding deleted", holds={"rabbitmq"}, cost=1)
def delete_binding(world, random):
    connection, open_channel = channel(world)
    queue = random.choice(QUEUES)
    open_channel.queue_unbind(queue, "sanitizer.tasks", queue)
    connection.close()
    world.submit(1, wait=False)
    return True


@fault("broker", "queue with other arguments", holds={"rabbitmq"}, needs={"postgres"}, cost=5)
def other_arguments(world, random):
    connection, open_channel = channel(world)
    queue = random.choice(QUEUES)
    open_channel.queue_delete(queue)
    try:
        open_channel.queue_declare(queue, durable=True, arguments={"x-max-length": 50})
        open_channel.queue_bind(queue, "sanitizer.tasks", queue)
        happened = True
    except pika.exceptions.ChannelClosedByBroker:
        happened = False  # the services were faster
    world.submit(2)
    world.settle(30)
    connection, open_channel = channel(world)
    open_channel.queue_delete(queue)
    connection.close()
    return happened


def alarm(world, on, off):
    world.rabbitmq.control(*on)
    try:
        world.submit(1, wait=False)
        time.sleep(1)
    finally:
        world.rabbitmq.control(*off)
    return True


@fault("broker", "memory alarm", holds={"rabbitmq"}, cost=4)
def memory_alarm(world, random):
    return alarm(world, ("set_vm_memory_high_watermark", "0.00001"), ("set_vm_memory_high_watermark", "0.5"))


@fault("broker", "disk alarm", holds={"rabbitmq"}, cost=4)
def disk_alarm(world, random):
    return alarm(world, ("set_disk_free_limit", "900000GB"), ("set_disk_free_limit", "50MB"))


def publish(open_channel, queue, body):
    open_channel.basic_publish("sanitizer.tasks", queue, body, pika.BasicProperties(delivery_mode=2))


@fault("broker", "messages twice or stale or out of order", holds={"messages"}, needs={"rabbitmq", "postgres", "api"}, cost=1)
def repeat_messages(world, random):
    rows = world.postgres.query(
        "SELECT routing_key, body FROM outbox WHERE exchange = 'sanitizer.tasks' ORDER BY id DESC LIMIT 60")
    twice = [(key, body) for key, body in rows for _ in range(2)]
    randomness.Random(random.random()).shuffle(twice)
    connection, open_channel = channel(world)
    for key, body in twice:
        publish(open_channel, key, body)
    connection.close()
    return bool(twice)


@fault("broker", "message for a cancelled job", holds={"messages"}, needs={"rabbitmq", "postgres", "api"}, cost=1)
def cancelled_job(world, random):
    import client

    job = world.submit(1)[0]
    job.may_fail = True
    api = client.Client(world, job.tenant, 1)
    answer = client.call(api.port(), api.key, "POST", f"/api/v1/jobs/{job.id}/cancel")
    rows = world.postgres.query("SELECT routing_key, body FROM outbox WHERE job_id = %s AND task_id IS NOT NULL", (job.id,))
    connection, open_channel = channel(world)
    for key, body in rows:
        publish(open_channel, key, body)
    connection.close()
    world.see_answer("cancel", answer)
    return answer.status < 300


@fault("broker", "poison message", holds={"messages"}, needs={"rabbitmq", "postgres", "api"}, cost=1)
def poison(world, random):
    queue = random.choice(QUEUES)
    bodies = [b"not JSON", b"\xff\xfe\x00", json.dumps({"v": 99, "task_id": 1, "job_id": "x"}).encode(),
              json.dumps({"v": 1, "task_id": "one"}).encode(), b"[" * 5000, b"x" * 70000]
    connection, open_channel = channel(world)
    for body in bodies:
        publish(open_channel, queue, body)
    # A task that does not exist is no poison: its job may have been erased.
    publish(open_channel, queue, json.dumps({"v": 1, "task_id": 10**15, "job_id": "00000000-0000-7000-8000-000000000000"}))
    connection.close()
    world.poison += len(bodies)
    return True


def dead_letters(world):
    """Every dead letter: (queue, body, reason header). They stay where they are."""
    connection, open_channel = channel(world)
    found = []
    for queue in QUEUES:
        while True:
            method, properties, body = open_channel.basic_get(f"{queue}.dead")
            if method is None:
                break
            found.append((queue, body, (properties.headers or {}).get("x-sanitizer-reason")))
    connection.close()  # unacknowledged: all of them go back
    return found


class Tap:
    """Hears every event; a message that the ledger does not know was sent too early."""

    def __init__(self, world):
        self.world = world
        connection, open_channel = channel(world)
        open_channel.exchange_declare("sanitizer.events", "topic", durable=True)
        open_channel.queue_declare("torture.tap", durable=True)
        open_channel.queue_bind("torture.tap", "sanitizer.events", "#")
        connection.close()

    def check(self):
        connection, open_channel = channel(self.world)
        heard = []
        try:
            while True:
                method, properties, body = open_channel.basic_get("torture.tap", auto_ack=True)
                if method is None:
                    break
                heard.append((int(properties.message_id or 0), method.routing_key))
        except pika.exceptions.ChannelClosedByBroker:
            pass
        finally:
            if connection.is_open:
                connection.close()
        known = {row[0] for row in self.world.postgres.query("SELECT id FROM outbox WHERE id = ANY (%s)", ([h[0] for h in heard],))}
        for number, key in heard:
            if number and number not in known:
                self.world.violation("I11", f"event {key} was published and its transaction never was")
        return len(heard)
