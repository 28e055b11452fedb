#!/usr/bin/env python3
"""Scores zero-configuration matching on sets with known truth, in every tier, with peers' figures beside ours.

usage: accuracy.py --sanitizer BINARY --data DIR --folder SCRATCH [--tiers thorough,balanced,fast] [--sets a,b] [--record]

Pairwise: every pair of rows inside a cluster counts. `asserted` takes all lines of the matches file (exact, near and
suggested), `dropped` only the rows that were removed. Sets of two sources are run once more with `across`. The
reliability table says how many pairs of a score were true.
Figures are compared with accuracy.json beside this script: one that is worse by more than the tolerance ends the run
with 1. --record writes that file.
"""
import argparse
import csv
import json
import pathlib
import subprocess
import sys
from collections import Counter

import matching_sets
from score import Clusters, f1, pairs, ratio
from variations import VARIATIONS, variations

RECORDED = pathlib.Path(__file__).resolve().parent / "accuracy.json"
# The thorough tier on sets of two sources, whose rows may match across them only.
ACROSS = "across"
EDGES = [0.0, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99, 0.999, 1.0001]


def clean(options, tables, name, tier):
    out = options.folder / "matching" / f"{name}-{tier}"
    out.mkdir(parents=True, exist_ok=True)
    command = [options.sanitizer, "clean", *tables, "-o", out / "clean.csv", "--matches", out / "matches.csv"]
    command += ["--report", out / "report.json", "--progress", "none", "--force"]
    if tier == ACROSS:
        recipe = out / "recipe.yaml"
        recipe.write_text("deduplicate: {across: inputs}\n", encoding="utf-8")
        command += ["--near", "thorough", "--recipe", recipe]
    else:
        command += ["--near", tier]
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        sys.exit(f"{name} ({tier}) failed with {done.returncode}: {done.stderr[:400]}")
    with open(out / "matches.csv", newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file)), json.loads((out / "report.json").read_text(encoding="utf-8"))


def pairwise(lines, truth):
    """Precision, recall and F1 over the pairs inside the clusters that the lines make."""
    found = Clusters()
    for line in lines:
        found.join(int(line["row"]), int(line["kept_row"]))
    both = Counter((truth.find(row), found.find(row)) for row in set(truth.parent) | set(found.parent))
    common = sum(map(pairs, both.values()))
    precision = ratio(common, sum(map(pairs, found.sizes().values())))
    recall = ratio(common, sum(map(pairs, truth.sizes().values())))
    return {"precision": precision, "recall": recall, "f1": f1(precision, recall)}


def score_set(options, own, tier, reliability):
    table = options.folder / "matching" / f"{own.name}.csv"
    table.parent.mkdir(parents=True, exist_ok=True)
    if tier == ACROSS:
        tables = own.write_sources(table)
    else:
        own.write(table)
        tables = [table]
    lines, report = clean(options, tables, own.name, tier)
    if tier == ACROSS:
        # The truth does not know of equal rows within one source.
        lines = [line for line in lines if line["kind"] != "exact"]
    truth = Clusters()
    for a, b in own.pairs:
        truth.join(a, b)
    dropped = [line for line in lines if line["kind"] != "suggested"]
    for line in lines:
        if line["kind"] != "exact":
            right = truth.find(int(line["row"])) == truth.find(int(line["kept_row"]))
            reliability.append((float(line["score"]), right))
    matching = report["matching"]
    return {
        "asserted": pairwise(lines, truth),
        "dropped": pairwise(dropped, truth),
        "rows_dropped": len(dropped),
        "wrong_drops": sum(truth.find(int(d["row"])) != truth.find(int(d["kept_row"])) for d in dropped),
        "candidates": matching["candidate_pairs"],
        "estimated_recall": matching["recall"]["estimate"] if matching.get("recall") else None,
    }


def score_variations(options, sets):
    """F1 of each set in other presentations, thorough, without configuration."""
    print(f"\n{'variation':<14}" + "".join(f" {own.name:>14}" for own in sets))
    result = {}
    rows = {name: [""] * len(sets) for name in VARIATIONS}
    for i, own in enumerate(sets):
        for name, varied in variations(own):
            got = score_set(options, varied, "thorough", [])
            rows[name][i] = f"{got['asserted']['f1']:.3f}" + (f" ({got['wrong_drops']})" if got["wrong_drops"] else "")
            result.setdefault(own.name, {})[name] = {
                "f1": got["asserted"]["f1"], "wrong_drops": got["wrong_drops"], "rows_dropped": got["rows_dropped"]
            }
    for name, cells in rows.items():
        print(f"{name:<14}" + "".join(f" {cell:>14}" for cell in cells), flush=True)
    return result


def show_reliability(points):
    print(f"\n{'score':<14} {'pairs':>7} {'mean score':>11} {'true':>7}")
    for low, high in zip(EDGES, EDGES[1:]):
        own = [(score, right) for score, right in points if low <= score < high]
        if own:
            mean = sum(score for score, _ in own) / len(own)
            print(f"{low:.3f}-{min(high, 1):.3f}    {len(own):>7} {mean:>11.3f} {sum(r for _, r in own) / len(own):>7.3f}")


def retail(options, tier):
    """Non-identical rows of real transactions called duplicates: there should be hardly any."""
    packed = options.data / "commerce" / "online_retail_to_2011-08.csv.zst"
    if not packed.exists():
        return None
    lines, report = clean(options, [packed], "online_retail", tier)
    rows = report["conservation"]["input"]
    called = [line for line in lines if line["kind"] != "exact"]
    merged = [line for line in called if line["kind"] == "near"]
    print(
        f"\nonline retail, {tier}: {rows:,} rows, {len(lines) - len(called):,} identical,"
        f" {len(merged):,} others dropped ({len(merged) / rows:.4%}), {len(called) - len(merged):,} suggested"
    )
    step = max(1, len(called) // 10)
    for line in called[::step][:10]:
        print("   " + " ".join(f"{key}={value}" for key, value in line.items()))
    return {"near_share": len(merged) / rows, "called_share": len(called) / rows}


def compare(result, recorded):
    """The figures that are worse than recorded, beyond the tolerance."""
    worse = []
    for kind in ("sets", "variations"):
        for name, runs in recorded.get(kind, {}).items():
            for run, then in runs.items():
                now = result[kind].get(name, {}).get(run)
                if now is None:
                    continue
                if now["f1"] < then["f1"] - recorded["tolerance"]:
                    worse.append(f"{name} ({run}): F1 {now['f1']:.3f}, recorded {then['f1']:.3f}")
                if now["wrong_drops"] > then["wrong_drops"] + max(2, 0.002 * now["rows_dropped"]):
                    worse.append(f"{name} ({run}): {now['wrong_drops']} wrong drops, recorded {then['wrong_drops']}")
    for tier, then in recorded.get("online_retail", {}).items():
        now = result["online_retail"].get(tier)
        if now is not None and now["called_share"] > max(0.001, then["called_share"] * 1.1):
            worse.append(f"online retail ({tier}): {now['called_share']:.4%} called duplicates")
    return worse


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sanitizer", required=True, type=pathlib.Path)
    parser.add_argument("--data", required=True, type=pathlib.Path)
    parser.add_argument("--folder", required=True, type=pathlib.Path)
    parser.add_argument("--tiers", default="thorough,balanced,fast")
    parser.add_argument("--sets", default="")
    parser.add_argument("--record", action="store_true")
    parser.add_argument("--no-retail", action="store_true")
    options = parser.parse_args()
    tiers = options.tiers.split(",")
    wanted = set(filter(None, options.sets.split(",")))
    print(
        f"{'set':<14} {'tier':<9} {'P':>6} {'R':>6} {'F1':>6} {'aim':>6} | {'dropped P':>9} {'R':>6} {'rows':>6} {'wrong':>5}"
        f" | {'cand':>8} {'est.R':>6} | peers"
    )
    result = {"sets": {}, "variations": {}, "online_retail": {}}
    reliability = {tier: [] for tier in [*tiers, ACROSS]}
    sets = [own for own in matching_sets.load(options.data) if not wanted or own.name in wanted]
    for own in sets:
        for tier in tiers + ([ACROSS] if own.first and "thorough" in tiers else []):
            got = score_set(options, own, tier, reliability[tier])
            a, d = got["asserted"], got["dropped"]
            recall = got["estimated_recall"]
            print(
                f"{own.name:<14} {tier:<9} {a['precision']:>6.3f} {a['recall']:>6.3f} {a['f1']:>6.3f} {own.aim:>6.3f} |"
                f" {d['precision']:>9.3f} {d['recall']:>6.3f} {got['rows_dropped']:>6} {got['wrong_drops']:>5} |"
                f" {got['candidates']:>8} {'' if recall is None else format(recall, '.3f'):>6} |"
                f" {' '.join(f'{k} {v:.3f}' for k, v in own.peers.items())}",
                flush=True,
            )
            result["sets"].setdefault(own.name, {})[tier] = {
                "f1": a["f1"], "wrong_drops": got["wrong_drops"], "rows_dropped": got["rows_dropped"]
            }
    for tier in reliability:
        if reliability[tier]:
            print(f"\nreliability, {tier}: near and suggested lines of all sets", end="")
            show_reliability(reliability[tier])
    if "thorough" in tiers:
        result["variations"] = score_variations(options, sets)
    if not options.no_retail:
        for tier in ["auto"]:
            got = retail(options, tier)
            if got:
                result["online_retail"][tier] = got
    if options.record:
        text = json.dumps({"tolerance": 0.005, **result}, indent=2, sort_keys=True)
        RECORDED.write_text(text + "\n", encoding="utf-8")
    elif RECORDED.exists():
        worse = compare(result, json.loads(RECORDED.read_text(encoding="utf-8")))
        if worse:
            sys.exit("worse than recorded:\n  " + "\n  ".join(worse))


if __name__ == "__main__":
    main()
