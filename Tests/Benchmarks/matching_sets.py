"""Duplicate-detection sets with known truth, as one CSV without the columns that hold the truth, and its pairs of rows.

The sets are laid out as their publishers give them; nothing here is part of the product.
"""
import csv
import json
import re
from dataclasses import dataclass, field


@dataclass
class MatchingSet:
    """A table, the pairs of its rows (0-based) that are one entity, the aim for pairwise F1 and what peers reach."""

    name: str
    header: list
    rows: list
    pairs: list
    aim: float
    peers: dict = field(default_factory=dict)
    # Rows of the first of two sources; 0: it is one.
    first: int = 0

    def write(self, path):
        """All rows as one table."""
        self.write_rows(path, self.rows)

    def write_sources(self, path):
        """A table per source, beside `path`."""
        paths = [path.with_name(f"{path.stem}-{part}.csv") for part in (1, 2)]
        self.write_rows(paths[0], self.rows[: self.first])
        self.write_rows(paths[1], self.rows[self.first :])
        return paths

    def write_rows(self, path, rows):
        with open(path, "w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            writer.writerow(self.header)
            writer.writerows(rows)


def read(path, delimiter=","):
    with open(path, newline="", encoding="utf-8", errors="replace") as file:
        records = [record for record in csv.reader(file, delimiter=delimiter) if record]
    return [name.strip() for name in records[0]], records[1:]


def without(header, rows, *names):
    keep = [i for i, name in enumerate(header) if name not in names]
    width = len(header)
    rows = [(row + [""] * width)[:width] for row in rows]
    return [header[i] for i in keep], [[row[i] for i in keep] for row in rows]


def groups(labels):
    """All pairs of rows with the same label."""
    members = {}
    for row, label in enumerate(labels):
        members.setdefault(label, []).append(row)
    return [(a, b) for own in members.values() for i, b in enumerate(own) for a in own[:i]]


def febrl(folder, name, aim, peers):
    header, rows = read(next((folder / name).glob("*.csv")))
    labels = [re.match(r"rec-(\d+)-", row[0]).group(1) for row in rows]
    rows = [[cell.strip() for cell in row] for row in rows]
    return MatchingSet(name, *without(header, rows, "rec_id"), groups(labels), aim, peers)


def cora(folder):
    header, rows = read(folder / "cora" / "cora.csv", "|")
    at = {row[0]: i for i, row in enumerate(rows)}
    with open(folder / "cora" / "cora_gt.csv", encoding="utf-8") as file:
        pairs = [tuple(line.strip().split("|")[:2]) for line in file if line.strip()]
    return MatchingSet("cora", *without(header, rows, ""), [(at[a], at[b]) for a, b in pairs if a in at and b in at], 0.88)


def restaurant(folder):
    header, rows = read(folder / "restaurant" / "restaurant.csv", "|")
    at = {row[0]: i for i, row in enumerate(rows)}
    with open(folder / "restaurant" / "gt.csv", encoding="utf-8") as file:
        pairs = [tuple(line.strip().split("|")[:2]) for line in file if line.strip()]
    return MatchingSet("restaurant", header, rows, [(at[a], at[b]) for a, b in pairs if a in at and b in at], 0.95)


def abt_buy(folder):
    header, rows = read(folder / "abt-buy" / "abtbuy.csv")
    at = {row[0]: i for i, row in enumerate(rows)}
    _, pairs = read(folder / "abt-buy" / "gt.csv")
    pairs = [(at[a], at[b]) for a, b, *_ in pairs if a in at and b in at]
    # The pairs say which rows are of which shop: those of the first come first.
    first = max(min(pair) for pair in pairs) + 1
    assert all(min(pair) < first <= max(pair) for pair in pairs)
    return MatchingSet("abt-buy", header, rows, pairs, 0.63, {"GoldenMatch": 0.628}, first)


def amazon_google(folder):
    header, amazon = read(folder / "amazon-google" / "amazon.csv", "#")
    _, google = read(folder / "amazon-google" / "gp.csv", "#")
    first = {row[0]: i for i, row in enumerate(amazon)}
    second = {row[0]: i + len(amazon) for i, row in enumerate(google)}
    _, pairs = read(folder / "amazon-google" / "gt.csv", "#")
    pairs = [(first[a], second[b]) for a, b in pairs if a in first and b in second]
    # Both parts count from 0: together the number is no identifier.
    header, rows = without(header, amazon + google, "id")
    return MatchingSet("amazon-google", header, rows, pairs, 0.45, {"GoldenMatch": 0.440}, len(amazon))


def fake(folder):
    header, rows = read(folder / "fake_1000" / "fake_1000.csv")
    labels = [row[header.index("cluster")] for row in rows]
    return MatchingSet("fake_1000", *without(header, rows, "cluster"), groups(labels), 0.98)


def dqbench(folder, name, aim, peers):
    header, rows = read(folder / name / "data.csv")
    truth = json.loads((folder / name / "er_ground_truth.json").read_text(encoding="utf-8"))
    return MatchingSet(name, header, rows, [tuple(sorted(pair)) for pair in truth["duplicate_pairs"]], aim, peers)


def load(data):
    """The sets that are there, below `data`/dedup."""
    folder = data / "dedup"
    makers = {
        "febrl1": lambda: febrl(folder, "febrl1", 1.0, {}),
        "febrl3": lambda: febrl(
            folder, "febrl3", 0.998, {"Splink": 0.998, "GoldenMatch": 0.996, "dedupe": 0.928, "recordlinkage": 0.845}
        ),
        "cora": lambda: cora(folder),
        "restaurant": lambda: restaurant(folder),
        "abt-buy": lambda: abt_buy(folder),
        "amazon-google": lambda: amazon_google(folder),
        "fake_1000": lambda: fake(folder),
        "dqbench_er_t1": lambda: dqbench(
            folder, "dqbench_er_t1", 0.99, {"GoldenMatch": 0.893, "Splink": 0.667, "dedupe": 0.916, "recordlinkage": 0.808}
        ),
        "dqbench_er_t2": lambda: dqbench(
            folder, "dqbench_er_t2", 0.999, {"GoldenMatch": 0.978, "Splink": 0.999, "dedupe": 0.610, "recordlinkage": 0.838}
        ),
    }
    return [make() for name, make in makers.items() if (folder / name).is_dir()]
