"""I15: a dump and a copy of the objects, taken while jobs run, bring back a system that agrees with itself and goes on."""

import os
import pathlib
import shutil
import subprocess
import threading

import psycopg

import servers

BACKUP = servers.ROOT / "deploy" / "backup" / "backup.sh"


def run(world, url, store, *arguments):
    env = os.environ | {"SANITIZER_DATABASE_URL": url, "SANITIZER_STORE_URL": f"file://{store}"}
    done = subprocess.run([BACKUP, *map(str, arguments)], env=env, capture_output=True, text=True)
    if done.returncode != 0:
        world.violation("I15", f"backup.sh {arguments[0]}: {(done.stdout + done.stderr).strip()[-300:]}")
    return done.returncode == 0


class Churn(threading.Thread):
    """Objects that come and go in a folder of their own, oldest first, as those of erased jobs and ended attempts do."""

    LIVING = 2000

    def __init__(self, store):
        super().__init__(daemon=True)
        self.folder = pathlib.Path(store) / "churn"
        self.ended = threading.Event()

    def make(self, number):
        place = self.folder / str(number) / "plan"
        place.mkdir(parents=True)
        (place / "0").write_bytes(b"x")

    def run(self):
        number = self.LIVING
        while not self.ended.is_set():
            self.make(number)
            shutil.rmtree(self.folder / str(number - self.LIVING))
            number += 1

    def __enter__(self):
        for number in range(self.LIVING):
            self.make(number)
        self.start()

    def __exit__(self, *_):
        self.ended.set()
        self.join()
        shutil.rmtree(self.folder)


def drill(world):
    """Backup under load, restore into another database and folder, check there: rows, objects, audit chain."""
    folder = world.folder / "backup"
    restored = pathlib.Path(world.folder / "restored")
    running = world.submit(6, wait=False)
    with Churn(world.objects.path):
        taken = run(world, world.postgres.url, world.objects.path, "take", folder)
    if not taken:
        return
    for future in running:
        future.result()
    world.settle()
    world.postgres.query("CREATE DATABASE restored")
    url = world.postgres.url.rsplit("/", 1)[0] + "/restored"
    with psycopg.connect(url, autocommit=True) as connection:
        # The journal is ours, and no part of the backup; its triggers come with the tables.
        connection.execute("CREATE SCHEMA torture")
        for name in ("note_task", "note_job"):
            connection.execute(f"CREATE FUNCTION torture.{name}() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'")
    if not (run(world, url, restored, "restore", folder) and run(world, url, restored, "check")):
        return
    with psycopg.connect(url, autocommit=True, options="-c search_path=sanitizer") as connection:
        def one(sql):
            return connection.execute(sql).fetchone()[0]

        if one("SELECT count(*) FROM jobs") == 0:
            world.violation("I15", "nothing was restored")
        # I1 and I3: what ended well is whole.
        if one("SELECT count(*) FROM jobs j WHERE state = 'success' AND erased_at IS NULL AND EXISTS "
               "(SELECT 1 FROM tasks t WHERE t.job_id = j.id AND t.state <> 'done')"):
            world.violation("I15", "a restored job that ended well is not whole")
        if one("SELECT count(*) FROM jobs WHERE finished_at IS NULL AND NOT EXISTS "
               "(SELECT 1 FROM tasks t WHERE t.job_id = jobs.id AND t.state IN ('ready', 'running'))"):
            world.violation("I15", "a restored open job has nothing left to do")
