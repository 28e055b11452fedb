"""The four services as processes, each behind links of its own; what dies is started again, as a cluster would."""

import os
import pathlib
import re
import signal
import subprocess
import threading
import time
import urllib.parse


LISTENING = r'"listening".*?"port":(\d+)|"port":(\d+).*"listening"'


def threads(pid):
    """Name, state and processor time (s) of every thread."""
    out = []
    for folder in pathlib.Path(f"/proc/{pid}/task").glob("*"):
        try:
            name, fields = (folder / "stat").read_text().split("(", 1)[1].rsplit(")", 1)
        except OSError:
            continue
        state, ticks = fields.split()[0], sum(map(int, fields.split()[11:13]))
        out.append(f"{name} {state} {ticks / os.sysconf('SC_CLK_TCK'):.1f}")
    return sorted(out)


class Process:
    """One place for a service: its links stay, the process in it comes and goes."""

    def __init__(self, world, service, number):
        self.world, self.service, self.number = world, service, number
        self.name = f"{service}-{number}"
        self.links = {
            what: world.hub.link("127.0.0.1", urllib.parse.urlsplit(url).port)
            for what, url in (("postgres", world.postgres.url), ("rabbitmq", world.rabbitmq.url))
        }
        if world.s3:
            self.links["s3"] = world.hub.link(*world.s3.endpoint.split(":"))
        self.log = world.folder / "log" / f"{self.name}.log"
        self.child = None
        self.port = None
        self.kept = False
        self.deaths = []
        self.lock = threading.RLock()

    def environment(self):
        def through(url, link, query=""):
            parts = urllib.parse.urlsplit(url)
            where = parts.netloc.rsplit(":", 1)[0] + f":{link.own_port}"
            return urllib.parse.urlunsplit((parts.scheme, where, parts.path, query, ""))

        env = {k: v for k, v in os.environ.items() if not k.startswith("SANITIZER_")}
        env |= self.world.settings
        env["SANITIZER_DATABASE_URL"] = through(self.world.postgres.url, self.links["postgres"])
        env["SANITIZER_AMQP_URL"] = through(self.world.rabbitmq.url, self.links["rabbitmq"], "heartbeat=2&connection_timeout=2000")
        if self.world.s3:
            env |= self.world.s3.environment()
            env["SANITIZER_STORE_URL"] = self.world.s3.url(self.links["s3"].own_port)
        env["SANITIZER_HTTP_PORT"] = str(self.port or 0)
        env["TMPDIR"] = str(self.world.temporary)
        return env

    def start(self, extra=None, wrapper=(), keep=True):
        with self.lock:
            self.kept = keep
            at = self.log.stat().st_size if self.log.exists() else 0
            with self.log.open("ab") as out:
                self.child = subprocess.Popen(
                    [*wrapper, self.world.binaries / self.service], env=self.environment() | (extra or {}), stdout=out, stderr=out,
                    stdin=subprocess.DEVNULL, start_new_session=True)
            self.started_at = at
        return self

    def wait_listening(self, patience=30):
        """Waits until the HTTP port answers; the port that was taken first is kept for ever."""
        self.port = int(self.wait_log(LISTENING, patience))

    def wait_log(self, pattern, patience=30):
        end = time.monotonic() + patience
        while time.monotonic() < end:
            with self.log.open("rb") as log:
                log.seek(self.started_at)
                for line in log.read().decode(errors="replace").splitlines():
                    if match := re.search(pattern, line):
                        return next((g for g in match.groups() if g), match.group(0))
            if not self.alive:
                raise RuntimeError(f"{self.name} ended: {self.log.read_text()[-400:]}")
            time.sleep(0.02)
        raise RuntimeError(f"{self.name} did not log {pattern}")

    @property
    def pid(self):
        return self.child.pid if self.child else None

    @property
    def alive(self):
        return self.child is not None and self.child.poll() is None

    def send(self, number):
        if self.alive:
            # The whole session: a wrapper such as strace would leave its child behind.
            os.killpg(self.pid, number)

    @property
    def is_frozen(self):
        try:
            return pathlib.Path(f"/proc/{self.pid}/stat").read_text().split(")")[-1].split()[0] == "T"
        except OSError:
            return False

    def stop(self, number=signal.SIGTERM, patience=30):
        """Ends the process for good; returns its exit code."""
        with self.lock:
            self.kept = False
            self.send(number)
            self.send(signal.SIGCONT)
            try:
                return self.child.wait(patience)
            except subprocess.TimeoutExpired:
                self.send(signal.SIGKILL)
                self.child.wait()
                return None
            finally:
                self.wait_gone()

    def wait_gone(self):
        """A child of a wrapper may outlive it for a moment and keep its port."""
        end = time.monotonic() + 5
        while time.monotonic() < end:
            try:
                os.killpg(self.pid, 0)
            except ProcessLookupError:
                return
            time.sleep(0.005)

    def replace(self, extra=None, wrapper=()):
        """Another process in this place, at once."""
        with self.lock:
            self.stop(signal.SIGKILL)
            self.start(extra, wrapper)


class Keeper(threading.Thread):
    """Starts what died again, and notes when it died."""

    def __init__(self, world):
        super().__init__(name="keeper", daemon=True)
        self.world = world
        self.done = threading.Event()

    def run(self):
        while not self.done.wait(0.01):
            for process in self.world.processes:
                if not process.lock.acquire(blocking=False):
                    continue
                try:
                    if process.kept and process.child is not None and process.child.poll() is not None:
                        process.deaths.append((process.pid, time.time(), process.child.returncode))
                        process.start()
                finally:
                    process.lock.release()
