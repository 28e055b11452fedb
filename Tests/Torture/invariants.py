"""I1 to I15, read from durable state: the ledger, the object store, the broker, the processes."""

import collections
import hashlib
import json
import os
import pathlib
import re
import subprocess

import samples

KEYED = re.compile(r"/(\d+)-[a-z]+-([0-9a-f]{64})$")


def check(world):
    """Everything that holds when no job is open. Violations go to the world."""
    jobs_and_results(world)
    provenance(world)
    submissions(world)
    transitions(world)
    fencing(world)
    audit(world)
    queues(world)
    objects(world)
    processes(world)


def jobs_and_results(world):
    rows = world.postgres.query(
        "SELECT j.id::text, j.state, j.error_code, j.rows_processed, j.duplicates_found, t.result "
        "FROM jobs j LEFT JOIN tasks t ON t.job_id = j.id AND t.stage = 'report' AND t.state = 'done' "
        "WHERE j.erased_at IS NULL AND NOT j.id = ANY (%s::uuid[])",
        ([job.id for job in world.jobs if getattr(job, "checked", False)],))
    known = {job.id: job for job in world.jobs if job.id}
    for id, state, code, rows_processed, duplicates, result in rows:
        job = known.get(id)
        if state == "failed" and not code:
            world.violation("I13", f"job {id} failed without a reason")
        if job is None or getattr(job, "checked", False):
            continue
        job.checked = True
        if state != "success":
            if not job.may_fail:
                world.violation("I4", f"job {id} ({job.sample.name}) ended {state}: {code}")
            continue
        output, report = world.objects.read(result["output_key"]), json.loads(world.objects.read(result["report_key"]))
        c = report["conservation"]
        parts = c["kept"] + c["exact_duplicates"] + c["near_duplicates"] + c["quarantined"] + c["rejected"]
        if not c["balanced"] or c["input"] != parts:
            world.violation("I1", f"job {id}: {c}")
        if hashlib.sha256(output).hexdigest() != job.sample.digest:
            world.violation("I2", f"job {id} ({job.sample.name}): another output than the embedded run")
        if samples.comparable(report) != job.sample.report:
            world.violation("I2", f"job {id} ({job.sample.name}): another report than the embedded run")
        if rows_processed != c["input"] or duplicates != c["exact_duplicates"] + c["near_duplicates"]:
            world.violation("I3", f"job {id}: counters {rows_processed}, {duplicates} are not those of the report {c}")
    for id, stage, index in world.postgres.query(
            "SELECT job_id::text, stage, idx FROM tasks t WHERE state <> 'done' AND EXISTS "
            "(SELECT 1 FROM jobs j WHERE j.id = t.job_id AND j.state = 'success')"):
        world.violation("I3", f"job {id} ended well without {stage} {index}")
    for id, in world.postgres.query("SELECT id::text FROM jobs WHERE finished_at IS NULL"):
        world.violation("I4", f"job {id} has not ended")


def provenance(world):
    """What provenance says is the same in every job of a sample."""
    known = {job.id: job for job in world.jobs if job.id}
    seen = {}
    for id, parts in world.postgres.query(
            "SELECT job_id::text, array_agg(regexp_replace(coalesce(result ->> 'provenance_key', result ->> 'provenanceKey', ''), "
            "'^.*-', '') ORDER BY idx) FROM tasks WHERE stage = 'clean' AND state = 'done' GROUP BY 1"):
        if id in known and getattr(known[id], "checked", False) and not known[id].may_fail:
            if seen.setdefault(known[id].sample.name, parts) != parts:
                world.violation("I2", f"job {id} ({known[id].sample.name}): other provenance")


def submissions(world):
    accepted = [job.id for job in world.jobs if job.id]
    if len(set(accepted)) != len(accepted):
        world.violation("I5", "two keys got one job")
    rows = dict(world.postgres.query("SELECT k.key, k.job_id::text FROM idempotency_keys k WHERE k.state = 'done'"))
    for job in world.jobs:
        if job.id and rows.get(job.key) != job.id:
            world.violation("I5", f"{job.key}: accepted as {job.id}, the ledger has {rows.get(job.key)}")
    count = world.postgres.query("SELECT count(*) FROM jobs")[0][0]
    most = len(set(accepted)) + world.unanswered
    if not len(set(accepted)) <= count <= most:
        world.violation("I5", f"{count} jobs for {len(set(accepted))} accepted and {world.unanswered} unanswered uploads")


def transitions(world):
    for id, a, b in world.postgres.query(
            "SELECT job_id::text, from_state, to_state FROM torture.journal n WHERE task_id IS NULL AND from_state IS NOT NULL "
            "AND NOT EXISTS (SELECT 1 FROM job_transitions t WHERE t.from_state = n.from_state AND t.to_state = n.to_state)"):
        world.violation("I4", f"job {id}: {a} to {b}")
    for id, a, b in world.postgres.query(
            "SELECT task_id, from_state, to_state FROM torture.journal n WHERE task_id IS NOT NULL AND from_state <> to_state "
            "AND NOT EXISTS (SELECT 1 FROM task_transitions t WHERE t.from_state = n.from_state AND t.to_state = n.to_state)"):
        world.violation("I4", f"task {id}: {a} to {b}")


def fencing(world):
    for id, in world.postgres.query(
            "SELECT DISTINCT task_id FROM torture.journal WHERE task_id IS NOT NULL AND (to_epoch < from_epoch "
            "OR (from_state IN ('done', 'quarantined', 'cancelled')))"):
        world.violation("I7", f"task {id} was written after its end, or its epoch shrank")
    for id, stage, index, epoch, result in world.postgres.query(
            "SELECT job_id::text, stage, idx, epoch, result::text FROM tasks WHERE state = 'done'"):
        for key in re.findall(r'"(tenants/[^"]+)"', result):
            match = KEYED.search(key)
            if match and f"/{stage}/{index}/" in key and int(match.group(1)) != epoch:
                world.violation("I7", f"{stage} {index} of job {id}: epoch {epoch} committed what epoch {match.group(1)} wrote")


def audit(world):
    for tenant in world.keys:
        broken, entries, _ = world.postgres.query("SELECT * FROM audit_break(%s)", (tenant,))[0]
        if broken is not None:
            world.violation("I8", f"the chain of {tenant} breaks at {broken}")


def tampering(world):
    """An edit, a deletion and a reordering must each break the chain; tried in transactions that are rolled back."""
    edits = {
        "an edit": "UPDATE audit_logs SET actor = 'nobody' WHERE tenant_id = 'acme' AND sequence = 3",
        "a deletion": "DELETE FROM audit_logs WHERE tenant_id = 'acme' AND sequence = 3",
        "a cut tail": "DELETE FROM audit_logs WHERE tenant_id = 'acme' AND sequence = (SELECT max(sequence) FROM audit_logs "
                      "WHERE tenant_id = 'acme')",
        "a reordering": "UPDATE audit_logs SET sequence = CASE sequence WHEN 3 THEN -4 ELSE -3 END WHERE tenant_id = 'acme' AND "
                        "sequence IN (3, 4); UPDATE audit_logs SET sequence = -sequence WHERE tenant_id = 'acme' AND sequence < 0",
    }
    with world.postgres.connect() as connection:
        for what, sql in edits.items():
            with connection.transaction(force_rollback=True):
                connection.execute("ALTER TABLE audit_logs DISABLE TRIGGER audit_append_only")
                connection.execute("ALTER TABLE audit_logs DROP CONSTRAINT audit_logs_sequence_check")
                connection.execute(sql)
                if connection.execute("SELECT broken_at FROM audit_break('acme')").fetchone()[0] is None:
                    world.violation("I8", f"{what} in the audit log went unnoticed")


def queues(world):
    open_rows = world.postgres.query("SELECT count(*) FROM outbox WHERE published_at IS NULL")[0][0]
    if open_rows:
        world.violation("I11", f"{open_rows} messages never left the outbox")


def objects(world):
    """Every object whose key tells its digest has it; every object that a result names is there."""
    there = set(world.objects.keys("tenants/"))
    for id, result in world.postgres.query(
            "SELECT t.job_id::text, t.result::text FROM tasks t JOIN jobs j ON j.id = t.job_id WHERE t.state = 'done' "
            "AND j.state = 'success' AND j.erased_at IS NULL AND t.stage IN ('clean', 'report')"):
        for key in re.findall(r'"(tenants/[^"]+)"', result):
            if key not in there:
                world.violation("I6", f"job {id}: {key} is missing")
    for key in there:
        match = KEYED.search(key)
        try:
            if match and hashlib.sha256(world.objects.read(key)).hexdigest() != match.group(2):
                world.violation("I6", f"{key} is not what its name says")
        except FileNotFoundError:
            pass  # collected since it was listed; what a result names was looked for above


def leftovers(world):
    """After the collector's round: an input for every job, what results name, and nothing else."""
    kept = set()
    for prefix, state in world.postgres.query("SELECT spec ->> 'keyPrefix', state FROM jobs WHERE erased_at IS NULL"):
        kept.add(f"{prefix}input")
    for result, in world.postgres.query("SELECT result::text FROM tasks WHERE state = 'done' AND stage IN ('clean', 'report')"):
        kept.update(re.findall(r'"(tenants/[^"]+)"', result))
    there = set(world.objects.keys("tenants/"))
    for key in sorted(there - kept)[:5]:
        world.violation("I6", f"{key} belongs to nobody and was not collected")
    for key in sorted(k for k in kept - there)[:5]:
        world.violation("I6", f"{key} is missing")
    for path in world.temporary.rglob("*"):
        if path.is_file():
            world.violation("I12", f"{path.name} was left in the temporary folder")


def processes(world):
    for process in world.processes:
        for pid, _, code in process.deaths:
            if pid not in world.expected_deaths:
                world.expected_deaths.add(pid)
                world.violation("I13", f"{process.name} died by itself with {code}")


def canaries(world):
    """Personal data in none of: logs, the ledger, the broker's files, temporary files."""
    needle = samples.CANARY.encode()
    dump = subprocess.run(["pg_dump", world.postgres.url], capture_output=True, check=True).stdout
    if needle in dump:
        world.violation("I10", "in the database")
    for folder in (world.folder / "log", world.rabbitmq.folder, world.temporary):
        for path in folder.rglob("*"):
            if path.is_file() and needle in path.read_bytes():
                world.violation("I10", f"in {path.relative_to(world.folder)}")


def footprint(process):
    """Resident bytes, threads, open descriptors, and to what these lead: files, pipes, each server, or others."""
    base = pathlib.Path(f"/proc/{process.pid}")
    status = (base / "status").read_text()
    peers = {str(link.own_port): name for name, link in process.links.items()}
    there = {}
    for line in (base / "net" / "tcp").read_text().splitlines()[1:]:
        fields = line.split()
        there[f"socket:[{fields[9]}]"] = peers.get(str(int(fields[2].rsplit(":", 1)[1], 16)), "callers")
    kinds = collections.Counter()
    for number in os.listdir(base / "fd"):
        try:
            target = os.readlink(base / "fd" / number)
        except FileNotFoundError:
            continue
        kinds[there.get(target, target.split(":", 1)[0] if ":" in target else "files")] += 1
    return {
        "rss_kb": int(re.search(r"VmRSS:\s+(\d+)", status).group(1)),
        "descriptors": kinds.total(), "threads": int(re.search(r"Threads:\s+(\d+)", status).group(1)), "kinds": kinds,
    }


def dead_letters(world, letters, quarantined):
    """One to one with the quarantined tasks, beside what was no message of ours; unless the broker lost its disk on the way."""
    tasks, foreign = [], 0
    for _, body, _ in letters:
        try:
            tasks.append(json.loads(body)["task_id"] if json.loads(body).get("v") == 1 else None)
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            tasks.append(None)
        if not isinstance(tasks[-1], int):
            tasks.pop()
            foreign += 1
    for task in set(tasks) - quarantined:
        world.violation("I11", f"a dead letter for task {task}, which is not quarantined")
    if world.wiped:
        return
    for task in quarantined - set(tasks):
        world.violation("I11", f"no dead letter for the quarantined task {task}")
    if foreign < world.poison:
        world.violation("I11", f"{world.poison} poison messages, {foreign} dead letters for them")
