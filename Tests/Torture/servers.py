"""PostgreSQL, RabbitMQ and SeaweedFS on loopback: started, killed, resumed, wiped."""

import collections
import os
import pathlib
import shutil
import signal
import subprocess
import threading
import time

import psycopg

ROOT = pathlib.Path(__file__).resolve().parents[2]
LOCAL = ROOT / "deploy" / "local"


def script(name, command, folder):
    done = subprocess.run([LOCAL / f"{name}.sh", command, folder], capture_output=True, text=True)
    if done.returncode != 0:
        raise RuntimeError(f"{name}.sh {command}: {done.stderr.strip()[-400:]}")


def pid_in(path):
    try:
        return int(path.read_text().split()[0])
    except (OSError, ValueError, IndexError):
        return None


def kill(pid):
    try:
        os.kill(pid, signal.SIGKILL)
    except (ProcessLookupError, TypeError):
        pass


class Server:
    name = ""

    def __init__(self, folder):
        self.folder = folder / self.name
        self.lock = threading.Lock()

    def start(self):
        script(self.name, "start", self.folder)

    def stop(self):
        script(self.name, "stop", self.folder)

    def resume(self):
        script(self.name, "resume", self.folder)

    @property
    def url(self):
        return (self.folder / "url").read_text().strip()


class Postgres(Server):
    name = "postgres"

    def __init__(self, folder):
        super().__init__(folder)
        self.idle = collections.deque()

    @property
    def pid_file(self):
        return self.folder / "data" / "postmaster.pid"

    def kill(self):
        """kill -9 of the postmaster: its children end by themselves, without a word to their clients."""
        kill(pid_in(self.pid_file))

    def is_running(self):
        pid = pid_in(self.pid_file)
        return pid is not None and os.path.exists(f"/proc/{pid}")

    def connect(self):
        return psycopg.connect(self.url, autocommit=True, connect_timeout=5, options="-c search_path=sanitizer")

    def query(self, sql, arguments=None, patience=60):
        """Rows; waits for a server that is away. Connections are kept: a new one costs the server more than most questions."""
        end = time.monotonic() + patience
        while True:
            connection = None
            try:
                try:
                    connection = self.idle.pop()
                except IndexError:
                    connection = self.connect()
                cursor = connection.execute(sql, arguments)
                rows = cursor.fetchall() if cursor.description else []
                self.idle.append(connection)
                return rows
            except psycopg.OperationalError:
                if connection:
                    connection.close()
                if time.monotonic() > end:
                    raise
                time.sleep(0.2)


class RabbitMQ(Server):
    name = "rabbitmq"

    def kill(self):
        kill(pid_in(self.folder / "pid"))
        deadline = time.monotonic() + 10
        while self.is_running() and time.monotonic() < deadline:
            time.sleep(0.05)

    def is_running(self):
        pid = pid_in(self.folder / "pid")
        if pid is None:
            return False
        try:
            return pathlib.Path(f"/proc/{pid}/stat").read_text().split(")")[-1].split()[0] != "Z"
        except OSError:
            return False

    def wipe(self):
        shutil.rmtree(self.folder / "mnesia", ignore_errors=True)

    def control(self, *arguments):
        """rabbitmqctl, as the broker's user."""
        text = f"source {self.folder}/environment; cd {self.folder}; source {LOCAL}/lib.sh; "
        text += 'as_user "$(server_user rabbitmq)" env ERL_CRASH_DUMP_SECONDS=0 '
        text += '"$(printf "%s\\n" /usr/lib/rabbitmq/lib/rabbitmq_server-*/sbin | sort -V | tail -1)/rabbitmqctl" "$@"'
        done = subprocess.run(["bash", "-c", text, "-", *arguments], capture_output=True, text=True, timeout=60)
        if done.returncode != 0:
            raise RuntimeError(f"rabbitmqctl {arguments}: {(done.stdout + done.stderr)[-300:]}")
        return done.stdout


class SeaweedFS(Server):
    name = "seaweedfs"
    bucket = "torture"

    def send(self, number):
        """To the server, which is one process."""
        try:
            os.kill(pid_in(self.folder / "pid"), number)
        except (ProcessLookupError, TypeError):
            pass

    def kill(self):
        self.send(signal.SIGKILL)

    def url(self, port):
        """The bucket, as a service reaches it through a port."""
        return f"s3://{self.bucket}?endpoint=127.0.0.1:{port}&scheme=http&region=us-east-1"

    def environment(self):
        return {
            "AWS_ACCESS_KEY_ID": (self.folder / "access-key").read_text().strip(),
            "AWS_SECRET_ACCESS_KEY": (self.folder / "secret-key").read_text().strip(),
        }

    @property
    def endpoint(self):
        return (self.folder / "endpoint").read_text().strip()
