#!/usr/bin/env python3
"""Feeds bombs and monsters to the command line: each must be answered within two seconds and 512 MiB, or be streamed within that memory.

usage: monsters.py --sanitizer BINARY [--only NAME ...] [--seconds 2]

The files are made here, in a temporary folder. "answered" is a result or one line of error; a crash, a hang or more memory fails.
"""
import argparse
import gzip
import io
import os
import pathlib
import resource
import struct
import subprocess
import sys
import tempfile
import time
import zipfile
import zlib

MIB = 1 << 20


def zipped(path, entries, level=9):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=level) as archive:
        for name, content in entries.items():
            with archive.open(name, "w", force_zip64=True) as file:
                for piece in content if not isinstance(content, (str, bytes)) else [content]:
                    file.write(piece.encode() if isinstance(piece, str) else piece)


def book(sheet, strings="<sst/>", extra=None):
    return {
        "[Content_Types].xml": "<Types/>",
        "_rels/.rels": "<R><Relationship Id='r' Type='x/officeDocument' Target='xl/workbook.xml'/></R>",
        "xl/workbook.xml": "<workbook xmlns:r='r'><sheets><sheet name='s' sheetId='1' r:id='a'/></sheets></workbook>",
        "xl/_rels/workbook.xml.rels": "<R><Relationship Id='a' Type='x/worksheet' Target='s.xml'/>"
        "<Relationship Id='b' Type='x/sharedStrings' Target='strings.xml'/></R>",
        "xl/strings.xml": strings,
        "xl/s.xml": sheet,
        **(extra or {}),
    }


def repeated(piece, size, before=b"", after=b""):
    block = piece * max(1, MIB // len(piece))
    yield before
    for _ in range(size // len(block)):
        yield block
    yield after


def gzip_bomb(path):
    one = gzip.compress(bytes(64 * MIB), 9)
    path.write_bytes(one * 160)  # 10 GiB


def zstd_bomb(path):
    # One frame of RLE blocks: 4 bytes stand for 128 KiB each. 10 GiB. RFC 8878, 3.1.1.
    block = struct.pack("<I", (1 << 1) | ((128 << 10) << 3))[:3] + b"a"
    path.write_bytes(b"\x28\xb5\x2f\xfd\x00\x58" + block * 81920)


def zip_bomb(path):
    zipped(path, {"bomb.csv": repeated(b"a,b\n", 1024 * MIB)})


def zip_many_entries(path):
    entry = b"PK\1\2" + bytes(42)
    path.write_bytes(entry * 200_000 + b"PK\5\6" + struct.pack("<HHHHIIH", 0, 0, 65535, 65535, 46 * 200_000, 0, 0))


def zip_forged_count(path):
    zipped(path, {"a.csv": "a,b\n1,2\n"})
    data = bytearray(path.read_bytes())
    data[-12:-8] = b"\xfe\xff\xfe\xff"
    path.write_bytes(data)


def xlsx_bomb(path):
    zipped(path, book(repeated(b"<row><c><v>1</v></c></row>", 1024 * MIB, b"<worksheet><sheetData>", b"</sheetData></worksheet>")))


def xlsx_strings_bomb(path):
    zipped(path, book("<worksheet/>", repeated(b"<si><t>aaaaaaaaaaaaaaaa</t></si>", 1024 * MIB, b"<sst>", b"</sst>")))


def xlsx_laughs(path):
    laughs = "<!DOCTYPE l [<!ENTITY a0 'ha'>" + "".join(f"<!ENTITY a{i} '{f'&a{i - 1};' * 10}'>" for i in range(1, 12))
    zipped(path, book(laughs + "]><worksheet><sheetData><row><c t='str'><v>&a11;</v></c></row></sheetData></worksheet>"))


def xlsx_far_cell(path):
    zipped(path, book("<worksheet><sheetData><row r='1'><c r='A1'><v>1</v></c></row><row r='1048576'><c r='XFD1048576'><v>1</v></c>"
                      "</row></sheetData></worksheet>"))


def xlsx_merge_all(path):
    rows = "".join(f"<row r='{r}'><c r='A{r}'><v>{r}</v></c><c r='XFD{r}'><v>1</v></c></row>" for r in range(1, 20001))
    zipped(path, book(f"<worksheet><sheetData>{rows}</sheetData><mergeCells><mergeCell ref='A1:XFD1048576'/></mergeCells></worksheet>"))


def xlsx_merge_long(path):
    rows = f"<row r='1'><c r='A1' t='str'><v>{'x' * MIB}</v></c><c r='XFD1'><v>1</v></c></row>"
    zipped(path, book(f"<worksheet><sheetData>{rows}</sheetData><mergeCells><mergeCell ref='A1:XFD1'/></mergeCells></worksheet>"))


def xlsx_deep(path):
    zipped(path, book("<worksheet>" + "<a>" * 1_000_000))


def xlsx_long_tag(path):
    zipped(path, book(repeated(b"x='1' ", 200 * MIB, b"<worksheet ")))


def ods_repeats(path):
    row = "<t:table-row t:number-rows-repeated='1048576'><t:table-cell t:number-columns-repeated='16384' o:value='1' o:value-type='float'/></t:table-row>"
    zipped(path, {"mimetype": "application/vnd.oasis.opendocument.spreadsheet", "META-INF/manifest.xml": "<m/>",
                  "content.xml": f"<d xmlns:t='t' xmlns:o='o'><t:table t:name='x'>{row * 100}</t:table></d>"})


def parquet_forged(path):
    # A footer that announces 2^31 bytes, and one that is not there at all.
    path.write_bytes(b"PAR1" + bytes(100) + struct.pack("<I", 0x7FFFFFFF) + b"PAR1")


def parquet_forged_rows(path):
    # Thrift compact: version, schema of one int64 column, 2^60 rows, one row group without columns.
    schema = b"\x29\x1c\x48\x01r\x15\x02\x00\x15\x04\x25\x00\x18\x01a\x00"
    footer = b"\x15\x02\x19\x2c\x48\x01r\x15\x02\x00\x15\x04\x25\x00\x18\x01a\x00\x16" + b"\x80" * 8 + b"\x20\x19\x0c\x00"
    path.write_bytes(b"PAR1" + footer + struct.pack("<I", len(footer)) + b"PAR1")


def one_field(path):
    with open(path, "wb") as file:
        file.write(b"a,b\n1,2\n3,")
        for piece in repeated(b"x", 1024 * MIB):
            file.write(piece)
        file.write(b"\n4,5\n6,7\n8,9\n")


def open_quote(path):
    with open(path, "wb") as file:
        file.write(b'a,b,c\n1,2,3\n4,5,6\n7,8,9\n1,"open,3\n')
        for piece in repeated(b"11,22,33\n", 200 * MIB):
            file.write(piece)


def many_columns(path):
    row = ",".join(str(i) for i in range(100_000))
    path.write_text("\n".join([",".join(f"c{i}" for i in range(100_000))] + [row] * 20) + "\n")


def empty(path):
    path.write_bytes(b"")


def header_only(path):
    path.write_text("a,b,c\n")


def zeros(path):
    with open(path, "wb") as file:
        file.write(b"a,b\n1,2\n3,4\n")
        for piece in repeated(bytes(1), 100 * MIB):
            file.write(piece)


def newlines(path):
    path.write_bytes(b"a,b\n1,2\n" + b"\n" * (50 * MIB))


def quotes(path):
    path.write_bytes(b"a,b\n1,2\n3,4\n" + b'"' * (20 * MIB) + b"\n5,6\n")


def torn_quotes(path):
    # Every way to join and cut the cells of a line is tried, as far as that is bounded.
    line = b'"a\\,:,",1,a,",,,"",e,,""",,",\',",","sa,",e,,"",:"(,",,","s,","sX,",e,,s,","sX,",e,,"","t,"sa,",e,,,:"(,","s,"",,,e",:"'
    path.write_bytes((line * 3 + b"\n") * 64)


def delimiters(path):
    path.write_bytes(b"a,b\n1,2\n3,4\n" + b"," * (20 * MIB) + b"\n5,6\n")


def random_text(path):
    path.write_bytes(bytes(32 + b % 95 if b % 13 else 10 for b in os.urandom(2 * MIB)))


def invalid_utf8(path):
    path.write_bytes(b"a,b\n" + b"\xff\xfe\x80,\xc3\n" * 200_000)


def utf16(path):
    path.write_bytes(("a,b\n" + "é,1\n" * 500_000).encode("utf-16"))


def json_deep(path):
    path.write_bytes(b"[" * 1_000_000)


def json_deep_objects(path):
    path.write_bytes(b'{"a":' * 1_000_000)


def json_huge_number(path):
    path.write_text('{"a": 1e400, "b": -' + "9" * 100_000 + "}\n" * 3)


def json_many_keys(path):
    path.write_text("{" + ",".join(f'"k{i}":1' for i in range(200_000)) + "}\n")


def json_huge_string(path):
    with open(path, "wb") as file:
        file.write(b'{"a":1}\n{"a":"')
        for piece in repeated(b"x", 512 * MIB):
            file.write(piece)
        file.write(b'"}\n{"a":2}\n')


MONSTERS = {
    "gz": [gzip_bomb], "zst": [zstd_bomb], "zip": [zip_bomb, zip_many_entries, zip_forged_count],
    "xlsx": [xlsx_bomb, xlsx_strings_bomb, xlsx_laughs, xlsx_far_cell, xlsx_merge_all, xlsx_merge_long, xlsx_deep, xlsx_long_tag],
    "ods": [ods_repeats], "parquet": [parquet_forged, parquet_forged_rows],
    "csv": [one_field, open_quote, many_columns, empty, header_only, zeros, newlines, quotes, torn_quotes, delimiters, random_text, invalid_utf8, utf16],
    "jsonl": [json_deep_objects, json_huge_number, json_many_keys, json_huge_string], "json": [json_deep],
}
# As large as what they are made of: their bytes have to be read, so only the memory counts.
STREAMED = {"one_field", "open_quote", "zeros", "json_huge_string"}


def run(sanitizer, path, folder):
    out = folder / "out.csv"
    command = [sanitizer, "convert", str(path), "-o", str(out), "--force", "--progress", "none"]
    start = time.monotonic()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    try:
        _, error = process.communicate(timeout=60)
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()
        return 60.0, None, "no answer in 60 s"
    return time.monotonic() - start, process.returncode, error.decode(errors="replace").strip()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sanitizer", required=True)
    parser.add_argument("--only", nargs="*", default=[])
    parser.add_argument("--seconds", type=float, default=2)
    options = parser.parse_args()
    failed = 0
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        for ending, makers in MONSTERS.items():
            for maker in makers:
                if options.only and maker.__name__ not in options.only:
                    continue
                path = folder / f"{maker.__name__}.{ending}"
                maker(path)
                # Peak memory of children only grows: each monster gets a parent of its own.
                reader, writer = os.pipe()
                child = os.fork()
                if child == 0:
                    seconds, code, message = run(options.sanitizer, path, folder)
                    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss >> 10
                    os.write(writer, f"{seconds}\t{code}\t{peak}\t{message.splitlines()[0][:140] if message else ''}".encode())
                    os._exit(0)
                os.close(writer)
                text = os.fdopen(reader, "rb").read().decode(errors="replace")
                os.waitpid(child, 0)
                seconds, code, peak, message = text.split("\t", 3)
                slow = float(seconds) > options.seconds and maker.__name__ not in STREAMED
                good = code in "0123" and not slow and int(peak) <= 512
                failed += not good
                print(f"{'ok  ' if good else 'FAIL'} {maker.__name__:20} {float(seconds):6.2f} s {int(peak):5} MiB  exit {code}  {message}", flush=True)
                path.unlink()
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
