"""The inputs: several sizes and formats, each with what the embedded run makes of it."""

import gzip
import hashlib
import json
import subprocess
from dataclasses import dataclass, field

CANARY = "canary.7f3a91@torture.example"


@dataclass
class Sample:
    name: str
    file: str
    data: bytes
    format: str = "csv"
    recipe: str | None = None
    weight: int = 1
    # From the embedded run.
    digest: str = ""
    report: dict = field(default_factory=dict)


def orders(rows, seed):
    lines = ["id,name,email,city,amount,day"]
    for i in range(rows):
        n = i - 1 if i % 10 == 9 else i
        city = ["Berlin", "berlin ", "Paris", "Rome", "N/A"][(n * 7 + seed) % 5]
        mail = CANARY if n % 97 == 13 else f"user{n}@example.com"
        amount = "" if n % 7 == 3 else f"{n * 3}.50"
        lines.append(f"{1000 + n}, Ann  Lee{n % 50},{mail},{city},{amount},2026-01-{10 + n % 18}")
    return ("\n".join(lines) + "\n").encode()


def notes(megabytes):
    """Few rows, many bytes: several chunks at little work."""
    row = "lorem ipsum dolor sit amet " * 700
    count = megabytes * (1 << 20) // (len(row) + 20)
    return ("id,title,note\n" + "".join(f"{i},t{i % 40},{row}{i}\n" for i in range(count))).encode()


def lines(rows):
    out = []
    for i in range(rows):
        n = i - 1 if i % 11 == 10 else i
        record = {"id": n, "who": f"P {n % 30}", "mail": CANARY if n == 5 else f"p{n}@example.org", "value": n / 4}
        if n % 5 == 0:
            record["extra"] = {"a": n}
        out.append(json.dumps(record))
    return ("\n".join(out) + "\n").encode()


def make(folder, binaries, chunked_megabytes):
    """Every sample with its expected digest and report."""
    samples = [
        Sample("tiny", "tiny.csv", orders(40, 1), weight=6),
        Sample("small", "small.csv", orders(1000, 2), "parquet", weight=4),
        Sample("lines", "lines.jsonl", lines(300) + b"{{{{\n", "jsonl", weight=3),
        Sample("packed", "packed.csv.gz", gzip.compress(orders(500, 3), mtime=0), weight=2),
        Sample("ragged", "ragged.csv", orders(60, 4) + b'1,2\n"open,3,4\n', weight=2),
    ]
    if chunked_megabytes:
        samples.append(Sample("chunked", "chunked.csv", notes(chunked_megabytes), "parquet", weight=1))
    (folder / "base.csv").write_bytes(orders(400, 5))
    subprocess.run([binaries / "sanitizer", "convert", folder / "base.csv", "-o", folder / "base.parquet", "--force"], check=True,
                   capture_output=True)
    samples.append(Sample("parquet", "base.parquet", (folder / "base.parquet").read_bytes(), "parquet", weight=2))
    return [expect(sample, folder, binaries) for sample in samples]


def large(folder, binaries):
    return expect(Sample("large", "large.csv", orders(20_000, 6), "parquet"), folder, binaries)


def expect(sample, folder, binaries):
    """What the embedded run makes of it."""
    source, out = folder / sample.file, folder / f"{sample.name}.out.{sample.format}"
    source.write_bytes(sample.data)
    report = folder / f"{sample.name}.report.json"
    subprocess.run(
        [binaries / "sanitizer", "clean", source, "-o", out, "--report", report, "--salt", "torture", "--force", "--progress", "none"],
        check=True, capture_output=True)
    sample.digest = hashlib.sha256(out.read_bytes()).hexdigest()
    sample.report = comparable(json.loads(report.read_text()))
    return sample


def comparable(report):
    """The report without what names the run."""
    report = dict(report)
    report.pop("job_id", None)
    return report
