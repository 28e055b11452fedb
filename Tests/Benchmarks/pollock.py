#!/usr/bin/env python3
"""Scores the tolerant reader on the Pollock benchmark of polluted CSV files, with the dialect detected.

usage: pollock.py --sanitizer BINARY --data DIR [--tables first] [--below 9.99] [--worst 20] [--json]

DIR holds `csv/` (or `polluted_files/csv/`), `clean/` with the wanted table of each file, and `pollock_weights.json`. Every file is
read by `sanitizer convert FILE -o out.csv --names original`; both tables are then read by an RFC 4180 reader and compared.

Ten measures a file, each 0 to 1: success, and precision, recall and F1 of the header's cells, of the records (cells of a row without
separator) and of all cells. Cells are compared as they are written, which is stricter than the benchmark's own comparison of normalised
values. simple: sum over the measures of the mean over the files; weighted: by how often a pollution occurs in real files.

Source: Vitagliano et al., "Pollock: A Data Loading Benchmark", PVLDB 16(8), 2023.
"""
import argparse
import csv
import json
import pathlib
import subprocess
import sys
import tempfile
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

csv.field_size_limit(1 << 30)


def rows_of(path):
    with open(path, newline="", encoding="utf-8", errors="surrogateescape") as file:
        return [row for row in csv.reader(file) if row]


def compare(truth, found):
    """Precision, recall and F1 of two bags, as the benchmark defines them: relative to the truth, and to what was found."""
    common = sum((Counter(truth) & Counter(found)).values())
    if not common:
        return [0.0, 0.0, 0.0]
    precision, recall = common / len(truth), common / len(found)
    return [precision, recall, 2 * precision * recall / (precision + recall)]


def measures(truth, found):
    if found is None:
        return [0.0] * 10
    if not truth:
        return [1.0] * 10
    header = compare(truth[0], found[0] if found else [])
    records = [1.0] * 3 if len(truth) == 1 else compare(["".join(r) for r in truth[1:]], ["".join(r) for r in found[1:]])
    cells = compare([c for r in truth for c in r], [c for r in found for c in r])
    return [1.0] + header + records + cells


def read(sanitizer, path, folder, options):
    """The table as the product reads it, or None when it fails; an input without any content is an empty table."""
    out = pathlib.Path(folder) / (path.name + ".out.csv")
    command = [sanitizer, "convert", str(path), "-o", str(out), "--names", "original", "--progress", "none", "--force", *options]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    if done.returncode != 0:
        return [] if "nothing to read" in done.stderr else None
    rows = rows_of(out)
    out.unlink()
    return rows


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sanitizer", required=True)
    parser.add_argument("--data", required=True, type=pathlib.Path)
    parser.add_argument("--below", type=float, help="exit 1 when either score is below this")
    parser.add_argument("--worst", type=int, default=10, help="so many of the worst files are named")
    parser.add_argument("--tables", choices=["append", "first"], help="what follows a repeated header; the benchmark wants first")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()

    extra = ["--tables", options.tables] if options.tables else []
    root = options.data / "polluted_files" if (options.data / "polluted_files").is_dir() else options.data
    weights = json.loads((options.data / "pollock_weights.json").read_text())
    files = sorted((root / "csv").iterdir())
    if not files:
        sys.exit(f"no files in {root / 'csv'}")
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(2) as pool:
        found = list(pool.map(lambda path: read(options.sanitizer, path, folder, extra), files))
    scores = {f.name: measures(rows_of(root / "clean" / f.name), table) for f, table in zip(files, found)}

    simple = sum(sum(m) for m in scores.values()) / len(scores)
    weight = sum(weights[name] for name in scores)
    weighted = sum(weights[name] * sum(m) for name, m in scores.items()) / weight
    perfect = sum(1 for m in scores.values() if min(m) == 1)
    worst = sorted(scores, key=lambda name: (sum(scores[name]), name))[: options.worst]
    if options.json:
        print(json.dumps({"files": len(scores), "perfect": perfect, "simple": simple, "weighted": weighted}))
    else:
        print(f"files {len(scores)}, perfect {perfect}, simple {simple:.4f}, weighted {weighted:.4f}")
        for name in worst:
            if min(scores[name]) < 1:
                print(f"  {sum(scores[name]):7.4f}  {name}  (weight {weights[name]})")
    if options.below and min(simple, weighted) < options.below:
        sys.exit(f"a score is below {options.below}")


if __name__ == "__main__":
    main()
