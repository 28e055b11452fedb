"""The objects as they are stored, read behind the services' backs: a folder, or a bucket over signed HTTP."""

import datetime
import hashlib
import hmac
import http.client
import pathlib
import time
import urllib.parse
import xml.etree.ElementTree


class Folder:
    kind = "file"

    def __init__(self, path):
        self.path = pathlib.Path(path)

    def read(self, key):
        return (self.path / key).read_bytes()

    def write(self, key, data):
        (self.path / key).write_bytes(data)

    def exists(self, key):
        return (self.path / key).is_file()

    def keys(self, prefix=""):
        top = self.path / prefix
        return sorted(str(p.relative_to(self.path)) for p in top.rglob("*") if p.is_file()) if top.is_dir() else []


class Bucket:
    """S3 with the few calls that checking needs.

    Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
    """

    kind = "s3"

    def __init__(self, server):
        self.server, self.bucket = server, server.bucket

    def call(self, method, key="", query=None, body=b"", patience=30):
        """Status and body; waits for a server that is away."""
        end = time.monotonic() + patience
        while True:
            try:
                status, data = self._once(method, key, query or {}, body)
                if status < 500 or time.monotonic() > end:
                    return status, data
            except (OSError, http.client.HTTPException):
                if time.monotonic() > end:
                    raise
            time.sleep(0.2)

    def _once(self, method, key, query, body):
        keys, host = self.server.environment(), self.server.endpoint
        path = urllib.parse.quote(f"/{self.bucket}" + (f"/{key}" if key else ""))
        text = urllib.parse.urlencode(sorted(query.items()), quote_via=urllib.parse.quote, safe="-_.~")
        now, digest = datetime.datetime.now(datetime.timezone.utc).strftime("%Y%m%dT%H%M%SZ"), hashlib.sha256(body).hexdigest()
        scope = f"{now[:8]}/us-east-1/s3/aws4_request"
        names = "host;x-amz-content-sha256;x-amz-date"
        head = f"host:{host}\nx-amz-content-sha256:{digest}\nx-amz-date:{now}\n"
        canonical = "\n".join([method, path, text, head, names, digest])
        to_sign = "\n".join(["AWS4-HMAC-SHA256", now, scope, hashlib.sha256(canonical.encode()).hexdigest()])
        key_bytes = ("AWS4" + keys["AWS_SECRET_ACCESS_KEY"]).encode()
        for part in scope.split("/"):
            key_bytes = hmac.digest(key_bytes, part.encode(), "sha256")
        signature = hmac.new(key_bytes, to_sign.encode(), "sha256").hexdigest()
        headers = {
            "Host": host, "x-amz-date": now, "x-amz-content-sha256": digest,
            "Authorization": f"AWS4-HMAC-SHA256 Credential={keys['AWS_ACCESS_KEY_ID']}/{scope}, SignedHeaders={names}, "
                             f"Signature={signature}"}
        connection = http.client.HTTPConnection(host, timeout=10)
        try:
            connection.request(method, path + (f"?{text}" if text else ""), body=body or None, headers=headers)
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()

    def create(self):
        status, body = self.call("PUT")
        if status not in (200, 409):
            raise RuntimeError(f"the bucket was not made: {status} {body[:200]}")

    def read(self, key):
        status, data = self.call("GET", key)
        if status != 200:
            raise FileNotFoundError(f"{key}: {status}")
        return data

    def write(self, key, data):
        status, answer = self.call("PUT", key, body=bytes(data))
        if status != 200:
            raise RuntimeError(f"{key} was not written: {status} {answer[:200]}")

    def exists(self, key):
        return self.call("HEAD", key)[0] == 200

    def keys(self, prefix=""):
        found, token = [], None
        while True:
            query = {"list-type": "2", "prefix": prefix} | ({"continuation-token": token} if token else {})
            status, data = self.call("GET", query=query)
            if status != 200:
                raise RuntimeError(f"listing {prefix}: {status} {data[:200]}")
            tree = xml.etree.ElementTree.fromstring(data)
            space = tree.tag[: tree.tag.index("}") + 1] if "}" in tree.tag else ""
            # Markers of folders are no objects.
            found += [c.findtext(f"{space}Key") for c in tree.iter(f"{space}Contents") if not c.findtext(f"{space}Key").endswith("/")]
            token = tree.findtext(f"{space}NextContinuationToken")
            if not token:
                return sorted(found)
