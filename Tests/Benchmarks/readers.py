#!/usr/bin/env python3
"""Reading speed on one thread, against the readers of Arrow, DuckDB and Polars, on the same file in one run.

usage: readers.py --sanitizer BINARY [--folder .bench --rows 1m] [--csv FILE...] [--jsonl FILE...] [--parquet FILE...] [--rounds 3]

Without files a table is made up, as text in all three formats, and one of typed columns as Parquet.

All columns as text, the least processor time of several rounds (a busy machine stretches the elapsed time), peers in processes of their
own; of the product the whole process counts, start included, and what it takes to start is told. Needs pyarrow, duckdb and polars: a peer
that fails ends the run. The product's figure is that of `sanitizer check`: chunks planned and read into cells, with repairs and rejects noted.
"""
import argparse
import json
import os
import pathlib
import subprocess
import sys

import bench

PEERS = {
    "arrow": {
        "csv": "import pyarrow as pa, pyarrow.csv as c\npa.set_cpu_count(1)\nnames = open(F).readline().rstrip().split(',')\n"
        "n = c.read_csv(F, c.ReadOptions(use_threads=False), c.ParseOptions(newlines_in_values=True),"
        " c.ConvertOptions(column_types={k: pa.string() for k in names})).num_rows",
        "jsonl": "import pyarrow.json as j\nn = j.read_json(F, j.ReadOptions(use_threads=False)).num_rows",
        "parquet": "import pyarrow.parquet as p\nn = p.read_table(F, use_threads=False).num_rows",
    },
    "duckdb": {
        "csv": "import duckdb\nn = duckdb.connect(config={'threads': 1}).sql(f\"select * from read_csv('{F}', all_varchar=true)\")"
        ".to_arrow_table().num_rows",
        "jsonl": "import duckdb\nn = duckdb.connect(config={'threads': 1}).sql(f\"select * from read_json('{F}')\").to_arrow_table().num_rows",
        "parquet": "import duckdb\nn = duckdb.connect(config={'threads': 1}).sql(f\"select * from '{F}'\").to_arrow_table().num_rows",
    },
    "polars": {
        "csv": "import polars as p\nn = p.read_csv(F, infer_schema=False).height",
        "jsonl": "import polars as p\nn = p.read_ndjson(F).height",
        "parquet": "import polars as p\nn = p.read_parquet(F).height",
    },
}
FRAME = """import json, resource, time
F = {path!r}
{imports}
elapsed, processor = time.perf_counter(), time.process_time()
{body}
elapsed, processor = time.perf_counter() - elapsed, time.process_time() - processor
print(json.dumps([processor, elapsed, n, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10]))"""


def peer(code, path):
    lines = code.split("\n")
    imports = "\n".join(line for line in lines if line.startswith("import"))
    body = "\n".join(line for line in lines if not line.startswith("import"))
    environment = {**os.environ, "POLARS_MAX_THREADS": "1", "OMP_NUM_THREADS": "1"}
    done = subprocess.run(
        [sys.executable, "-c", FRAME.format(path=path, imports=imports, body=body)], capture_output=True, text=True, env=environment)
    if done.returncode:
        sys.exit(f"a peer failed on {path}:\n{code}\n{done.stderr}")
    # What a library prints by itself comes first.
    return json.loads(done.stdout.splitlines()[-1])


def own(binary, path):
    process = subprocess.Popen([binary, "check", path, "--threads", "1", "--json"], stdout=subprocess.PIPE)
    text = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        sys.exit(f"{binary} failed on {path}")
    found = json.loads(text)
    return [usage.ru_utime + usage.ru_stime, found["seconds"], found["records"], usage.ru_maxrss >> 10]


def start(binary):
    """Processor time until the product is up."""
    process = subprocess.Popen([binary, "--version"], stdout=subprocess.DEVNULL)
    _, _, usage = os.wait4(process.pid, 0)
    return usage.ru_utime + usage.ru_stime


def make_up(options):
    """Customers as text, and orders with the types that cleaning finds."""
    options.folder = pathlib.Path(options.folder)
    rows = bench.rows_of(options.rows)
    table, _ = bench.generate(options, rows)
    options.csv = [table]
    for kind in ("jsonl", "parquet"):
        path = table.with_suffix(f".{kind}")
        if not path.exists():
            bench.run([options.sanitizer, "convert", table, "-o", path, "--progress", "none"], output=sys.stderr)
        setattr(options, kind, [path])
    orders, _ = bench.generate(options, rows, scenario="orders")
    typed = orders.with_suffix(".parquet")
    if not typed.exists():
        bench.run([options.sanitizer, "clean", orders, "-o", typed, "--near", "off", "--progress", "none"], output=sys.stderr)
    options.parquet.append(typed)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sanitizer", required=True)
    for kind in ("csv", "jsonl", "parquet"):
        parser.add_argument(f"--{kind}", nargs="*", default=[])
    parser.add_argument("--folder", default=".bench")
    parser.add_argument("--rows", default="1m")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    if not (options.csv or options.jsonl or options.parquet):
        make_up(options)
    for kind, path in [(kind, path) for kind in ("csv", "jsonl", "parquet") for path in map(str, getattr(options, kind))]:
        size = os.path.getsize(path) / 1e6
        best = {}
        starts = []
        # In turns, so that a busy machine is so for all.
        for _ in range(options.rounds):
            starts.append(start(options.sanitizer))
            runs = {"sanitizer": own(options.sanitizer, path)}
            runs.update({name: peer(code[kind], path) for name, code in PEERS.items()})
            for name, run in runs.items():
                if name not in best or run[0] < best[name][0]:
                    best[name] = run
        if len({rows for _, _, rows, _ in best.values()}) > 1:
            sys.exit(f"the readers disagree on the rows of {path}: {best}")
        fastest = min(run[0] for name, run in best.items() if name != "sanitizer")
        whole = best["sanitizer"][0]
        print(f"{path}: {size:.0f} MB, {best['sanitizer'][2]} rows, {fastest / whole:.2f} times the best peer, "
              f"{fastest / (whole - min(starts)):.2f} times without the {min(starts):.3f} s that the process takes to start")
        for name, (cpu, wall, _, peak) in sorted(best.items(), key=lambda item: item[1][0]):
            print(f"  {name:10} {size / cpu:6.0f} MB/s  {cpu:6.3f} s of processor time  {wall:6.3f} s elapsed  peak {peak:5} MiB", flush=True)


if __name__ == "__main__":
    main()
