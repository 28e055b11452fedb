"""PostgreSQL: killed, deadlocked, out of disk, out of connections, too slow."""

import os
import signal
import threading
import time

import psycopg

from faults import PROCESSES, NotPossible, fault


@fault("postgres", "postmaster kill -9", holds={"postgres"}, needs={"rabbitmq"}, cost=6)
def kill_postmaster(world, random):
    world.postgres.kill()
    began = time.monotonic()
    world.postgres.resume()
    world.settle(60)
    world.recovered("postmaster kill -9", time.monotonic() - began)
    return True


@fault("postgres", "backend kill -9", holds={"postgres"}, cost=1.5)
def kill_backend(world, random):
    rows = world.postgres.query(
        "SELECT pid FROM pg_stat_activity WHERE application_name LIKE 'sanitizer-%' AND backend_type = 'client backend'")
    if not rows:
        return False
    # The server ends all of its backends then, and recovers.
    os.kill(random.choice(rows)[0], signal.SIGKILL)
    return True


@fault("postgres", "backend terminated", holds={"postgres"}, cost=0.5)
def terminate_backends(world, random):
    world.postgres.query(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE 'sanitizer-%' AND random() < 0.5")
    return True


@fault("postgres", "deadlock (40P01)", holds={"postgres"}, needs={"rabbitmq", "wire"} | PROCESSES, cost=2)
def deadlock(world, random):
    def count():
        # Statistics of this database are flushed when a backend goes idle.
        return world.postgres.query("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")[0][0]

    before = count()
    end = time.monotonic() + 4
    while time.monotonic() < end:
        world.submit(2, wait=False)
        try:
            with world.postgres.connect() as connection, connection.transaction():
                connection.execute("SET LOCAL deadlock_timeout = '60s'")
                connection.execute("SET LOCAL lock_timeout = '2s'")
                # The services lock the job first.
                connection.execute("SELECT 1 FROM audit_heads FOR UPDATE")
                time.sleep(0.1)
                connection.execute("SELECT 1 FROM jobs WHERE finished_at IS NULL FOR UPDATE")
        except psycopg.Error:
            pass
        if count() > before:
            return True
    return False


def fill(folder):
    """A file that takes all the space there is; the caller removes it."""
    path = folder / "filler"
    with path.open("wb") as file:
        try:
            while True:
                room = os.statvfs(folder)
                os.posix_fallocate(file.fileno(), file.tell(), max(4096, room.f_bavail * room.f_frsize))
                file.seek(0, os.SEEK_END)
                if os.statvfs(folder).f_bavail == 0:
                    break
        except OSError:
            pass
    return path


@fault("postgres", "disk full", holds={"postgres"}, cost=3)
def disk_full(world, random):
    if world.postgres.folder not in world.mounts:
        raise NotPossible("needs a tmpfs of its own: run as root")
    world.submit(2, wait=False)
    path = fill(world.postgres.folder)
    time.sleep(1.5)
    path.unlink()
    time.sleep(0.2)
    if not world.postgres.is_running():
        world.postgres.resume()
    return True


@fault("postgres", "no free connection", holds={"postgres"}, cost=3)
def no_connection(world, random):
    held = []
    try:
        for _ in range(300):
            held.append(psycopg.connect(world.postgres.url, connect_timeout=3))
    except psycopg.OperationalError:
        pass
    else:
        return False
    try:
        held[0].execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE 'sanitizer-%'")
        # The places that became free are taken before the services come back.
        try:
            for _ in range(100):
                held.append(psycopg.connect(world.postgres.url, connect_timeout=3))
        except psycopg.OperationalError:
            pass
        world.submit(1, wait=False)
        time.sleep(1)
    finally:
        closing = [threading.Thread(target=c.close) for c in held]
        for thread in closing:
            thread.start()
        for thread in closing:
            thread.join()
    return True


@fault("postgres", "statement timeout", holds={"postgres"}, cost=3)
def statement_timeout(world, random):
    table = random.choice(["tasks", "jobs", "outbox", "audit_heads"])
    with world.postgres.connect() as connection, connection.transaction():
        connection.execute("SET LOCAL lock_timeout = '5s'")
        try:
            connection.execute(f"LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE")
        except psycopg.Error:
            return False
        world.submit(1, wait=False)
        time.sleep(2.5)
    return True


@fault("postgres", "serialization failure (40001)", holds={"postgres"}, cost=2)
def serialization(world, random):
    """Every other write of a task or a job fails as a conflict would; each must be tried again."""
    with world.postgres.connect() as connection:
        connection.execute("CREATE SEQUENCE IF NOT EXISTS torture.conflicts")
        connection.execute(
            "CREATE OR REPLACE FUNCTION torture.conflict() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            "IF nextval('torture.conflicts') % 2 = 0 THEN RAISE EXCEPTION 'conflict' USING ERRCODE = '40001'; END IF; RETURN NEW; END $$")
        before = connection.execute("SELECT last_value FROM torture.conflicts").fetchone()[0]
        try:
            for table in ("tasks", "jobs"):
                connection.execute(f"CREATE TRIGGER torture_conflict BEFORE INSERT OR UPDATE ON {table} FOR EACH ROW "
                                   "EXECUTE FUNCTION torture.conflict()")
            world.submit(2, wait=False)
            time.sleep(1.5)
            return connection.execute("SELECT last_value FROM torture.conflicts").fetchone()[0] > before + 1
        finally:
            for table in ("tasks", "jobs"):
                world.postgres.query(f"DROP TRIGGER IF EXISTS torture_conflict ON {table}")
