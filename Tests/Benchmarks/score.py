#!/usr/bin/env python3
"""Scores a matches file (row,kept_row,kind,score,...) against the truth of made-up data (row,of_row,kind).

usage: score.py --matches MATCHES.csv --truth SCENARIO.duplicates.csv [--json]

A dropped row is right when it and the row kept in its place are the same entity in the truth. Precision of a kind: right
drops among the drops called so. Recall of a kind: planted duplicates of that kind that were dropped rightly, whatever the
drop was called. Pairwise figures count all pairs inside clusters of dropped rows; asserted ones those with suggestions too.
"""
import argparse
import csv
import json
import sys
from collections import Counter


class Clusters:
    """Union-find over row numbers; rows never mentioned are alone."""

    def __init__(self):
        self.parent = {}

    def find(self, row):
        root = row
        while self.parent.get(root, root) != root:
            root = self.parent[root]
        while self.parent.get(row, row) != root:
            self.parent[row], row = root, self.parent[row]
        return root

    def join(self, a, b):
        a, b = self.find(a), self.find(b)
        self.parent.setdefault(a, a)
        self.parent.setdefault(b, b)
        if a != b:
            self.parent[max(a, b)] = min(a, b)

    def sizes(self):
        return Counter(self.find(row) for row in list(self.parent))


def pairs(count):
    return count * (count - 1) // 2


def ratio(part, whole):
    return part / whole if whole else 1.0


def f1(precision, recall):
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0


def figures(precision, recall, **counts):
    return {"precision": precision, "recall": recall, "f1": f1(precision, recall), **counts}


def read(path, row_key, other_key):
    with open(path, newline="", encoding="utf-8") as file:
        for record in csv.DictReader(file):
            yield int(record[row_key]), int(record[other_key]), record["kind"]


def score(matches_path, truth_path):
    """Precision, recall and F1 for exact and near duplicates, and pairwise over clusters."""
    truth, planted = Clusters(), {}
    for row, source, kind in read(truth_path, "row", "of_row"):
        truth.join(row, source)
        planted[row] = kind
    found, asserted, drops, right, recalled = Clusters(), Clusters(), Counter(), Counter(), Counter()
    for row, kept, kind in read(matches_path, "row", "kept_row"):
        asserted.join(row, kept)
        if kind == "suggested":
            continue
        found.join(row, kept)
        drops[kind] += 1
        if truth.find(row) == truth.find(kept) and row != kept:
            right[kind] += 1
            if row in planted:
                recalled[planted[row]] += 1
    totals = Counter(planted.values())
    result = {
        kind: figures(
            ratio(right[kind], drops[kind]), ratio(recalled[kind], totals[kind]), dropped=drops[kind], planted=totals[kind]
        )
        for kind in ("exact", "near")
    }
    result["pairwise"] = pairwise(truth, found)
    result["asserted"] = pairwise(truth, asserted)
    return result


def pairwise(truth, found):
    both = Counter((truth.find(row), found.find(row)) for row in set(truth.parent) | set(found.parent))
    true_pairs = sum(map(pairs, truth.sizes().values()))
    found_pairs = sum(map(pairs, found.sizes().values()))
    common = sum(map(pairs, both.values()))
    return figures(ratio(common, found_pairs), ratio(common, true_pairs), dropped=found_pairs, planted=true_pairs)


def show(result):
    print(f"{'':<9} {'precision':>9} {'recall':>9} {'F1':>9} {'found':>11} {'planted':>11}")
    for name, values in result.items():
        print(
            f"{name:<9} {values['precision']:>9.4f} {values['recall']:>9.4f} {values['f1']:>9.4f}"
            f" {values['dropped']:>11,} {values['planted']:>11,}"
        )


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--matches", required=True)
    parser.add_argument("--truth", required=True)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    result = score(options.matches, options.truth)
    if options.json:
        json.dump(result, sys.stdout, indent=2)
        print()
    else:
        show(result)


if __name__ == "__main__":
    main()
