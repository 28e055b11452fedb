"""Hostile inputs: each must end as a finished or failed job with a reason, or as a refusal; never as a crash or a 5xx."""

import gzip
import http.client
import zlib

import client
import samples
from faults import fault

MIB = 1 << 20


def hostile():
    deep = 200_000
    return {
        "zero bytes": ("a.csv", b""),
        "header only": ("a.csv", b"a,b,c\n"),
        "only newlines": ("a.csv", b"\n" * 1000),
        "unterminated quote": ("a.csv", b'a,b\n1,"' + b"x" * MIB),
        "one long field": ("a.csv", b"a,b\n" + b"y" * (24 * MIB) + b",1\n"),
        "100,000 columns": ("a.csv", ",".join(f"c{i}" for i in range(100_000)).encode() + b"\n" + b"1," * 99_999 + b"1\n"),
        "UTF-16": ("a.csv", "a,b\n1,ä\n".encode("utf-16")),
        "NUL bytes": ("a.csv", b"a,b\n1,\x00\x00\n2,x\n"),
        "invalid UTF-8": ("a.csv", b"a,b\n1,\xff\xfe\xc3\n2,\xed\xa0\x80\n"),
        "deep JSON": ("a.jsonl", b'{"a":' + b"[" * deep + b"]" * deep + b"}\n"),
        "1e400": ("a.jsonl", b'{"a":1e400}\n{"a":-1e400}\n{"a":1}\n'),
        "JSON garbage": ("a.jsonl", b'{"a":1}\n{{{{\n"\n{"a":2}\n'),
        "gzip bomb": ("a.csv.gz", gzip.compress(b"a,b\n" + b"1,2\n" * (16 * MIB), mtime=0)),
        "gzip cut short": ("a.csv.gz", gzip.compress(samples.orders(500, 9), mtime=0)[:900]),
        "gzip with a wrong sum": ("a.csv.gz", gzip.compress(samples.orders(50, 9), mtime=0)[:-8] + b"\0" * 8),
        "no gzip at all": ("a.csv.gz", b"\x1f\x8b\x08\x00" + zlib.compress(b"x" * 99)),
        "parquet of noise": ("a.parquet", b"PAR1" + bytes(range(256)) * 40 + b"PAR1"),
        "parquet with a forged length": ("a.parquet", b"PAR1" + b"\0" * 100 + b"\xff\xff\xff\x7fPAR1"),
        "zip bomb as a workbook": ("a.xlsx", b"PK\x03\x04" + b"\0" * 2000),
        "billion laughs": ("a.xml", b'<!DOCTYPE x [<!ENTITY a "ha">' + b'<!ENTITY b "&a;&a;&a;">' * 99 + b"]><x>&b;</x>"),
        "formulas": ("a.csv", b"a,b\n=1+1,@x\n+2,-3\n\t=cmd,\r=x\n"),
    }


HOSTILE = hostile()


def one(name, file, data):
    @fault("input", f"input: {name}", kind="input", cost=0.7)
    def inject(world, random):
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


for _name, (_file, _data) in HOSTILE.items():
    one(_name, _file, _data)
