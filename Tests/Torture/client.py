"""An HTTP client that does what a client must: repeats what got no answer, with the same Idempotency-Key."""

import http.client
import json
import random
import time
import urllib.parse


class Answer:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    def json(self):
        return json.loads(self.body)


def call(port, key, method, path, body=None, headers=None, timeout=20):
    """One call on a connection of its own. Raises OSError or HTTPException when no answer came."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=timeout)
    try:
        connection.request(method, path, body=body, headers={"X-API-Key": key} | (headers or {}))
        answer = connection.getresponse()
        return Answer(answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read())
    finally:
        connection.close()


class Client:
    def __init__(self, world, tenant, seed):
        self.world, self.tenant, self.key = world, tenant, world.keys[tenant]
        self.random = random.Random(seed)

    def port(self):
        return self.random.choice([p.port for p in self.world.apis])

    def path(self, sample, name):
        query = {"dataset_name": name, "file_name": sample.file, "format": sample.format, "salt": "torture"}
        return f"/api/v1/datasets/{self.tenant}/ingest?{urllib.parse.urlencode(query)}"

    def submit(self, sample, name, key, patience=60):
        """The job's id; sends again until an answer says that the job is accepted."""
        end = time.monotonic() + patience
        while True:
            status = None
            try:
                answer = call(self.port(), self.key, "POST", self.path(sample, name), sample.data,
                              {"Content-Type": "application/octet-stream", "Idempotency-Key": key})
                status = answer.status
                if status == 202:
                    return answer.json()["job_id"]
                self.world.see_answer("ingest", answer)
                if status not in (408, 409, 429, 500, 503) and not (status == 400 and b"upload_incomplete" in answer.body):
                    raise RuntimeError(f"submit: {status} {answer.body[:200]}")
            except (OSError, http.client.HTTPException):
                pass
            if time.monotonic() > end or self.world.closing:
                raise TimeoutError(f"no job after {patience} s, last status {status}")
            time.sleep(0.05 + self.random.random() * 0.2)

    def get(self, path, **more):
        return call(self.port(), self.key, "GET", path, **more)
