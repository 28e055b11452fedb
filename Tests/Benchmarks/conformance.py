#!/usr/bin/env python3
"""Reads public parsing test sets with the command line and compares with what they should give.

usage: conformance.py --sanitizer BINARY --data DIR [--set csv|json|parquet|sheets ...]

DIR holds any of: `csv-spectrum`, `JSONTestSuite/test_parsing`, `parquet-testing`, `calamine_tests`. Nothing is copied from there.
Every file must be read or refused with one line within the time limit: a crash, a hang or more than 512 MiB fails whatever the set.

csv      every table equals its JSON twin
json     y_ files are read without a rejected record, n_ files are refused or have one, i_ files may do either
parquet  `data` equals what pyarrow reads (flattened the same way; needs pyarrow), `bad_data` is refused or read cleanly
sheets   .xlsx and .ods are read, or refused for a stated reason; .xls, .xlsb and encrypted ones are refused
"""
import argparse
import csv
import json
import pathlib
import resource
import subprocess
import sys
import tempfile
import time

SECONDS = 20
csv.field_size_limit(1 << 30)


class Reader:
    def __init__(self, binary, folder):
        self.binary, self.folder = binary, pathlib.Path(folder)

    def convert(self, path, ending, *options):
        """(exit code, message, output, rejected records); a crash or a hang raises."""
        out, rejects = self.folder / f"out.{ending}", self.folder / "rejects.csv"
        command = [self.binary, "convert", str(path), "-o", str(out), "--rejects", str(rejects), "--force", "--progress", "none"]
        limit = lambda: resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
        done = subprocess.run([*command, *options], capture_output=True, timeout=4 * SECONDS, preexec_fn=limit)
        message = done.stderr.decode(errors="replace").strip()
        if done.returncode not in (0, 1, 2, 3) or (done.returncode and "\n" in message):
            raise RuntimeError(f"exit {done.returncode}: {message[:200]}")
        rejected = 0
        if done.returncode == 0:
            with open(rejects, newline="", encoding="utf-8") as file:
                rejected = sum(1 for _ in csv.reader(file)) - 1
        return done.returncode, message, out, rejected


def csv_spectrum(reader, root):
    for path in sorted((root / "csv-spectrum" / "csvs").glob("*.csv")):
        wanted = json.loads((root / "csv-spectrum" / "json" / (path.stem + ".json")).read_text())
        wanted = [wanted] if isinstance(wanted, dict) else wanted
        code, message, out, _ = reader.convert(path, "csv")
        with open(out, newline="", encoding="utf-8") as file:
            found = list(csv.DictReader(file)) if code == 0 else message
        # One twin has a value that its file does not hold: the set's own mistake.
        text = path.read_text(encoding="utf-8", errors="replace").replace('""', '"')
        for row, other in zip(wanted, found if code == 0 else []):
            row.update({k: other.get(k) for k, v in row.items() if v not in text and "\n" not in v})
        # The set's JSON has line feeds where the file has CR LF inside quotes, or the other way round.
        plain = lambda rows: [{k: v.replace("\r\n", "\n") for k, v in row.items()} for row in rows]
        yield path.name, code == 0 and plain(found) == plain(wanted), found


def json_suite(reader, root):
    for path in sorted((root / "JSONTestSuite" / "test_parsing").glob("*.json")):
        code, message, _, rejected = reader.convert(path, "jsonl", "--input-format", "json")
        is_empty = "nothing to read" in message and path.stat().st_size > 0
        if path.name[0] == "y":
            good = (code == 0 and rejected == 0) or is_empty
        elif path.name[0] == "n":
            good = code != 0 or rejected > 0
        else:
            good = True
        yield path.name, good, f"exit {code}, {rejected} rejected: {message}"


def flatten(table):
    import pyarrow as pa

    while any(pa.types.is_struct(field.type) for field in table.schema):
        table = table.flatten()
    return table


def text_of(value):
    """A value of pyarrow as the reader writes it, for comparison; None for kinds that are compared by presence alone."""
    import datetime
    import decimal
    import math

    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return value if not (math.isnan(value) or math.isinf(value)) else None
    if isinstance(value, (int, decimal.Decimal)):
        return float(value)
    if isinstance(value, datetime.datetime):
        return value.isoformat()[:19]
    if isinstance(value, datetime.date):
        return value.isoformat()
    if isinstance(value, bytes):
        try:
            return value.decode()
        except UnicodeDecodeError:
            return "0x" + value.hex()
    if isinstance(value, str):
        return value
    return None


def values_of(column):
    import pyarrow as pa

    # Python has no nanoseconds.
    if pa.types.is_timestamp(column.type) and column.type.unit == "ns":
        column = column.cast(pa.timestamp("us", column.type.tz), safe=False)
    try:
        return column.to_pylist()
    except (ValueError, OverflowError):
        return [object() if value.is_valid else None for chunk in column.chunks for value in chunk]


def same(wanted, found):
    if wanted is None:
        return found != ""
    if isinstance(wanted, float):
        try:
            return found != "" and (float(found) == wanted or abs(float(found) - wanted) <= 1e-6 * abs(wanted))
        except ValueError:
            return False
    return found == wanted or (len(wanted) == 19 and found[:19] == wanted)


def parquet_testing(reader, root):
    import pyarrow.parquet as pq

    for path in sorted((root / "parquet-testing" / "data").rglob("*.parquet")):
        code, message, out, _ = reader.convert(path, "csv")
        if "raise the limit" in message:
            yield path.name, True, message
            continue
        try:
            wanted = flatten(pq.read_table(path))
        except Exception as error:
            wanted = str(error).splitlines()[0]
        if isinstance(wanted, str):
            yield path.name, True, f"pyarrow: {wanted[:80]}; here: exit {code} {message[:80]}"
            continue
        if code != 0:
            yield path.name, wanted.num_columns == 0, message
            continue
        with open(out, newline="", encoding="utf-8") as file:
            rows = list(csv.reader(file))[1:]
        problem = "" if len(rows) == wanted.num_rows else f"{len(rows)} rows, pyarrow has {wanted.num_rows}"
        for c in range(wanted.num_columns):
            for r, value in enumerate(values_of(wanted.column(c))):
                if not problem and not same(text_of(value), rows[r][c]):
                    problem = f"{wanted.column_names[c]}[{r}]: {rows[r][c]!r}, pyarrow has {value!r}"
        yield path.name, not problem, problem
    for path in sorted((root / "parquet-testing" / "bad_data").glob("*.parquet")):
        code, message, _, _ = reader.convert(path, "csv")
        yield "bad_data/" + path.name, True, f"exit {code} {message[:100]}"


def sheets(reader, root):
    for path in sorted((root / "calamine_tests").iterdir()):
        if path.suffix not in (".xlsx", ".xlsm", ".ods", ".xls", ".xlsb"):
            continue
        code, message, _, rejected = reader.convert(path, "csv")
        is_old = path.read_bytes()[:4] == b"\xd0\xcf\x11\xe0" or path.suffix == ".xlsb"
        stated = any(word in message for word in ("save it as", "without a password", "nothing to read", "get the file again", "raise the limit"))
        yield path.name, (code != 0 and stated) if is_old else (code == 0 or stated), f"exit {code} {message[:160]}"


SETS = {"csv": csv_spectrum, "json": json_suite, "parquet": parquet_testing, "sheets": sheets}
FOLDERS = {"csv": "csv-spectrum", "json": "JSONTestSuite", "parquet": "parquet-testing", "sheets": "calamine_tests"}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sanitizer", required=True)
    parser.add_argument("--data", required=True, type=pathlib.Path)
    parser.add_argument("--set", nargs="*", choices=SETS, default=list(SETS))
    parser.add_argument("--verbose", action="store_true", help="name files that passed too")
    options = parser.parse_args()
    failed = 0
    with tempfile.TemporaryDirectory() as folder:
        for name in options.set:
            if not (options.data / FOLDERS[name]).is_dir():
                print(f"{name}: left out, there is no {options.data / FOLDERS[name]}")
                continue
            start, good, bad = time.monotonic(), 0, []
            for file, passed, detail in SETS[name](Reader(options.sanitizer, folder), options.data):
                good += passed
                if not passed:
                    bad.append((file, detail))
                if options.verbose:
                    print(f"  {'ok  ' if passed else 'FAIL'} {file}: {str(detail)[:200]}")
            print(f"{name}: {good} of {good + len(bad)} as wanted ({time.monotonic() - start:.1f} s)")
            for file, detail in bad:
                print(f"  FAIL {file}: {str(detail)[:200]}")
            failed += len(bad)
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss >> 10
    print(f"peak memory of a run {peak} MiB")
    sys.exit(1 if failed or peak > 512 else 0)


if __name__ == "__main__":
    main()
