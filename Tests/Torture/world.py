"""Everything that a run needs: servers, services, tenants, expected results, and what was submitted."""

import collections
import concurrent.futures
import os
import pathlib
import random
import shutil
import subprocess
import threading
import time

import client
import objects
import proxy
import samples
import servers
import services

TENANTS = ("acme", "globex")
FINAL = ("success", "failed", "cancelled")


class Job:
    def __init__(self, sample, tenant, key):
        self.sample, self.tenant, self.key = sample, tenant, key
        self.id = None
        self.may_fail = False


class World:
    def __init__(self, binaries, folder, seed, chunked=0, mutation=None, workers=2, apis=1, kind="file"):
        # The store of objects: "file" or "s3".
        self.kind = kind
        self.binaries, self.seed, self.mutation = pathlib.Path(binaries), seed, mutation
        self.folder = pathlib.Path(folder)
        self.random = random.Random(seed)
        self.hub = proxy.Hub()
        self.workers, self.api_count, self.chunked = workers, apis, chunked
        self.jobs = []
        self.violations = collections.Counter()
        self.details = []
        self.recoveries = collections.defaultdict(list)
        self.settled = collections.defaultdict(list)
        # Uploads that may or may not have made a job: nobody heard the answer.
        self.unanswered = 0
        self.pending = []
        self.closing = False
        self.poison = 0
        self.wiped = False
        # A dead worker's task must be claimed again within this many seconds; far less than its lease.
        self.resume_limit = 1.5
        self.processes = []
        self.expected_deaths = set()
        self.lock = threading.Lock()
        self._large = None
        self.submitters = concurrent.futures.ThreadPoolExecutor(6)

    def __enter__(self):
        shutil.rmtree(self.folder, ignore_errors=True)
        for name in ("log", "tmp", "store", "samples"):
            (self.folder / name).mkdir(parents=True)
        os.chmod(self.folder, 0o711)
        self.temporary, store = self.folder / "tmp", self.folder / "store"
        # Both on memory of a bounded size: they can be filled up, and a run does not wear the disk. A long run keeps its jobs.
        self.mounts = []
        for path, size in ((self.folder / "postgres", "700m"), (store, "14g" if self.chunked else "2g")):
            path.mkdir(exist_ok=True)
            if os.geteuid() == 0 and subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size},mode=755", "torture", path]).returncode == 0:
                self.mounts.append(path)
        self.postgres, self.rabbitmq = servers.Postgres(self.folder), servers.RabbitMQ(self.folder)
        self.s3 = servers.SeaweedFS(self.folder) if self.kind == "s3" else None
        self.objects = objects.Bucket(self.s3) if self.s3 else objects.Folder(store)
        try:
            with concurrent.futures.ThreadPoolExecutor(4) as pool:
                making = pool.submit(samples.make, self.folder / "samples", self.binaries, self.chunked)
                for starting in [pool.submit(s.start) for s in (self.postgres, self.rabbitmq, self.s3) if s]:
                    starting.result()
                self.samples = making.result()
            if self.s3:
                self.objects.create()
            self.settings = {
                "SANITIZER_STORE_URL": f"file://{store}", "SANITIZER_HMAC_KEY": "a key for torture only",
                "SANITIZER_LEASE_SECONDS": "2", "SANITIZER_MAX_ATTEMPTS": "15", "SANITIZER_DRAIN_SECONDS": "10",
                "SANITIZER_DISPATCH_MS": "200", "SANITIZER_LOG_LEVEL": "info", "SANITIZER_UPLOAD_IDLE_SECONDS": "2",
                "SANITIZER_STATEMENT_SECONDS": "2", "SANITIZER_COLLECT_SECONDS": "2", "SANITIZER_COLLECT_AFTER_SECONDS": "8",
            }
            if self.mutation:
                self.settings["SANITIZER_MUTATION"] = self.mutation
            self.prepare_ledger()
            self.start_services()
        except BaseException:
            self.close(failed=True)
            raise
        return self

    def __exit__(self, kind, *_):
        self.close(failed=kind is not None)

    def close(self, failed=False):
        self.closing = True
        if hasattr(self, "keeper"):
            self.keeper.done.set()
            self.keeper.join()
        for process in self.processes:
            process.stop(patience=0.1) if process.child else None
        for server in (self.rabbitmq, self.postgres, self.s3):
            try:
                if server is None:
                    continue
                server.stop()
            except RuntimeError as error:
                print(error)
        for mount in self.mounts:
            subprocess.run(["umount", "-l", mount])
        # The logs of a run that found nothing say nothing.
        if not self.violations and not failed:
            shutil.rmtree(self.folder, ignore_errors=True)

    def admin(self, *arguments):
        env = os.environ | {"SANITIZER_DATABASE_URL": self.postgres.url} | self.settings
        done = subprocess.run([self.binaries / "sanitizer", "admin", *arguments], env=env, capture_output=True, text=True)
        if done.returncode != 0:
            raise RuntimeError(f"admin {arguments}: {done.stderr}")
        return done.stdout.strip()

    def prepare_ledger(self):
        self.admin("migrate")
        self.keys = {}
        for tenant in TENANTS:
            self.admin("tenant", "create", tenant)
            self.keys[tenant] = self.admin("key", "create", tenant, "--role", "data_engineer").splitlines()[-1]
        self.postgres.query((pathlib.Path(__file__).parent / "journal.sql").read_text())

    def start_services(self):
        names = [("api", self.api_count)] + [(n, self.workers) for n in ("pass1-worker", "pass2-worker", "reporter")]
        self.processes = [services.Process(self, name, i + 1) for name, count in names for i in range(count)]
        for process in self.processes:
            process.start()
        for process in self.processes:
            process.wait_listening()
        for process in self.processes:
            process.wait_log('"dependency":"postgres"')
        self.keeper = services.Keeper(self)
        self.keeper.start()

    def places(self, service):
        return [p for p in self.processes if p.service == service]

    @property
    def apis(self):
        return self.places("api")

    def large(self):
        """Work for half a second or so of one core; made when first asked for."""
        with self.lock:
            if self._large is None:
                self._large = samples.large(self.folder / "samples", self.binaries)
        return self._large

    # Jobs.

    def submit(self, count=1, sample=None, wait=True, tenant=None):
        """Submits jobs, in parallel; returns them (as futures of jobs when not waited for)."""
        weights = [s.weight for s in self.samples]
        futures = []
        for _ in range(count):
            chosen = sample or self.random.choices(self.samples, weights)[0]
            job = Job(chosen, tenant or self.random.choice(TENANTS), f"k-{self.seed}-{len(self.jobs)}")
            self.jobs.append(job)
            futures.append(self.submitters.submit(self.send, job, self.random.random()))
            self.pending.append(futures[-1])
        return [f.result() for f in futures] if wait else futures

    def send(self, job, seed):
        try:
            job.id = client.Client(self, job.tenant, seed).submit(job.sample, job.sample.name, job.key)
        except (TimeoutError, RuntimeError) as error:
            self.violation("I5", f"{job.key}: {error}")
        return job

    def see_answer(self, what, answer):
        """An error that the service must not make: 503 says when to come back, every other 5xx is a defect."""
        if answer.status == 503 and "retry-after" not in answer.headers:
            self.violation("I13", f"{what}: 503 without Retry-After")
        elif answer.status >= 500 and answer.status != 503:
            self.violation("I13", f"{what}: {answer.status} {answer.body[:160]}")

    def open_jobs(self):
        return self.postgres.query("SELECT count(*) FROM jobs WHERE finished_at IS NULL")[0][0]

    def settle(self, patience=60):
        """Waits until no job is open; returns the seconds, or None when some never end.

        On a machine that is busy otherwise a job may take long, so patience is lost only while the services hardly compute,
        but it ends in any case: what computes for ever is no better than what stands still.
        """
        began = looked = time.monotonic()
        computed, idle = self.processor_seconds(), 0.0
        while self.open_jobs():
            now = time.monotonic()
            if now - looked >= 1:
                total = self.processor_seconds()
                idle += now - looked if total - computed < 0.1 * (now - looked) else 0
                computed, looked = total, now
            if idle > patience or now - began > 5 * patience:
                return None
            time.sleep(0.05)
        return time.monotonic() - began

    def processor_seconds(self):
        """What the services that are alive now have computed."""
        ticks = 0
        for process in self.processes:
            try:
                fields = pathlib.Path(f"/proc/{process.pid}/stat").read_text().rsplit(")", 1)[1].split()
                ticks += int(fields[11]) + int(fields[12])
            except OSError:
                pass
        return ticks / os.sysconf("SC_CLK_TCK")

    def finish_submitting(self, patience=90):
        done, open_calls = concurrent.futures.wait(self.pending, patience)
        self.pending = list(open_calls)

    def stuck(self):
        """Open jobs with their open tasks, and what the threads of the processes that hold one are doing."""
        jobs = self.postgres.query(
            "SELECT j.id::text, j.state, array_agg(t.stage || ' ' || t.idx || ' ' || t.state) FROM jobs j JOIN tasks t ON t.job_id = j.id "
            "WHERE j.finished_at IS NULL AND t.state <> 'done' GROUP BY 1, 2 LIMIT 3")
        holders = {row[0] for row in self.postgres.query("SELECT worker FROM tasks WHERE state = 'running'")}
        held = {p.name: services.threads(p.pid) for p in self.processes if any(f":{p.pid}:" in holder for holder in holders)}
        return f"{jobs}; {held}"

    def abandon(self):
        """Cancels what never ends, so that the run goes on; the violation is noted."""
        for id, tenant in self.postgres.query("SELECT id, tenant_id FROM jobs WHERE finished_at IS NULL"):
            self.postgres.query("SELECT cancel_job(%s, %s, 'torture')", (id, tenant))
            for job in self.jobs:
                if job.id == str(id):
                    job.may_fail = True

    def violation(self, invariant, text):
        with self.lock:
            self.violations[invariant] += 1
            if self.violations[invariant] <= 5:
                self.details.append(f"{invariant}: {text}")

    def recovered(self, fault, seconds):
        with self.lock:
            self.recoveries[fault].append(seconds)
