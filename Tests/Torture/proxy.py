"""A TCP proxy between one service and one server: latency, resets, half-open links, an answer lost after COMMIT."""

import asyncio
import random
import re
import socket
import struct
import threading


REQUEST = re.compile(rb"(GET|PUT|POST|HEAD|DELETE) /")
BUSY_BODY = b"<?xml version='1.0'?><Error><Code>SlowDown</Code><Message>Reduce your request rate.</Message></Error>"
BUSY = (b"HTTP/1.1 503 Slow Down\r\nContent-Type: application/xml\r\nConnection: close\r\nContent-Length: %d\r\n\r\n" % len(BUSY_BODY)) + BUSY_BODY


class Link:
    """One listener, and how its connections are treated at the moment."""

    def __init__(self, hub, host, port):
        self.hub, self.host, self.port = hub, host, port
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.listener.setblocking(False)
        self.own_port = self.listener.getsockname()[1]
        self.latency = 0.0
        self.refuses = False
        self.mute_up = self.mute_down = False
        self.reset_chance = 0.0
        self.lose_answer_to = None
        self.lost_answers = 0
        # HTTP only: a share of the requests that is answered 503; the kind of request of which half is carried.
        self.busy_chance = 0.0
        self.busy_answers = 0
        self.cut_requests = None
        self.cuts = 0
        self.pairs = set()
        self.random = random.Random(self.own_port)

    def heal(self):
        self.latency = self.reset_chance = self.busy_chance = 0.0
        self.refuses = self.mute_up = self.mute_down = False
        self.lose_answer_to = self.cut_requests = None

    def cut(self):
        """Ends every connection with a reset."""
        self.hub.call(self._cut)

    def _cut(self):
        for pair in list(self.pairs):
            for writer in pair:
                reset(writer)

    async def serve(self):
        loop = asyncio.get_running_loop()
        while True:
            connection, _ = await loop.sock_accept(self.listener)
            if self.refuses:
                connection.close()
                continue
            asyncio.create_task(self.carry(connection))

    async def carry(self, connection):
        reader, writer = await asyncio.open_connection(sock=connection)
        try:
            far_reader, far_writer = await asyncio.open_connection(self.host, self.port)
        except OSError:
            reset(writer)
            return
        pair = (writer, far_writer)
        self.pairs.add(pair)
        state = {"doomed": False}
        try:
            await asyncio.gather(
                self.pump(reader, far_writer, pair, state, up=True), self.pump(far_reader, writer, pair, state, up=False))
        finally:
            self.pairs.discard(pair)
            for end in pair:
                end.close()

    async def pump(self, reader, writer, pair, state, up):
        try:
            while data := await reader.read(65536):
                if self.latency:
                    await asyncio.sleep(self.latency)
                while self.mute_up if up else self.mute_down:
                    await asyncio.sleep(0.05)
                if up and self.busy_chance and REQUEST.match(data) and self.random.random() < self.busy_chance:
                    self.busy_answers += 1
                    pair[0].write(BUSY)
                    await pair[0].drain()
                    pair[0].write_eof()
                    pair[1].transport.abort()
                    return
                if up and self.cut_requests and data.startswith(self.cut_requests):
                    self.cuts += 1
                    self.cut_requests = None
                    writer.write(data[: len(data) // 2])
                    await writer.drain()
                    await asyncio.sleep(0.05)
                    for end in pair:
                        reset(end)
                    return
                if up and self.lose_answer_to and self.lose_answer_to in data:
                    state["doomed"] = True
                if not up and state["doomed"]:
                    # The server has answered: it has committed. The client shall never know.
                    self.lost_answers += 1
                    self.lose_answer_to = None
                    for end in pair:
                        reset(end)
                    return
                if self.reset_chance and self.random.random() < self.reset_chance:
                    for end in pair:
                        reset(end)
                    return
                writer.write(data)
                await writer.drain()
            writer.write_eof()
        except (OSError, asyncio.IncompleteReadError, RuntimeError):
            for end in pair:
                reset(end)


def reset(writer):
    raw = writer.get_extra_info("socket")
    if raw is not None:
        try:
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        except OSError:
            pass
    writer.transport.abort()


class Hub:
    """The thread that carries all links."""

    def __init__(self):
        self.loop = asyncio.new_event_loop()
        threading.Thread(target=self.loop.run_forever, name="proxy", daemon=True).start()

    def call(self, body):
        self.loop.call_soon_threadsafe(body)

    def link(self, host, port):
        made = Link(self, host, port)
        asyncio.run_coroutine_threadsafe(made.serve(), self.loop)
        return made
