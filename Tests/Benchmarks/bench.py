#!/usr/bin/env python3
"""Measures the release build: speed against Polars on the same file, the tiers of matching against Splink, a large run in bounded
memory, accuracy against truth.

Every process is timed from outside, peak memory is what the kernel says of it. Polars is timed inside its process, without
the start of Python, and so is Splink: the comparison never flatters us.
"""
import argparse
import json
import os
import pathlib
import platform
import statistics
import subprocess
import sys
import time

import score

HERE = pathlib.Path(__file__).resolve().parent


def rows_of(text):
    factor = {"k": 1_000, "m": 1_000_000}.get(text[-1].lower(), 1)
    return int(text[:-1] if factor > 1 else text) * factor


def run(command, output=None):
    """Runs a command to its end; returns seconds, peak resident bytes and what it printed. Exits when it fails."""
    start = time.perf_counter()
    process = subprocess.Popen([str(part) for part in command], stdout=subprocess.PIPE, stderr=output or subprocess.DEVNULL)
    printed = process.stdout.read().decode()
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        sys.exit(f"failed with {process.returncode}: {' '.join(map(str, command))}")
    return seconds, usage.ru_maxrss * 1024, printed


def generate(options, rows, scenario="customers", truth="pairs"):
    """Makes the table up unless it is there; returns the path of the CSV and of its duplicates."""
    folder = options.folder / "data" / f"{scenario}-{rows}-{options.seed}"
    table = folder / f"{scenario}.csv"
    if not (folder / f"{scenario}.truth.json").exists():
        print(f"making up {rows:,} rows of {scenario}", file=sys.stderr)
        run(
            [options.sanitizer, "generate", "--rows", rows, "--output-dir", folder, "--seed", options.seed]
            + ["--scenario", scenario, "--truth", truth, "--force"],
            output=sys.stderr,
        )
    return table, folder / f"{scenario}.duplicates.csv"


def clean(options, table, name, *more):
    """A full clean of a table; returns seconds, peak bytes and the folder of its output."""
    out = options.folder / "out" / name
    out.mkdir(parents=True, exist_ok=True)
    for old in out.iterdir():
        old.unlink()
    seconds, peak, _ = run(
        [options.sanitizer, "clean", table, "-o", out / "clean.parquet", "--report", out / "report.json"]
        + ["--matches", out / "matches.csv", "--progress", "none", *more],
        output=sys.stderr if options.verbose else None,
    )
    return seconds, peak, out


def versus_polars(options):
    rows = rows_of(options.rows)
    table, truth = generate(options, rows)
    theirs_out = options.folder / "out" / "polars.parquet"
    theirs_out.parent.mkdir(parents=True, exist_ok=True)
    # Once each to warm the page cache; not counted.
    clean(options, table, "ours")
    run([sys.executable, HERE / "polars_clean.py", table, theirs_out])
    ours, theirs = [], []
    for pair in range(options.pairs):
        our_seconds, our_peak, out = clean(options, table, "ours")
        _, their_peak, printed = run([sys.executable, HERE / "polars_clean.py", table, theirs_out])
        their_seconds = float(printed)
        ours.append((our_seconds, our_peak))
        theirs.append((their_seconds, their_peak))
        print(
            f"pair {pair + 1}: sanitizer {rows / our_seconds:>11,.0f} rows/s {our_peak / 2**20:>6,.0f} MiB"
            f" | polars {rows / their_seconds:>11,.0f} rows/s {their_peak / 2**20:>6,.0f} MiB"
            f" | ratio {their_seconds / our_seconds:.2f}"
        )
    result = {
        "rows": rows,
        "bytes": table.stat().st_size,
        "sanitizer_rows_per_second": rows / statistics.median(s for s, _ in ours),
        "polars_rows_per_second": rows / statistics.median(s for s, _ in theirs),
        "ratio": statistics.median(t / o for (o, _), (t, _) in zip(ours, theirs)),
        "sanitizer_peak_bytes": max(p for _, p in ours),
        "polars_peak_bytes": max(p for _, p in theirs),
    }
    print(
        f"median: sanitizer (full clean, near duplicates too) {result['sanitizer_rows_per_second']:,.0f} rows/s,"
        f" polars (exact dedup and imputation only) {result['polars_rows_per_second']:,.0f} rows/s,"
        f" ratio {result['ratio']:.2f}"
    )
    score.show(score.score(out / "matches.csv", truth))
    return result


def tiers(options):
    """Matching alone, tier by tier: what a clean takes longer than those without near duplicates, one of which runs before each; of a
    round's the median counts. Beside it Splink, which only looks for near duplicates, by rules written for this table; in every round,
    because machines have good and bad minutes."""
    rows = rows_of(options.rows)
    table, truth = generate(options, rows)
    names = ("fast", "balanced", "thorough")
    theirs_out = options.folder / "out" / "splink.csv"
    theirs = []
    alone, whole, peaks = ({name: [] for name in names} for _ in range(3))
    clean(options, table, "off", "--near", "off")  # Warms the page cache; not counted.
    for _ in range(options.pairs):
        _, their_peak, printed = run([sys.executable, HERE / "splink_match.py", table, theirs_out, os.cpu_count()])
        theirs.append((float(printed), their_peak))
        without = []
        for name in names:
            without.append(clean(options, table, "off", "--near", "off")[0])
            seconds, peak, _ = clean(options, table, name, "--near", name)
            whole[name].append(seconds)
            peaks[name].append(peak)
        for name in names:
            alone[name].append(max(whole[name][-1] - statistics.median(without), 1e-3))
    splink = statistics.median(seconds for seconds, _ in theirs)
    result = {"splink": {"rows": rows, "seconds": splink, "peak_bytes": max(peak for _, peak in theirs)}}
    print(
        f"splink    {rows:>9,} rows: {splink:.2f} s = {rows / splink:>9,.0f} rows/s,"
        f" peak {result['splink']['peak_bytes'] / 2**20:,.0f} MiB,{quality(theirs_out, truth)}"
    )
    for name in names:
        out = options.folder / "out" / name
        matching = json.loads((out / "report.json").read_text(encoding="utf-8"))["matching"]
        middle = statistics.median(alone[name])
        found = score.score(out / "matches.csv", truth)["asserted"]
        result[name] = {
            "rows": rows,
            "rows_per_second": rows / middle,
            "seconds": middle,
            "seconds_best": min(alone[name]),
            "seconds_whole": statistics.median(whole[name]),
            "ratio_to_splink": statistics.median(seconds / own for (seconds, _), own in zip(theirs, alone[name])),
            "candidates_per_row": matching["candidate_pairs"] / rows,
            "verified_per_row": matching["verified_pairs"] / rows,
            "peak_bytes": max(peaks[name]),
            "precision": found["precision"],
            "recall": found["recall"],
        }
        print(
            f"{name:<9} {rows:>9,} rows: matching {middle:.2f} s (best {min(alone[name]):.2f}) = {rows / middle:>9,.0f} rows/s"
            f" of {statistics.median(whole[name]):.2f} s, {result[name]['ratio_to_splink']:.1f} times Splink,"
            f" per row {result[name]['candidates_per_row']:.2f} candidates and {result[name]['verified_per_row']:.2f} verified,"
            f" peak {max(peaks[name]) / 2**20:,.0f} MiB,{quality(out / 'matches.csv', truth)}",
            flush=True,
        )
    return result


def quality(matches, truth):
    found = score.score(matches, truth)["asserted"]
    return f" asserted P {found['precision']:.4f} R {found['recall']:.4f}"


def large(options):
    rows = rows_of(options.rows)
    table, truth = generate(options, rows)
    seconds, peak, out = clean(options, table, "large", "--memory", options.memory)
    report = json.loads((out / "report.json").read_text(encoding="utf-8"))
    result = {
        "rows": rows,
        "bytes": table.stat().st_size,
        "seconds": seconds,
        "rows_per_second": rows / seconds,
        "peak_bytes": peak,
        "memory": options.memory,
        "balanced": report["conservation"]["balanced"],
    }
    print(
        f"{rows:,} rows, {result['bytes'] / 1e9:.2f} GB: {seconds:.1f} s, {rows / seconds:,.0f} rows/s,"
        f" peak {peak / 2**20:,.0f} MiB of {options.memory}, balanced {str(result['balanced']).lower()}"
    )
    score.show(score.score(out / "matches.csv", truth))
    return result


def accuracy(options):
    rows = rows_of(options.rows)
    result = {}
    for scenario in ("customers", "orders", "interactions"):
        table, truth = generate(options, rows, scenario)
        _, _, out = clean(options, table, scenario)
        result[scenario] = score.score(out / "matches.csv", truth)
        print(f"{scenario}, {rows:,} rows")
        score.show(result[scenario])
    if options.data:
        command = [sys.executable, HERE / "accuracy.py", "--sanitizer", options.sanitizer, "--data", options.data]
        if subprocess.run([*command, "--folder", options.folder], check=False).returncode != 0:
            sys.exit("accuracy on the sets is worse than recorded")
    command = [sys.executable, HERE / "repair_accuracy.py", "--sanitizer", options.sanitizer]
    if subprocess.run([*command, *(["--data", options.data] if options.data else [])], check=False).returncode != 0:
        sys.exit("accuracy of repair is worse than recorded")
    return result


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sanitizer", required=True, type=pathlib.Path)
    parser.add_argument("--folder", required=True, type=pathlib.Path)
    parser.add_argument("--verbose", action="store_true")
    commands = parser.add_subparsers(required=True)
    for function, name in ((versus_polars, "versus-polars"), (tiers, "tiers"), (large, "large"), (accuracy, "accuracy")):
        command = commands.add_parser(name)
        command.set_defaults(function=function, name=name)
        command.add_argument("--rows", default="1m")
        command.add_argument("--seed", type=int, default=1)
        command.add_argument("--pairs", type=int, default=5)
        command.add_argument("--memory", default="512MiB")
        command.add_argument("--data", type=pathlib.Path, help="public sets with truth, for accuracy")
    options = parser.parse_args()
    print(f"{platform.machine()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}")
    result = options.function(options)
    results = options.folder / "results"
    results.mkdir(parents=True, exist_ok=True)
    (results / f"{options.name}.json").write_text(json.dumps(result, indent=2, sort_keys=True) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
