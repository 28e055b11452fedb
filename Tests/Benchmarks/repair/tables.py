"""Made-up clean tables of several shapes, and the errors that are planted into them. Same seed, same table."""
import datetime
import math
import random
from string import ascii_lowercase

FIRST = "Ann Bob Carla Dieter Elena Farid Greta Hugo Ines Jonas Karin Liam Mona Nils Olga Pavel Quinn Rosa Sven Tara".split()
LAST = "Abel Brandt Costa Duarte Egger Fischer Garcia Hansen Ivanov Jansen Keller Lopez Meyer Novak Olsen Petrov Rossi Schmidt Tanaka Weber".split()
CITIES = [("Hamburg", "HH", "20095"), ("Munich", "BY", "80331"), ("Cologne", "NW", "50667"), ("Frankfurt", "HE", "60311"),
          ("Stuttgart", "BW", "70173"), ("Leipzig", "SN", "04109"), ("Bremen", "HB", "28195"), ("Hanover", "NI", "30159"),
          ("Nuremberg", "BY", "90402"), ("Dresden", "SN", "01067"), ("Essen", "NW", "45127"), ("Mainz", "RP", "55116")]
GOODS = "Kettle Lantern Bracket Cushion Drill Easel Funnel Gasket Hammer Inkwell Jigsaw Keyboard Ladder Mallet Notebook".split()


def word(rng, least=4, most=9):
    return "".join(rng.choice("bcdfghklmnprstvw") + rng.choice("aeiou") for _ in range(rng.randint(least, most) // 2 + 1))


def clinics(rng, rows):
    """Facilities times measures: many exact dependencies, as in public health data."""
    places = []
    for i in range(max(12, rows // 25)):
        city, state, zip_code = rng.choice(CITIES)
        places.append([str(10001 + 7 * i), f"{word(rng)} {rng.choice(['clinic', 'hospital', 'medical center'])}", city.lower(),
                       state.lower(), zip_code, f"{rng.randint(200, 989)}{rng.randint(2000000, 9999999)}",
                       rng.choice(["public", "private", "church owned"])])
    measures = [(f"m-{chr(97 + i)}-{i}", f"patients who were {word(rng)} {word(rng)} on {word(rng)}", rng.choice(["stroke care", "heart failure", "pneumonia"]))
                for i in range(24)]
    out = []
    for _ in range(rows):
        place, measure = rng.choice(places), rng.choice(measures)
        out.append(place + list(measure) + [str(rng.randint(20, 100)), str(rng.randint(3, 900))])
    header = "facility_id facility city state zip phone ownership measure_code measure_name condition score sample".split()
    return header, out


def orders(rng, rows):
    """Order lines: price times quantity, two dates in order, a customer's country."""
    goods = [(f"P{100 + i}", g, rng.choice(["Home", "Tools", "Office"]), round(rng.uniform(2, 90), 2)) for i, g in enumerate(GOODS)]
    customers = [(str(5000 + i), rng.choice(["Germany", "France", "Portugal", "Norway", "Poland"])) for i in range(max(20, rows // 15))]
    out = []
    for i in range(rows):
        good, customer = rng.choice(goods), rng.choice(customers)
        quantity = rng.choice([1, 1, 1, 2, 3, 4, 6, 12])
        day = datetime.date(2023, 1, 1) + datetime.timedelta(days=rng.randrange(700))
        out.append([f"O-{100000 + i}", customer[0], customer[1], good[0], good[1], good[2], str(quantity), f"{good[3]:.2f}",
                    f"{quantity * good[3]:.2f}", day.isoformat(), (day + datetime.timedelta(days=rng.randint(0, 20))).isoformat()])
    return "order_id customer_id country product_id product category quantity unit_price total ordered shipped".split(), out


def staff(rng, rows):
    """People: unique e-mails, phones of one notation, salaries with a long tail, a department's building."""
    departments = [(d, f"{word(rng)} house".title(), str(rng.randint(10, 99))) for d in
                   ["Accounting", "Research", "Logistics", "Purchasing", "Marketing", "Maintenance"]]
    out = []
    for i in range(rows):
        first, last, department = rng.choice(FIRST), rng.choice(LAST), rng.choice(departments)
        born = datetime.date(1955, 1, 1) + datetime.timedelta(days=rng.randrange(16000))
        out.append([str(i + 1), first, last, f"{first}.{last}{i}@example.org".lower(), f"{rng.randint(200, 899)}-{rng.randint(200, 899)}-{rng.randint(1000, 9999)}",
                    department[0], department[1], department[2], f"{math.exp(rng.gauss(10.6, 0.35)):.2f}", born.isoformat(),
                    rng.choice(["active", "on leave", "retired"]), rng.choice(["true", "false"])])
    return "id first_name last_name email phone department building cost_centre salary born status remote".split(), out


def sensors(rng, rows):
    """Readings: a station's place and height, temperatures around its mean, humidity."""
    stations = [(f"ST{i:03d}", f"{rng.uniform(46, 54):.4f}", f"{rng.uniform(6, 14):.4f}", str(rng.randint(2, 1800)), rng.gauss(11, 6))
                for i in range(max(8, rows // 60))]
    start = datetime.datetime(2024, 3, 1)
    out = []
    for i in range(rows):
        s = rng.choice(stations)
        out.append([(start + datetime.timedelta(minutes=10 * i)).strftime("%Y-%m-%dT%H:%M:%S"), s[0], s[1], s[2], s[3],
                    f"{rng.gauss(s[4], 3):.1f}", str(rng.randint(30, 99)), rng.choice(["ok", "ok", "ok", "calibrating"])])
    return "time station lat lon height_m temperature humidity state".split(), out


def books(rng, rows):
    """A catalogue: check digits, titles of free words, a publisher's town, language codes, prices with a unit."""
    publishers = [(f"{word(rng).title()} Press", rng.choice(CITIES)[0]) for _ in range(14)]
    out = []
    for _ in range(rows):
        body = "978" + "".join(rng.choice("0123456789") for _ in range(9))
        check = (10 - sum(int(d) * (3 if i % 2 else 1) for i, d in enumerate(body)) % 10) % 10
        publisher = rng.choice(publishers)
        out.append([body + str(check), " ".join(word(rng) for _ in range(rng.randint(2, 5))).capitalize(), f"{rng.choice(FIRST)} {rng.choice(LAST)}",
                    publisher[0], publisher[1], rng.choice(["EN", "DE", "FR", "de", "PT"]), str(rng.randint(60, 900)),
                    f"{rng.uniform(4, 60):.2f} EUR", str(rng.randint(1950, 2024))])
    return "isbn title author publisher town lang pages price year".split(), out


def survey(rng, rows):
    """Answers: small closed sets, ratings, free text, honest gaps."""
    out = []
    for i in range(rows):
        age = rng.randint(18, 90)
        out.append([f"R{i:05d}", rng.choice(["female", "male", "diverse"]), str(age), "18-39" if age < 40 else "40-64" if age < 65 else "65+",
                    str(rng.randint(1, 10)), rng.choice(["very satisfied", "satisfied", "neutral", "dissatisfied"]),
                    " ".join(word(rng) for _ in range(rng.randint(4, 14))) if rng.random() < 0.6 else "",
                    rng.choice(["North", "South", "East", "West"]), f"{rng.randint(0, 23):02d}:{rng.randint(0, 59):02d}"])
    return "respondent sex age age_group rating answer remark region at".split(), out


def branches(rng, rows):
    """Shops with true exceptions: a few branches of a chain lie in another town, prices change now and then, heads move on."""
    chains = []
    for i in range(max(10, rows // 40)):
        home = rng.choice(CITIES)
        chains.append([f"C{i:03d}", f"{word(rng).title()} {rng.choice(['Stores', 'Market', 'Outlet'])}", home, f"{rng.choice(FIRST)} {rng.choice(LAST)}",
                       round(rng.uniform(5, 60), 2)])
    out = []
    for i in range(rows):
        chain = rng.choice(chains)
        city = rng.choice(CITIES) if rng.random() < 0.03 else chain[2]
        head = f"{rng.choice(FIRST)} {rng.choice(LAST)}" if rng.random() < 0.02 else chain[3]
        fee = chain[4] + (rng.choice([-1, 1, 2.5]) if rng.random() < 0.02 else 0)
        out.append([chain[0], chain[1], str(i + 1), city[0], city[1], city[2], head, f"{fee:.2f}"])
    return "chain_id chain branch_no city state zip head fee".split(), out


def origins(rng, rows):
    """People and their countries: each column mostly follows from the others, and every exception is true."""
    width = rng.choice([6, 20, 60])
    countries = list(dict.fromkeys(word(rng).title() for _ in range(4 * width)))[:width]
    weights = [1 / (i + 1) ** 0.7 for i in range(width)]
    moves = rng.choice([0.02, 0.05, 0.08])

    def mostly(country):
        return country if rng.random() > moves else rng.choices(range(width), weights)[0]

    out = []
    for i in range(rows):
        born = rng.choices(range(width), weights)[0]
        citizen = mostly(born)
        speaks, lives = mostly(born), mostly(citizen)
        out.append([str(4000 + i), countries[born], f"{countries[citizen]}ian", f"{countries[speaks].lower()}ish", countries[lives],
                    countries[mostly(born)], countries[mostly(born)], str(rng.randint(18, 90))])
    return "id born_in citizenship language lives_in mother_born_in father_born_in age".split(), out


def doses(rng, rows):
    """Quantities of several units in one column, the numbers alike: none may lose its unit."""
    out = []
    for i in range(rows):
        out.append([f"T{i}", f"{rng.choice([1, 2.5, 5, 10])} {rng.choice(['mg', 'mcg'])}", f"{rng.randint(1, 40)} {rng.choice(['°C', '°F'])}",
                    f"{rng.randint(1, 59)} {rng.choice(['min', 'mo'])}", f"{rng.randint(1, 99)} {rng.choice(['mW', 'MW'])}",
                    f"{rng.choice('$€£')}{rng.randint(1, 900)}.{rng.randint(10, 99)}", f"{rng.randint(1, 90)} {rng.choice(['USD', 'EUR'])}"])
    return "test dose kept_at lasts power price fee".split(), out


ALIKE = "Meyer Meier Maier Mayer Schmidt Schmitt Schmid Hansen Hanson Jansen Janssen Petersen Peterson Nilsson Nielsen Andersen Anderson".split()


def families(rng, rows):
    """Surnames that differ by a letter or by capitals, some of them rare; countries that resemble each other."""
    weights = [rng.random() ** 3 + 0.003 for _ in ALIKE]
    lands = ["Austria", "Australia", "Iran", "Iraq", "Niger", "Nigeria", "Mali", "Malta", "Ireland", "Iceland", "Slovakia", "Slovenia"]
    shares = [rng.random() ** 4 + 0.002 for _ in lands]
    out = []
    for i in range(rows):
        land = rng.choices(lands, shares)[0]
        out.append([str(i), rng.choice(FIRST), rng.choices(ALIKE, weights)[0], rng.choices(["de Boer", "De Boer", "van Dam", "Van Dam"], [1, 14, 30, 2])[0],
                    land, land[:2].upper(), str(rng.randint(1900, 2020))])
    return "no first last married country land_code born".split(), out


SHAPES = {"branches": branches, "clinics": clinics, "orders": orders, "staff": staff, "sensors": sensors, "books": books, "survey": survey}

# Tables of which nothing may be taken for an error.
TRAPS = {"origins": origins, "doses": doses, "families": families}


def make(shape, seed, rows):
    return (SHAPES | TRAPS)[shape](random.Random(f"{shape}/{seed}"), rows)


# ---- errors: each takes (rng, text, values of the column) and returns another text, or None where it does not apply


def mistyped(text, i, how, letter):
    """Another letter at `i`, none, one more, or two that changed places."""
    if how == 0:
        return text[:i] + letter + text[i + 1:]
    if how == 1:
        return text[:i] + text[i + 1:]
    if how == 2:
        return text[:i] + letter + text[i:]
    return text[: i - 1] + text[i] + text[i - 1] + text[i + 1:]


def letters_of(text):
    return [i for i, ch in enumerate(text) if ch.isalpha()]


def typo(rng, text, _):
    letters = letters_of(text)
    if len(letters) < 5:
        return None
    i, how = rng.choice(letters[1:]), rng.randrange(4)
    return mistyped(text, i, how, rng.choice(ascii_lowercase))


def slip(rng, text, _):
    """A typing error anywhere, the first letter and short codes included."""
    letters = letters_of(text)
    if len(letters) < 2:
        return None
    how = rng.randrange(4)
    i = rng.choice(letters[1:] if how == 3 else letters)
    return mistyped(text, i, how, rng.choice(ascii_lowercase))


def empty_word(rng, text, _):
    """What a system writes where it has nothing, numbers and texts alike."""
    return "missing"


def stars(rng, text, _):
    return "***"


def first_choice(rng, text, values):
    """The one that a form has chosen already."""
    return min(values)


def swap(rng, text, values):
    return rng.choice(values)


def null_word(rng, text, _):
    return rng.choice(["N/A", "null", "NaN", "-", "None", "?"])


def case_noise(rng, text, _):
    return rng.choice([text.upper(), text.lower(), text.title()]) if any(ch.isalpha() for ch in text) else None


def blanks(rng, text, _):
    return rng.choice([f" {text}", f"{text}  ", text.replace(" ", "  ", 1)])


def unit(rng, text, _):
    return f"{text} {rng.choice(['kg', 'kg', 'KG', 'kg.'])}" if text.replace(".", "", 1).isdigit() else None


def thousands(rng, text, _):
    return f"{float(text):,.2f}" if text.replace(".", "", 1).isdigit() and float(text) >= 1000 and "." in text else None


def date_shape(rng, text, _):
    try:
        day = datetime.date.fromisoformat(text)
    except ValueError:
        return None
    return day.strftime(rng.choice(["%d.%m.%Y", "%b %d, %Y", "%Y/%m/%d"]))


def mojibake(rng, text, _):
    return (text[:2] + "é" + text[2:]).encode().decode("cp1252") if len(text) > 4 and text.isalpha() else None


def masked(rng, text, _):
    letters = [i for i, ch in enumerate(text) if ch.isalnum()]
    if len(letters) < 5:
        return None
    out = list(text)
    for i in rng.sample(letters, rng.randint(1, 2)):
        out[i] = "x"
    return "".join(out)


def scale(rng, text, _):
    return str(int(float(text) * 1000)) if text.replace(".", "", 1).isdigit() and float(text) >= 1 else None


def word_for_number(rng, text, _):
    return rng.choice(["ten", "about 20", "see note"]) if text.replace(".", "", 1).isdigit() else None


def missing(rng, text, _):
    return ""


ERRORS = {
    f.__name__: f for f in (
        typo, slip, swap, first_choice, empty_word, stars, null_word, case_noise, blanks, unit, thousands, date_shape, mojibake, masked, scale,
        word_for_number, missing,
    )
}


def dirty(header, rows, plan, seed):
    """A copy with errors. `plan`: list of (error, columns, share of their cells)."""
    rng = random.Random(f"errors/{seed}")
    out = [list(row) for row in rows]
    touched = set()
    for name, columns, share in plan:
        for column in columns:
            c = header.index(column)
            values = [row[c] for row in rows]
            for r in range(len(rows)):
                if rng.random() >= share or (r, c) in touched:
                    continue
                text = ERRORS[name](rng, rows[r][c], values)
                if text is not None and text != rows[r][c]:
                    out[r][c] = text
                    touched.add((r, c))
    return out


# (table, rows, errors)
MIXES = [
    ("clinics", 1200, [("masked", ["facility", "city", "zip", "phone", "measure_code", "measure_name", "condition", "state"], 0.03)]),
    ("clinics", 2500, [("typo", ["facility", "city", "ownership", "measure_name", "condition"], 0.04)]),
    ("clinics", 2000, [("swap", ["city", "state", "zip", "facility", "condition"], 0.05)]),
    ("orders", 3000, [("swap", ["country", "product", "category"], 0.02), ("typo", ["country", "product"], 0.02), ("scale", ["unit_price"], 0.002)]),
    ("orders", 2000, [("date_shape", ["ordered", "shipped"], 0.03), ("null_word", ["quantity", "total", "shipped"], 0.03)]),
    ("staff", 2000, [("case_noise", ["department", "status"], 0.03), ("blanks", ["first_name", "last_name", "department"], 0.03)]),
    ("staff", 4000, [("thousands", ["salary"], 0.05), ("word_for_number", ["salary", "cost_centre"], 0.004), ("swap", ["building"], 0.02)]),
    ("sensors", 3000, [("unit", ["humidity"], 0.05), ("scale", ["temperature"], 0.002), ("null_word", ["height_m"], 0.02)]),
    ("sensors", 2000, [("swap", ["lat", "lon", "height_m"], 0.03), ("missing", ["lat", "lon", "height_m"], 0.03)]),
    ("books", 1500, [("mojibake", ["town"], 0.03), ("typo", ["publisher", "town"], 0.03)]),
    ("books", 2500, [("masked", ["isbn"], 0.01), ("case_noise", ["publisher", "town"], 0.02), ("missing", ["town"], 0.05)]),
    ("survey", 2000, [("typo", ["answer", "region", "sex"], 0.03), ("swap", ["age_group"], 0.02), ("word_for_number", ["rating"], 0.004)]),
    ("clinics", 2500, [("slip", ["facility", "city", "state", "ownership", "condition", "measure_name"], 0.02)]),
    ("staff", 3000, [("slip", ["department", "building", "status"], 0.02), ("stars", ["status", "department"], 0.01)]),
    ("clinics", 2000, [("empty_word", ["facility", "city", "state", "zip", "ownership", "measure_name", "score"], 0.02)]),
    ("clinics", 2500, [("swap", ["facility_id"], 0.01), ("slip", ["city", "facility"], 0.01)]),
    ("orders", 3000, [("first_choice", ["country", "category"], 0.04)]),
]
