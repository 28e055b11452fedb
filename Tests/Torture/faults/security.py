"""A stranger with a key of another tenant tries every door (I9), and strings that want to be paths, addresses or SQL."""

import http.client
import json
import urllib.parse

import client
from faults import fault


def doors(port):
    """Every operation of the API's own description: (method, path)."""
    document = json.loads(client.call(port, "x:y", "GET", "/api/openapi.json").body)
    return [(method.upper(), path) for path, operations in document["paths"].items() for method in operations
            if method in ("get", "post", "put", "delete", "patch", "head")]


def knock(port, key, method, path):
    body = b"{}" if method in ("POST", "PUT", "PATCH") else None
    return client.call(port, key, method, path, body, {"Content-Type": "application/json"})


@fault("security", "another tenant's objects", holds={"security"}, needs={"api", "postgres"}, cost=1)
def stranger(world, random):
    """Every operation that names a job or a tenant, with somebody else's."""
    jobs = [j for j in world.jobs if j.id and j.tenant == "acme"]
    if not jobs:
        return False
    job = random.choice(jobs)
    port, key = client.Client(world, "globex", 1).port(), world.keys["globex"]
    happened = False
    try:
        for method, path in doors(port):
            if "{" not in path:
                continue
            answer = knock(port, key, method, path.replace("{job_id}", job.id).replace("{tenant_id}", "acme"))
            world.see_answer(f"{method} {path}", answer)
            if answer.status not in (404, 429, 503):
                world.violation("I9", f"{method} {path} with another tenant's name answers {answer.status}")
            happened = happened or answer.status == 404
        answer = client.call(port, key, "GET", "/api/v1/jobs?tenant_id=acme")
        if answer.status == 200 and any(j["tenant_id"] == "acme" for j in json.loads(answer.body).get("jobs", [])):
            world.violation("I9", "the list of jobs shows another tenant's")
    except (OSError, http.client.HTTPException):
        pass
    return happened


KEYS = ["", "acme:", ":x", "acme:" + "0" * 64, "nobody:" + "a" * 64, "acme:' OR '1'='1", "x" * 600]


@fault("security", "wrong keys", holds={"security"}, needs={"api", "postgres"}, cost=0.5)
def wrong_keys(world, random):
    """Every operation without a right key: turned away before anything is looked up."""
    port = client.Client(world, "acme", 1).port()
    happened = False
    try:
        open_doors = {"/api/v1/health", "/api/v1/health/live", "/api/v1/health/ready", "/api/v1/metrics", "/api/openapi.json", "/api/docs"}
        for method, path in doors(port):
            if path in open_doors:
                continue
            answer = knock(port, random.choice(KEYS), method, path.replace("{job_id}", "x").replace("{tenant_id}", "acme"))
            world.see_answer(f"{method} {path}", answer)
            if answer.status not in (401, 429, 503):
                world.violation("I9", f"{method} {path} with a wrong key answers {answer.status}")
            happened = happened or answer.status == 401
    except (OSError, http.client.HTTPException):
        pass
    return happened


IDS = ["..%2f..%2fetc%2fpasswd", "../../x", "%00", "'; DROP TABLE jobs; --", "1 OR 1=1", "00000000-0000-0000-0000-000000000000", "x" * 3000,
       "%ff%fe", "\u202e", "{job_id}", "*"]


@fault("security", "ids that attack", holds={"security"}, needs={"api", "postgres"}, cost=0.5)
def attack_by_id(world, random):
    port, key = client.Client(world, "acme", 1).port(), world.keys["acme"]
    happened = False
    for method, path in doors(port):
        if "{" not in path or "ingest" in path:
            continue
        id = random.choice(IDS)
        try:
            answer = knock(port, key, method, path.replace("{job_id}", urllib.parse.quote(id, safe="%/.*")))
        except (OSError, http.client.HTTPException):
            continue
        world.see_answer(f"{method} {path} {id[:20]}", answer)
        if answer.status < 400:
            world.violation("I9", f"{method} {path} with the id {id[:40]} answers {answer.status}")
        happened = True
    return happened


NAMES = ["../../../etc/passwd", "..%2f..%2fx", "/etc/passwd", "a\x00b", "'; DROP TABLE jobs; --", "\" OR 1=1 --", "${jndi:ldap://x}",
         "x" * 5000, "\u202e\ufeff", "con", "."]
SOURCES = ["file:///etc/passwd", "file://../../etc/shadow", "http://169.254.169.254/latest/meta-data", "http://127.0.0.1:22/",
           "http://[::1]/", "gopher://x", "s3://../x", "ftp://127.0.0.1/", "file:///proc/self/environ"]


@fault("security", "names and addresses that attack", holds={"security"}, needs={"api", "postgres"}, cost=0.5)
def attack(world, random):
    api = client.Client(world, "acme", 1)
    port = api.port()
    happened = False
    for name in random.sample(NAMES, 4):
        query = urllib.parse.urlencode({"dataset_name": name, "file_name": name})
        try:
            answer = client.call(port, api.key, "POST", f"/api/v1/datasets/acme/ingest?{query}", b"a,b\n1,2\n")
        except (OSError, http.client.HTTPException):
            continue
        world.see_answer("attack by name", answer)
        world.unanswered += answer.status == 202
        happened = True
    for source in random.sample(SOURCES, 4):
        body = json.dumps({"source_uri": source, "dataset_name": "x"}).encode()
        try:
            answer = client.call(port, api.key, "POST", "/api/v1/datasets/acme/ingest", body, {"Content-Type": "application/json"})
        except (OSError, http.client.HTTPException):
            continue
        world.see_answer("attack by source", answer)
        if answer.status == 202:
            world.violation("I9", f"the source {source} was taken")
        happened = True
    return happened
