#!/usr/bin/env python3
"""Scores cell repair of the built `sanitizer`, without configuration, against tables whose truth is known.

usage: repair_accuracy.py --sanitizer PATH [--data DIR] [--recorded FILE] [--record] [--only NAME[,NAME]] [--show]

Made-up tables need no data: error mixes and clean tables of several shapes, fresh seeds with --seed. With --data (see
docs/how-repair-works.md) public sets are scored as well. Every figure is compared with the recorded one; a fall beyond the tolerance
exits with 1. --record writes the figures of this run.
"""
import argparse
import csv
import json
import math
import re
import subprocess
import sys
import tempfile
from collections import Counter, defaultdict
from pathlib import Path

from repair.cells import Cleaned, cell_scores, confidences, f1, harm, ratio, read_csv, same, write_csv
from repair.tables import MIXES, SHAPES, TRAPS, dirty, make

# Repair or detection F1 that others report on the same sets, end to end.
PEERS = {
    "hospital": "Raha+Baran .66-.73, HoloClean .63, Garf .72",
    "beers": "Raha+Baran .87, HoloClean .05, Garf .02",
    "dqbench_t1": "GoldenCheck .941, Pandera .364 (detection)",
    "dqbench_t2": "GoldenCheck .909, Pandera .381 (detection)",
    "pipeline_t1": "GoldenPipe .800",
    "pii": "Presidio P .685 R .603",
}
TOLERANCE = 0.005


class Board:
    """Collects the figures of one run."""

    def __init__(self, show):
        self.figures, self.show, self.pairs = {}, show, []

    def add(self, name, **values):
        for key, value in values.items():
            self.figures[f"{name}.{key}"] = round(value, 4)

    def cells(self, name, cleaned, table, truth, unknown=frozenset()):
        s = cell_scores(cleaned, table, truth, unknown)
        self.pairs += confidences(cleaned, table, truth, unknown)
        print(f"{name:<26} {s['wrong']:>6} {s['detection_precision']:>6.3f} {s['detection_recall']:>6.3f} {s['detection_f1']:>6.3f}  "
              f"{s['repair_precision']:>6.3f} {s['repair_recall']:>6.3f} {s['repair_f1']:>6.3f} {s['damaged']:>5} {s['imputed']:>5}  "
              f"{PEERS.get(name, '')}")
        if self.show:
            for kind, (n, ok) in sorted(s["kinds"].items()):
                print(f"    {kind:<22} {n:>6} changed, {ok} right")
        self.add(name, detection=s["detection_f1"], repair=s["repair_f1"], damaged=s["damaged"])

    def harm(self, name, h):
        print(f"{name:<26} {h['cells']:>9} cells {h['damaged']:>5} changed in meaning ({100 * h['share']:.4f} %), {h['flagged']} flagged")
        for sample in h["samples"] if self.show or h["damaged"] else ():
            print("    ", *sample, sep=" | ")
        self.add(name, harm=h["share"])


def title(text, columns=""):
    print(f"\n{text}\n{columns}".rstrip())


HEAD = f"{'set':<26} {'wrong':>6} {'detP':>6} {'detR':>6} {'detF1':>6}  {'repP':>6} {'repR':>6} {'repF1':>6} {'harm':>5} {'fill':>5}  others"


def made_up(board, sanitizer, seed, chosen):
    title("error mixes (made up, seed %d)" % seed, HEAD)
    with tempfile.TemporaryDirectory() as folder:
        for number, (shape, rows, plan) in enumerate(MIXES):
            name = f"mix{number:02d}_{shape}_" + "+".join(error for error, _, _ in plan)
            if not chosen(name):
                continue
            header, truth = make(shape, seed + number, rows)
            table = dirty(header, truth, plan, seed + number)
            path = Path(folder) / "dirty.csv"
            write_csv(path, header, table)
            board.cells(name[:26], Cleaned(sanitizer, path), table, truth)
        title("clean tables (made up)")
        for shape in SHAPES | TRAPS:
            for rows in (300, 4000):
                name = f"clean_{shape}_{rows}"
                if chosen(name):
                    header, truth = make(shape, 100 + seed + rows, rows)
                    path = Path(folder) / "clean.csv"
                    write_csv(path, header, truth)
                    board.harm(name, harm(Cleaned(sanitizer, path), truth))


def public_repair(board, sanitizer, data, chosen):
    title("public repair sets", HEAD)
    for name in ("hospital", "beers"):
        if chosen(name):
            _, table = read_csv(data / "repair" / name / "dirty.csv")
            _, truth = read_csv(data / "repair" / name / "clean.csv")
            board.cells(name, Cleaned(sanitizer, data / "repair" / name / "dirty.csv"), table, truth)
    title("clean versions of public sets")
    for name in ("hospital", "beers"):
        if chosen(name):
            path = data / "repair" / name / "clean.csv"
            board.harm(f"{name}_clean", harm(Cleaned(sanitizer, path), read_csv(path)[1]))


# Kinds of findings that name a planted issue.
MEANS = {
    "duplicate_values": {"duplicate_key"},
    "null_values": {"missing", "many_missing"},
    "wrong_type": {"wrong_type", "odd_format", "rare_value"},
    "invalid_format": {"odd_format", "wrong_type"},
    "inconsistent_format": {"mixed_formats", "units", "wrong_type", "template", "odd_format"},
    "outlier_values": {"outlier", "wrong_sign"},
    "misspelled_values": {"misspelt", "case_variants", "similar_values"},
    "logic_violation": {"order", "arithmetic", "dependency"},
    "invalid_values": {"rare_value", "wrong_sign", "outlier", "checksum", "odd_format"},
    "enum_violation": {"rare_value", "misspelt"},
    "cross_column": {"dependency", "order", "arithmetic", "merged_cells"},
    "out_of_range": {"outlier"}, "encoding": {"encoding"}, "inconsistent_encoding": {"encoding"}, "checksum_failure": {"checksum"},
    "distribution_shift": {"drift"}, "wrong_dtype": {"padding", "wrong_type"},
}


def planted(board, sanitizer, folder, name):
    """Issues planted in columns: found when the report warns of that column in the sense of the issue."""
    truth = json.loads((folder / "ground_truth.json").read_text())
    cleaned = Cleaned(sanitizer, folder / "data.csv")
    warned = defaultdict(set)
    for column in cleaned.report["columns"]:
        for finding in column["findings"]:
            if finding.get("severity", "warning") == "warning":
                warned[column["name"]].add(finding["kind"])
    hits, missed, surplus = [], [], []
    for column, planted_column in truth["planted_columns"].items():
        for issue in planted_column["issues"]:
            (hits if warned[column] & MEANS.get(issue, {issue}) else missed).append((column, issue))
    surplus = [(c, sorted(warned[c])) for c in truth["clean_columns"] if warned[c]]
    precision, recall = ratio(len(hits), len(hits) + len(surplus)), ratio(len(hits), len(hits) + len(missed))
    print(f"{name:<26} issues P {precision:.3f} R {recall:.3f} F1 {f1(precision, recall):.3f}   {PEERS.get(name, '')}")
    if board.show:
        print("    missed", missed, "\n    surplus", surplus)
    board.add(name, issues=f1(precision, recall))
    _, table = read_csv(folder / "data.csv")
    clean = folder / "data_clean.csv"
    if clean.exists():
        header, kept = read_csv(clean)
        wrong = planted_and_kept(truth, header, table, kept)
        board.cells(f"{name}_cells", cleaned, table, kept, wrong)
        board.harm(f"{name}_clean", harm(Cleaned(sanitizer, clean), kept, wrong))


def planted_and_kept(truth, header, table, clean):
    """Cells in which the set says that it planted a wrong value and that its clean version holds all the same: neither clean nor repaired."""
    cells = set()
    for column, issue in truth["planted_columns"].items():
        if {"misspelled_values", "wrong_type", "invalid_format", "invalid_values"} & set(issue["issues"]):
            c = header.index(column)
            cells |= {(r, c) for r in issue["affected_rows"] if table[r][c] == clean[r][c]}
    return cells


def detection(board, sanitizer, data, chosen):
    title("planted issues")
    with tempfile.TemporaryDirectory() as folder:
        if chosen("dqbench_t1"):
            planted(board, sanitizer, data / "detect" / "dqbench_t1", "dqbench_t1")
        archive = data / "detect" / "dqbench_t2.tar.zst"
        if chosen("dqbench_t2") and archive.exists():
            subprocess.run(["tar", "--zstd", "-xf", archive, "-C", folder], check=True)
            place = next(Path(folder).rglob("ground_truth.json")).parent
            planted(board, sanitizer, place, "dqbench_t2")
    place = data / "detect" / "dqbench_pipeline_t1"
    if chosen("pipeline_t1") and place.exists():
        pipeline(board, sanitizer, place)


def pipeline(board, sanitizer, place):
    """Cells only: rows of the cleaned table are found by `_row_id`."""
    header, table = read_csv(place / "data.csv")
    clean_header, truth = read_csv(place / "data_clean_deduped.csv")
    at = [header.index(name) for name in clean_header]
    wanted = {row[clean_header.index("_row_id")]: row for row in truth}
    key = header.index("_row_id")
    cleaned = Cleaned(sanitizer, place / "data.csv")
    rows = [i for i, row in enumerate(table) if row[key] in wanted]
    renumbered = {old: new for new, old in enumerate(rows)}
    for source in ("changes", "flags"):
        setattr(cleaned, source, {(renumbered[r], at.index(c)): v for (r, c), v in getattr(cleaned, source).items()
                                  if r in renumbered and c in at})
    cleaned.rows = [[cleaned.rows[i][c] for c in at] for i in rows]
    board.cells("pipeline_t1", cleaned, [[table[i][c] for c in at] for i in rows], [wanted[table[i][key]] for i in rows])


def complete_tables(data, seed):
    """Tables to hide cells of: made-up ones, and with data the public ones whose cells are right (at most 5,000 rows of each)."""
    yield from ((shape, make(shape, 300 + seed, 3000)) for shape in SHAPES)
    if not data:
        return
    places = {name: data / "repair" / name / "clean.csv" for name in ("hospital", "beers")}
    places |= {"dqbench_t1": data / "detect/dqbench_t1/data_clean.csv", "pipeline_t1": data / "detect/dqbench_pipeline_t1/data_clean_deduped.csv"}
    with tempfile.TemporaryDirectory() as folder:
        archive = data / "detect" / "dqbench_t2.tar.zst"
        if archive.exists():
            subprocess.run(["tar", "--zstd", "-xf", archive, "-C", folder], check=True)
            places["dqbench_t2"] = next(Path(folder).rglob("data_clean.csv"))
        retail = data / "commerce" / "online_retail_to_2011-08.csv.zst"
        if retail.exists():
            places["online_retail"] = Path(folder) / "retail.csv"
            with open(places["online_retail"], "wb") as out:
                subprocess.run(["zstd", "-dcq", retail], check=True, stdout=out)
        for name, path in places.items():
            if path.exists():
                header, rows = read_csv(path)
                yield name, (header, rows[:5000])


def filled(cleaned, table, truth, c):
    """Hidden cells of one column that the run filled, and how it compares with the column's own median or mode: (cells, ours, baseline,
    is_number); mean absolute errors of numbers, shares of right texts. None where fewer than ten were filled."""
    hidden = [r for r in range(len(truth)) if truth[r][c] != "" and table[r][c] == "" and cleaned.imputed((r, c))]
    seen = [row[c] for row in table if row[c] != ""]
    if len(hidden) < 10 or not seen:
        return None
    try:
        values = sorted(float(v) for v in seen)
        middle = values[len(values) // 2]
        ours = sum(abs(float(cleaned.rows[r][c]) - float(truth[r][c])) for r in hidden)
        base = sum(abs(middle - float(truth[r][c])) for r in hidden)
        return len(hidden), ours / len(hidden), base / len(hidden), True
    except ValueError:
        mode = Counter(sorted(seen)).most_common(1)[0][0]
        ours = sum(same(cleaned.rows[r][c], truth[r][c]) for r in hidden)
        base = sum(truth[r][c] == mode for r in hidden)
        return len(hidden), ours / len(hidden), base / len(hidden), False


def imputation(board, sanitizer, data, seed, chosen):
    """Hides a twentieth of all cells and compares what they are filled with against the column's median or mode."""
    title("imputation of hidden cells, by table", f"{'table':<16} {'cells':>6}  {'numbers: error / median':>24}  {'texts: right (mode)':>22}  columns better/same/worse")
    details = []
    for name, (header, truth) in complete_tables(data, seed):
        if not chosen(f"impute_{name}"):
            continue
        table = dirty(header, truth, [("missing", header, 0.05)], seed)
        with tempfile.TemporaryDirectory() as folder:
            write_csv(Path(folder) / "x.csv", header, table)
            cleaned = Cleaned(sanitizer, Path(folder) / "x.csv")
        found = [(column, filled(cleaned, table, truth, c)) for c, column in enumerate(header)]
        found = [(column, *f) for column, f in found if f]
        numbers = [ratio(ours, base) for _, _, ours, base, is_number in found if is_number]
        texts = [(ours, base) for _, _, ours, base, is_number in found if not is_number]
        # Worse: by more than the scatter of as many cells (two standard errors of a share; a twentieth of an error).
        gains = [(base - ours) / base if is_number and base else ours - base for _, _, ours, base, is_number in found]
        noise = [0.05 if is_number else 2 * math.sqrt(max(base * (1 - base), 0.01) / n) for _, n, _, base, is_number in found]
        better = sum(g > w for g, w in zip(gains, noise))
        worse = sum(g < -w for g, w in zip(gains, noise))
        mean = [sum(x) / len(x) for x in zip(*texts)] if texts else None
        print(f"{name:<16} {sum(f[1] for f in found):>6}  {f'{sum(numbers) / len(numbers):.3f}' if numbers else '-':>24}  "
              f"{f'{mean[0]:.3f} ({mean[1]:.3f})' if mean else '-':>22}  {better}/{len(found) - better - worse}/{worse}")
        details += [(f"{name}.{column}", *f) for column, *f in found]
        board.add(f"impute_{name}", worse_columns=worse)
        if numbers:
            board.add(f"impute_{name}", error_ratio=sum(numbers) / len(numbers))
        if mean:
            board.add(f"impute_{name}", accuracy=mean[0])
    if board.show:
        for column, cells, ours, base, is_number in details:
            print(f"    {column:<40} {cells:>6} {ours:>9.3g} {base:>9.3g} {'mean error' if is_number else 'right'}")


PII_LABELS = {
    "EMAIL_ADDRESS": "EMAIL", "CREDIT_CARD": "PAYMENT_CARD", "PHONE_NUMBER": "PHONE", "IBAN_CODE": "IBAN", "US_SSN": "NATIONAL_ID",
    "IP_ADDRESS": "IP_ADDRESS", "DOMAIN_NAME": "URL", "STREET_ADDRESS": "ADDRESS", "PERSON": "PERSON_NAME", "ZIP_CODE": "ADDRESS",
    "DATE_TIME": "DATE_OF_BIRTH",
}


def personal_data(board, sanitizer, data, chosen):
    """Spans inside free text: the text with labels in place of spans is aligned with the original."""
    path = data / "pii" / "presidio_synth_v2.json"
    if not chosen("pii") or not path.exists():
        return
    title("personal data in free text", f"{'type':<16} {'spans':>6} {'found':>6} {'R':>6}   {'called':<14} {'spans':>6} {'right':>6} {'P':>6}")
    items = [single_spaced(item) for item in json.loads(path.read_text())]
    with tempfile.TemporaryDirectory() as folder:
        write_csv(Path(folder) / "x.csv", ["nr", "text"], [[str(i), text] for i, (text, _) in enumerate(items)])
        cleaned = Cleaned(sanitizer, Path(folder) / "x.csv",
                          "deduplicate: {exact: false, near: off}\ncolumns: [{name: text, semantic: free_text, pii: redact_spans}]\n")
    label = re.compile("(<(?:%s)>)" % "|".join(sorted(set(PII_LABELS.values()))))
    spans, found, guessed, right = (defaultdict(int) for _ in range(4))
    for (text, wanted), row in zip(items, cleaned.rows):
        pieces = label.split(row[1])
        match = re.fullmatch("".join("(.+?)" if i % 2 else re.escape(p) for i, p in enumerate(pieces)), text)
        guesses = [(match.start(i + 1), match.end(i + 1), pieces[2 * i + 1][1:-1]) for i in range(len(pieces) // 2)] if match else []
        for kind, start, end in wanted:
            spans[kind] += 1
            found[kind] += any(a < end and start < b and PII_LABELS.get(kind) == label_ for a, b, label_ in guesses)
        for a, b, label_ in guesses:
            guessed[label_] += 1
            right[label_] += any(a < end and start < b and PII_LABELS.get(kind) == label_ for kind, start, end in wanted)
    for kind in sorted(spans, key=lambda k: -spans[k]):
        mine = PII_LABELS.get(kind)
        print(f"{kind:<16} {spans[kind]:>6} {found[kind]:>6} {ratio(found[kind], spans[kind]):>6.3f}   {mine or '-':<14} {guessed[mine]:>6} {right[mine]:>6} "
              f"{ratio(right[mine], guessed[mine]):>6.3f}")
    covered = [k for k in PII_LABELS if k not in ("PERSON", "STREET_ADDRESS", "ZIP_CODE", "DATE_TIME")]
    precision = ratio(sum(right.values()), sum(guessed.values()))
    recall = ratio(sum(found.values()), sum(spans.values()))
    own = ratio(sum(found[k] for k in covered), sum(spans[k] for k in covered))
    print(f"{'all 17 types':<16} P {precision:.3f} R {recall:.3f}; recall of the types with a form of their own {own:.3f}   {PEERS['pii']}")
    board.add("pii", precision=precision, recall=recall, own_types=own, names=ratio(found["PERSON"], spans["PERSON"]),
              addresses=ratio(found["STREET_ADDRESS"], spans["STREET_ADDRESS"]))


def single_spaced(item):
    """The text with single blanks, and its spans as (type, start, end)."""
    text, place = "", []
    for c in item["full_text"]:
        place.append(len(text))
        text += c if not c.isspace() else " " if text and not text.endswith(" ") else ""
    place.append(len(text))
    return text.rstrip(), [(s["entity_type"], place[s["start_position"]], place[s["end_position"]]) for s in item["spans"]]


def calibration(board):
    title("repairs and suggestions by confidence", f"{'confidence':<12} {'cells':>7} {'right':>7}")
    for low, high in ((0, 0.6), (0.6, 0.7), (0.7, 0.8), (0.8, 0.9), (0.9, 0.95), (0.95, 1.01)):
        hits = [ok for confidence, ok in board.pairs if low <= confidence < high]
        if hits:
            print(f"{low:.2f}-{min(high, 1):.2f}    {len(hits):>7} {sum(hits) / len(hits):>7.3f}")


def compare(board, recorded):
    """Names of figures that fell: shares lower by more than the tolerance; harm and error ratios higher."""
    worse = []
    for name, value in recorded.items():
        now = board.figures.get(name)
        if now is None:
            continue
        rises = name.rsplit(".", 1)[1] in ("harm", "damaged", "error_ratio", "worse_columns")
        allowed = 0.0001 if name.endswith("harm") else max(2, 0.1 * value) if name.endswith("damaged") else TOLERANCE
        if (now - value if rises else value - now) > allowed:
            worse.append(f"{name}: {value} -> {now}")
    return worse


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sanitizer", required=True)
    parser.add_argument("--data", type=Path)
    parser.add_argument("--recorded", type=Path, default=Path(__file__).with_name("repair_recorded.json"))
    parser.add_argument("--record", action="store_true")
    parser.add_argument("--only", default="")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--show", action="store_true")
    options = parser.parse_args()
    csv.field_size_limit(1 << 30)
    wanted = [w for w in options.only.split(",") if w]

    def chosen(name):
        return not wanted or any(w in name for w in wanted)

    board = Board(options.show)
    made_up(board, options.sanitizer, options.seed, chosen)
    if options.data:
        public_repair(board, options.sanitizer, options.data, chosen)
        detection(board, options.sanitizer, options.data, chosen)
    imputation(board, options.sanitizer, options.data, options.seed, chosen)
    if options.data:
        personal_data(board, options.sanitizer, options.data, chosen)
    calibration(board)
    if options.record:
        old = json.loads(options.recorded.read_text()) if options.recorded.exists() else {}
        options.recorded.write_text(json.dumps({**old, **board.figures}, indent=1, sort_keys=True) + "\n")
    elif options.recorded.exists() and options.seed == 1:
        worse = compare(board, json.loads(options.recorded.read_text()))
        for line in worse:
            print("fell:", line, file=sys.stderr)
        sys.exit(1 if worse else 0)


if __name__ == "__main__":
    main()
