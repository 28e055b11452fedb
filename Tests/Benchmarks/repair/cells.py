"""Runs the built `sanitizer` on a table and compares cells: what was changed, what was flagged, what was right."""
import csv
import json
import re
import subprocess
import tempfile
from pathlib import Path

# Row counts stay equal, so that cells can be compared in place.
NOTATION = {"trim", "whitespace", "control_chars", "nfc", "number_format", "boolean_format", "date_iso", "null_token"}
KEEP_ROWS = "deduplicate: {exact: false, near: off}\n"
NULL_WORDS = {"", "n/a", "#n/a", "na", "null", "none", "nan", "-", "--", "?", "nil", "unknown", "missing", "<na>", "(null)", "n.a.", "tbd"}


def read_csv(path):
    with open(path, newline="", encoding="utf-8") as file:
        rows = list(csv.reader(file))
    return rows[0], [row for row in rows[1:] if row]


def write_csv(path, header, rows):
    with open(path, "w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(header)
        writer.writerows(rows)


class Cleaned:
    """A table cleaned without configuration: output cells, changes, flags and the report."""

    def __init__(self, sanitizer, source, recipe=KEEP_ROWS):
        with tempfile.TemporaryDirectory() as folder:
            place = Path(folder)
            (place / "recipe.yaml").write_text(recipe)
            command = [
                sanitizer, "clean", str(source), "-o", place / "out.csv", "--recipe", place / "recipe.yaml", "--report",
                place / "report.json", "--provenance", place / "changes.parquet", "--progress", "none",
            ]
            done = subprocess.run(list(map(str, command)), capture_output=True, text=True, check=False)
            if done.returncode != 0:
                raise SystemExit(f"{source}: {done.stderr.strip()}")
            convert = [sanitizer, "convert", place / "changes.parquet", "-o", place / "changes.csv"]
            subprocess.run(list(map(str, convert)), capture_output=True, check=True)
            self.report = json.loads((place / "report.json").read_text())
            self.header, self.rows = read_csv(place / "out.csv")
            at = {name: i for i, name in enumerate(self.header)}
            changes, records = read_csv(place / "changes.csv")
            self.changes, self.flags = {}, {}
            for record in (dict(zip(changes, r)) for r in records):
                cell = (int(record["row"]), at[record["column"]])
                (self.flags if record["source"] == "suggestion" else self.changes).setdefault(cell, []).append(record)

    def imputed(self, cell):
        return any(change["source"] == "impute" for change in self.changes.get(cell, ()))


def folded(text):
    text = " ".join(text.split())
    return "" if text.lower() in NULL_WORDS else text


def same(a, b):
    """Equal in meaning: white space, words for "missing" and the notation of numbers, booleans and ISO dates do not count."""
    a, b = folded(a), folded(b)
    if a == b:
        return True
    if {a.lower(), b.lower()} in ({"true"}, {"false"}):
        return True
    try:
        return float(a) == float(b) and not re.match(r"0\d", a) and not re.match(r"0\d", b)
    except ValueError:
        pass
    return bool(a and b) and a.replace("T00:00:00", "").replace("T", " ").rstrip("Z").removesuffix("+00:00") == b.replace(
        "T00:00:00", "").replace("T", " ").rstrip("Z").removesuffix("+00:00")


def ratio(part, whole):
    return part / whole if whole else 1.0


def f1(precision, recall):
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0


def cell_scores(cleaned, dirty, truth, unknown=frozenset()):
    """Detection, repair and damage of one table whose dirty and true cells are known.

    A cell is *wrong* when its dirty and its true text differ (exactly); *found* when the run changed it in meaning or flagged it; *repaired*
    when the output means what the truth means. A clean cell that the run changed in meaning is *damaged*; a missing cell that
    the run filled counts as imputed instead. Cells whose truth is `unknown` count for nothing.
    """
    wrong = found = hits = changed = right = damaged = imputed = 0
    kinds = {}
    for r, (before, want, after) in enumerate(zip(dirty, truth, cleaned.rows)):
        for c, (old, true, new) in enumerate(zip(before, want, after)):
            cell = (r, c)
            if cell in unknown:
                continue
            is_wrong = old != true and not (same(old, true) and old.strip() == true.strip())
            if not is_wrong and old != true:
                is_wrong = old != new  # white space and notation: an error only to those who mend it
            is_changed = not same(old, new) or (is_wrong and old != new and same(new, true))
            if is_changed and not is_wrong and cleaned.imputed(cell):
                imputed += 1
                continue
            is_found = is_changed or cell in cleaned.flags or (is_wrong and cell in cleaned.changes)
            wrong += is_wrong
            found += is_found
            hits += is_found and is_wrong
            if is_changed:
                changed += 1
                ok = is_wrong and same(new, true)
                right += ok
                damaged += not is_wrong
                for record in cleaned.changes.get(cell, ())[-1:]:
                    kind = kinds.setdefault(record["transformation"], [0, 0])
                    kind[0] += 1
                    kind[1] += ok
    detection = (ratio(hits, found), ratio(hits, wrong))
    repair = (ratio(right, changed), ratio(right, wrong))
    return {
        "wrong": wrong, "detection_precision": detection[0], "detection_recall": detection[1], "detection_f1": f1(*detection),
        "repair_precision": repair[0], "repair_recall": repair[1], "repair_f1": f1(*repair), "damaged": damaged,
        "imputed": imputed, "kinds": kinds,
    }


def harm(cleaned, original, unknown=frozenset()):
    """Cells of a clean table that the run changed in meaning, per cell; filled gaps and cells whose truth is `unknown` do not count."""
    cells = damaged = 0
    samples = []
    for r, (before, after) in enumerate(zip(original, cleaned.rows)):
        for c, (old, new) in enumerate(zip(before, after)):
            if (r, c) in unknown:
                continue
            cells += 1
            if not same(old, new) and not cleaned.imputed((r, c)):
                damaged += 1
                if len(samples) < 5:
                    samples.append((r, cleaned.header[c], old, new))
    return {"cells": cells, "damaged": damaged, "share": ratio(damaged, cells) if cells else 0.0, "samples": samples,
            "flagged": len(cleaned.flags)}


def confidences(cleaned, dirty, truth, unknown=frozenset()):
    """Pairs (confidence, was it right) of every repair and suggestion with a value, but for cells whose truth is `unknown`."""
    out = []
    for source in (cleaned.changes, cleaned.flags):
        for (r, c), records in source.items():
            record = records[-1]
            if (r, c) in unknown or record["source"] in ("impute", "human") or record["transformation"] in NOTATION:
                continue
            if same(record["cleaned"], record["original"]) and record["cleaned"].strip() == record["original"].strip():
                continue
            out.append((float(record["confidence"]), same(record["cleaned"], truth[r][c]) and dirty[r][c] != truth[r][c]))
    return out
