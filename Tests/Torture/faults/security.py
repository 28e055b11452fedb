"""A stranger with a key of another tenant tries every door (I9), and strings that want to be paths, addresses or SQL."""

import http.client
import json
import urllib.parse

import client
from faults import fault


@fault("security", "another tenant's objects", kind="security", cost=0.5)
def stranger(world, random):
    jobs = [j for j in world.jobs if j.id and j.tenant == "acme"]
    if not jobs:
        return False
    job = random.choice(jobs)
    port, key = client.Client(world, "globex", 1).port(), world.keys["globex"]
    doors = [("GET", ""), ("GET", "/report"), ("GET", "/download"), ("GET", "/audit-log"), ("POST", "/audit-log"),
             ("GET", "/confidence-scores"), ("POST", "/confidence-scores"), ("GET", "/events"), ("POST", "/cancel"), ("DELETE", "")]
    happened = False
    for method, door in doors:
        body = b"{}" if method == "POST" else None
        try:
            answer = client.call(port, key, method, f"/api/v1/jobs/{job.id}{door}", body, {"Content-Type": "application/json"})
        except (OSError, http.client.HTTPException):
            continue
        world.see_answer(f"{method} {door}", answer)
        if answer.status not in (404, 429, 503):
            world.violation("I9", f"{method} {door or '/'} of another tenant's job answers {answer.status}")
        happened = happened or answer.status == 404
    try:
        answer = client.call(port, key, "POST", "/api/v1/datasets/acme/ingest?dataset_name=x", b"a\n1\n")
        if answer.status not in (404, 429, 503):
            world.violation("I9", f"an upload into another tenant answers {answer.status}")
        answer = client.call(port, key, "GET", "/api/v1/jobs?tenant_id=acme")
        if answer.status == 200 and any(j["tenant_id"] == "acme" for j in json.loads(answer.body).get("jobs", [])):
            world.violation("I9", "the list of jobs shows another tenant's")
    except (OSError, http.client.HTTPException):
        pass
    return happened


NAMES = ["../../../etc/passwd", "..%2f..%2fx", "/etc/passwd", "a\x00b", "'; DROP TABLE jobs; --", "\" OR 1=1 --", "${jndi:ldap://x}",
         "x" * 5000, "\u202e\ufeff", "con", "."]
SOURCES = ["file:///etc/passwd", "file://../../etc/shadow", "http://169.254.169.254/latest/meta-data", "http://127.0.0.1:22/",
           "http://[::1]/", "gopher://x", "s3://../x", "ftp://127.0.0.1/", "file:///proc/self/environ"]


@fault("security", "names and addresses that attack", kind="security", cost=0.5)
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
