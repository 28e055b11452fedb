"""The same entities in other presentations: what users' tables have beside the columns that a public set is limited to.

Each variation takes a set and a seed and gives the same set with other columns, names or order; the truth stays.
"""
import random
from dataclasses import replace

STATES = ["active", "closed", "new", "on hold", "pending"]
# What a system has of its own, or what changes from one visit to the next.
CHANGING = {
    "status": lambda draw: draw.choice(STATES),
    "subscribed": lambda draw: draw.choice(["true", "false"]),
    "points": lambda draw: str(draw.randrange(5000)),
    "last_visit": lambda draw: f"{draw.choice((2023, 2024))}-{draw.randrange(1, 13):02}-{draw.randrange(1, 29):02}",
    "balance": lambda draw: f"{draw.uniform(-200, 900):.2f}",
}


def with_columns(own, names, make):
    """`make(row)` gives the new cells of a row."""
    return replace(own, header=[*own.header, *names], rows=[[*row, *make(i)] for i, row in enumerate(own.rows)])


def changing(*names):
    return lambda own, draw: with_columns(own, names, lambda _: [CHANGING[name](draw) for name in names])


def unnamed(own, _):
    return replace(own, header=[f"column_{i + 1}" for i in range(len(own.header))])


def shuffled(own, draw):
    """Rows and columns in another order. Sets of two sources keep these apart."""
    order = list(range(len(own.rows)))
    first, second = order[: own.first], order[own.first :]
    draw.shuffle(first)
    draw.shuffle(second)
    order = first + second
    at = {old: new for new, old in enumerate(order)}
    columns = list(range(len(own.header)))
    draw.shuffle(columns)
    return replace(
        own,
        header=[own.header[c] for c in columns],
        rows=[[own.rows[i][c] for c in columns] for i in order],
        pairs=[(at[a], at[b]) for a, b in own.pairs],
    )


def upper_case(own, _):
    return replace(own, rows=[[cell.upper() for cell in row] for row in own.rows])


def sparse(own, draw):
    """One cell of seven is missing."""
    return replace(own, rows=[[cell if draw.random() > 1 / 7 else "" for cell in row] for row in own.rows])


def short_texts(own):
    """Columns of texts, shortest first."""
    lengths = {}
    for c in range(len(own.header)):
        texts = [row[c] for row in own.rows if any(map(str.isalpha, row[c]))]
        if len(texts) > len(own.rows) / 2:
            lengths[c] = sum(map(len, texts)) / len(texts)
    return sorted(lengths, key=lengths.get)


def joined(own, _):
    """The two shortest columns of texts are one, as a name or an address often is."""
    texts = short_texts(own)
    if len(texts) < 2:
        return None
    a, b = sorted(texts[:2])
    header = [name for c, name in enumerate(own.header) if c != b]
    header[a] = f"{own.header[a]} {own.header[b]}"
    rows = []
    for row in own.rows:
        cells = [*row]
        cells[a] = f"{row[a]} {row[b]}".strip()
        del cells[b]
        rows.append(cells)
    return replace(own, header=header, rows=rows)


def numbered(own, draw):
    """A key of the table's own and the time at which the row was entered."""
    minutes = sorted(draw.randrange(60 * 24 * 700) for _ in own.rows)

    def stamp(i):
        days, minute = divmod(minutes[i], 60 * 24)
        year, day = divmod(days, 12 * 28)
        return f"{2023 + year}-{day // 28 + 1:02}-{day % 28 + 1:02} {minute // 60:02}:{minute % 60:02}:00"

    keyed = with_columns(own, ["created_at"], lambda i: [stamp(i)])
    return replace(keyed, header=["record_no", *keyed.header], rows=[[str(i + 1), *row] for i, row in enumerate(keyed.rows)])


def keyed(own, draw):
    """Keys that every row has of its own, and a remark of whoever entered it."""
    words = "called back twice sent letter left message prefers mail do not disturb checked paid open waiting for papers".split()

    def cells(i):
        key = f"{draw.getrandbits(128):032x}"
        remark = " ".join(draw.sample(words, 4)) if draw.random() < 0.4 else ""
        return [f"{key[:8]}-{key[8:12]}-{key[12:16]}-{key[16:20]}-{key[20:]}", f"C-{10_017 + i}", remark]

    return with_columns(own, ["uuid", "file_no", "remark"], cells)


def derived(own, _):
    """What a system makes of other columns: a display name, initials, a sort key."""
    texts = short_texts(own)[:2]

    def cells(i):
        parts = [own.rows[i][c] for c in texts]
        display = " ".join(filter(None, reversed(parts))).title()
        return [display, "".join(part[:1] for part in parts).upper(), "".join(parts).lower().replace(" ", "")[:8]]

    return with_columns(own, ["display_name", "initials", "sort_key"], cells) if texts else None


def entered_twice(own, draw):
    """The rows of one entity are copies, each with a key and a time of its own."""
    first = {}
    for a, b in sorted(tuple(sorted(pair)) for pair in own.pairs):
        first.setdefault(b, first.get(a, a))
    return numbered(replace(own, rows=[own.rows[first.get(i, i)] for i in range(len(own.rows))]), draw)


def one_value(own, _):
    """Columns that say nothing: one value, nothing at all, nearly nothing."""
    return with_columns(own, ["country", "remarks", "fax"], lambda i: ["AU", "", "yes" if i % 97 == 0 else ""])


def two_systems(own, draw):
    """A column `source`, and a status in each system's own words."""
    words = {"crm": ["A", "I", "P"], "shop": ["active", "dormant", "new", "closed"]}

    def cells(i):
        system = draw.choice(list(words)) if not own.first else list(words)[i >= own.first]
        return [system, draw.choice(words[system])]

    return with_columns(own, ["source", "state_of_account"], cells)


VARIATIONS = {
    "flag": changing("subscribed"),
    "status": changing("status"),
    "points": changing("points"),
    "visit": changing("last_visit"),
    "five changing": changing(*CHANGING),
    "two systems": two_systems,
    "numbered": numbered,
    "keyed": keyed,
    "derived": derived,
    "entered twice": entered_twice,
    "unnamed": unnamed,
    "shuffled": shuffled,
    "upper case": upper_case,
    "joined": joined,
    "sparse": sparse,
    "empty columns": one_value,
}


def variations(own):
    """Name and set of each variation that the set has."""
    for name, make in VARIATIONS.items():
        varied = make(own, random.Random(f"{own.name} {name}"))
        if varied is not None:
            yield name, replace(varied, name=f"{own.name}-{name.replace(' ', '-')}")
