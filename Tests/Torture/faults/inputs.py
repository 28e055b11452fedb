"""Hostile inputs: each must end as a finished or failed job with a reason, or as a refusal; never as a crash or a 5xx."""

import gzip
import http.client
import io
import zipfile
import zlib

import client
import samples
from faults import fault

MIB = 1 << 20
SHEET = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
KIND = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def zstd(start, byte, count):
    """A Zstandard frame (RFC 8878): `start`, then one byte many times, in blocks of 128 KiB that take 4 bytes each."""
    blocks = [(len(start) << 3).to_bytes(3, "little") + start]
    whole, size = divmod(count, 128 << 10)
    blocks += [((size << 3) | 0b010).to_bytes(3, "little") + byte for size in [128 << 10] * whole]
    blocks.append(((size << 3) | 0b011).to_bytes(3, "little") + byte)
    return b"\x28\xb5\x2f\xfd\x00\x38" + b"".join(blocks)


def workbook(sheet):
    """A workbook with one sheet of these bytes, packed."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("[Content_Types].xml", '<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
                      '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
                      '<Default Extension="xml" ContentType="application/xml"/></Types>')
        file.writestr("_rels/.rels", f'<Relationships xmlns="{RELATIONS}"><Relationship Id="r1" Type="{KIND}/officeDocument" '
                      'Target="xl/workbook.xml"/></Relationships>')
        file.writestr("xl/workbook.xml", f'<workbook xmlns="{SHEET}" xmlns:r="{KIND}"><sheets><sheet name="a" sheetId="1" r:id="r1"/></sheets>'
                      "</workbook>")
        file.writestr("xl/_rels/workbook.xml.rels", f'<Relationships xmlns="{RELATIONS}"><Relationship Id="r1" Type="{KIND}/worksheet" '
                      'Target="worksheets/sheet1.xml"/></Relationships>')
        file.writestr("xl/worksheets/sheet1.xml", sheet)
    return out.getvalue()


def laughs():
    entities = '<!ENTITY a0 "ha">' + "".join(f'<!ENTITY a{i} "{f"&a{i - 1};" * 10}">' for i in range(1, 10))
    return (f'<?xml version="1.0"?><!DOCTYPE x [{entities}]><worksheet xmlns="{SHEET}"><sheetData><row r="1"><c r="A1" t="inlineStr"><is><t>'
            "&a9;</t></is></c></row></sheetData></worksheet>").encode()


def hostile():
    """name: (file, bytes, or what makes them when first needed)."""
    deep = 1_000_000
    return {
        "zero bytes": ("a.csv", b""),
        "header only": ("a.csv", b"a,b,c\n"),
        "only newlines": ("a.csv", b"\n" * 1000),
        "unterminated quote": ("a.csv", b'a,b\n1,"' + b"x" * MIB),
        "one long field": ("a.csv", lambda: b"a,b\n" + b"y" * (24 * MIB) + b",1\n"),
        "100,000 columns": ("a.csv", lambda: ",".join(f"c{i}" for i in range(100_000)).encode() + b"\n" + b"1," * 99_999 + b"1\n"),
        "UTF-16": ("a.csv", "a,b\n1,ä\n".encode("utf-16")),
        "NUL bytes": ("a.csv", b"a,b\n1,\x00\x00\n2,x\n"),
        "invalid UTF-8": ("a.csv", b"a,b\n1,\xff\xfe\xc3\n2,\xed\xa0\x80\n"),
        "deep JSON": ("a.jsonl", b'{"a":' + b"[" * deep + b"]" * deep + b"}\n"),
        "1e400": ("a.jsonl", b'{"a":1e400}\n{"a":-1e400}\n{"a":1}\n'),
        "JSON garbage": ("a.jsonl", b'{"a":1}\n{{{{\n"\n{"a":2}\n'),
        "gzip bomb": ("a.csv.gz", lambda: gzip.compress(b"a,b\n" + b"1,2\n" * (16 * MIB), mtime=0)),
        "zstd bomb, a field of 1 GB": ("a.csv.zst", zstd(b"a,b\n1,", b"x", 1000 * MIB)),
        "gzip cut short": ("a.csv.gz", gzip.compress(samples.orders(500, 9), mtime=0)[:900]),
        "gzip with a wrong sum": ("a.csv.gz", gzip.compress(samples.orders(50, 9), mtime=0)[:-8] + b"\0" * 8),
        "no gzip at all": ("a.csv.gz", b"\x1f\x8b\x08\x00" + zlib.compress(b"x" * 99)),
        "parquet of noise": ("a.parquet", b"PAR1" + bytes(range(256)) * 40 + b"PAR1"),
        "parquet with a forged length": ("a.parquet", b"PAR1" + b"\0" * 100 + b"\xff\xff\xff\x7fPAR1"),
        "no workbook": ("a.xlsx", b"PK\x03\x04" + b"\0" * 2000),
        "workbook bomb": ("a.xlsx", lambda: workbook(f'<worksheet xmlns="{SHEET}"><sheetData>'.encode() + b" " * (400 * MIB))),
        "billion laughs": ("a.xlsx", workbook(laughs())),
        "formulas": ("a.csv", b"a,b\n=1+1,@x\n+2,-3\n\t=cmd,\r=x\n"),
    }


HOSTILE = hostile()
MADE = {}
# They keep a core busy for a while.
HEAVY = {"one long field", "100,000 columns", "gzip bomb", "zstd bomb, a field of 1 GB", "workbook bomb", "deep JSON"}


def send(world, random, name, file, data):
    job_sample = samples.Sample(name, file, data, "csv")
    api = client.Client(world, random.choice(list(world.keys)), 7)
    try:
        answer = client.call(api.port(), api.key, "POST", api.path(job_sample, "hostile"), data,
                             {"Content-Type": "application/octet-stream"}, timeout=60)
    except (OSError, http.client.HTTPException):
        world.unanswered += 1
        return False
    world.see_answer(name, answer)
    world.unanswered += answer.status == 202
    return answer.status != 503


def one(name, file, data):
    @fault("input", f"input: {name}", holds={"input", "cpu"} if name in HEAVY else {"input"}, needs={"api", "postgres"},
           cost=1.5 if name in HEAVY else 0.3)
    def inject(world, random):
        if name not in MADE:
            MADE[name] = data() if callable(data) else data
        return send(world, random, name, file, MADE[name])


for _name, (_file, _data) in HOSTILE.items():
    one(_name, _file, _data)


@fault("input", "input: parquet with forged counts", holds={"input"}, needs={"api", "postgres"}, cost=0.3)
def forged_counts(world, random):
    """A real file, a few bytes of whose footer are others."""
    data = bytearray(next(s.data for s in world.samples if s.name == "parquet"))
    footer = int.from_bytes(data[-8:-4], "little")
    for _ in range(random.choice([1, 3, 10])):
        data[len(data) - 8 - footer + random.randrange(footer)] = random.randrange(256)
    return send(world, random, "forged counts", "a.parquet", bytes(data))
