#!/usr/bin/env python3
"""Makes the seed inputs of a fuzz target.

usage: seeds.py TARGET FOLDER
"""
import gzip
import io
import pathlib
import sys
import zipfile

CSV = [
    b"a,b,c\n1,2,3\n4,5,6\n", b"id;name\r\n1;Ann\r\n2;\"B;ob\"\r\n", b"a\tb\n1\t2\n", b"x|y\n1|\"a\n\"\"b\"\"\"\n",
    b"title\n\nid,day,amount\n1,2024-01-02,3.50\n2,,2024-01-03,4.50\n3,\"open,2\n4,2024-01-05,1\ntotal\n",
    "ü,é\n1,2\n".encode("utf-16"), b"a,b\n\xff\xfe,\x00\x00\n", b"a b  c\n1 2  3\n", b"'a','b'\n'1','it''s'\n", b'"a\\"b",c\n"d","e"\n',
    b"a,b\r1,2\r3,4\r", b"a,b\n1,2\na,b\n3,4\n", b"\"", b",,,\n,,,\n",
]
JSON = [
    b'{"a":1,"b":"x"}\n{"a":{"c":[1,2]},"d":null}\n', b'[{"a":1},{"a":"\\u00e9\\ud83d\\ude00"}]', b"[1,2,,3]", b'{"a":NaN,"a":1e400}\n',
    b'[[[[[[]]]]]]', b'{"":{"":{"":0}}}', b'{"a":"\xff"}\n', b'{"a":1} {"b":2}\n"x"\n', b'[{"a":"open\n},{"b":1}]',
]


STRINGS = "<sst><si><t>name</t></si><si><r><t>a_x000D_</t></r></si></sst>"
STYLES = ("<s><numFmts><numFmt numFmtId='164' formatCode='yyyy-mm-dd'/></numFmts>"
          "<cellXfs><xf numFmtId='0'/><xf numFmtId='164'/></cellXfs></s>")


def zipped(entries, compressed=True):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED if compressed else zipfile.ZIP_STORED) as archive:
        for name, text in entries.items():
            archive.writestr(zipfile.ZipInfo(name), text)
    return out.getvalue()


def workbook(rows, compressed=True):
    return zipped({
        "[Content_Types].xml": "<Types/>",
        "_rels/.rels": "<R><Relationship Id='r' Type='x/officeDocument' Target='xl/workbook.xml'/></R>",
        "xl/workbook.xml": "<w xmlns:r='r'><workbookPr date1904='0'/><sheet name='s' sheetId='1' r:id='a'/></w>",
        "xl/_rels/workbook.xml.rels": "<R><Relationship Id='a' Type='x/worksheet' Target='s.xml'/>"
        "<Relationship Id='b' Type='x/sharedStrings' Target='t.xml'/><Relationship Id='c' Type='x/styles' Target='y.xml'/></R>",
        "xl/t.xml": STRINGS,
        "xl/y.xml": STYLES,
        "xl/s.xml": f"<worksheet><sheetData>{rows}</sheetData><mergeCells><mergeCell ref='A1:B2'/></mergeCells></worksheet>",
    }, compressed)


def parts(*texts, kind=0):
    """The parts of a workbook as plain text; the target packs them (see SheetParts.swift)."""
    return bytes([kind]) + b"\0".join(text.encode() for text in texts)


ROWS = ("<row r='1'><c r='A1' t='s'><v>0</v></c><c r='B1' t='inlineStr'><is><t>b</t></is></c></row>"
        "<row r='2' hidden='1'><c r='A2' s='1'><v>45000.5</v></c><c r='B2' t='b'><v>1</v></c></row><row><c><f>1</f><v>1E5</v></c></row>")
SPREADSHEET = ("<d xmlns:t='t' xmlns:o='o' xmlns:x='x'><t:table t:name='s'><t:table-row t:number-rows-repeated='3'><t:table-cell "
               "t:number-columns-repeated='2' o:value-type='float' o:value='1'/><t:table-cell t:number-rows-spanned='2'><x:p>a<x:s x:c='2'/></x:p>"
               "</t:table-cell></t:table-row></t:table></d>")

# Without the magic at the start: the target puts it there.
PARQUET = [path.read_bytes()[4:] for path in sorted((pathlib.Path(__file__).parents[1] / "FormatsTests/Parquet/Fixtures").glob("*.parquet"))]

SEEDS = {
    "csv": CSV,
    "json": JSON,
    "sniffer": CSV + JSON + [gzip.compress(CSV[0]), b"%PDF-1.4", b"PAR1"],
    "parquet": PARQUET + [b"", b"\x15\x02\x19\x2c\x48\x01r\x15\x02\x00\x15\x04\x25\x00\x18\x01a\x00\x16\x02\x19\x0c\x00\x18\x00\x00\x00PAR1"],
    "sheet": [
        workbook(ROWS), workbook(ROWS, False), workbook("<row/>", False),
        zipped({"mimetype": "application/vnd.oasis.opendocument.spreadsheet", "content.xml": SPREADSHEET}, False),
        parts(f"<worksheet><sheetData>{ROWS}</sheetData><mergeCells><mergeCell ref='A1:B2'/></mergeCells></worksheet>", STRINGS, STYLES,
              "<w xmlns:r='r'><workbookPr date1904='1'/><sheet name='s' sheetId='1' r:id='a' state='hidden'/><sheet name='t' r:id='a'/></w>"),
        parts(SPREADSHEET, kind=1),
        zipped({"a.csv": "a,b\n1,2\n"}, False), zipped({"a.xlsx": workbook(ROWS, False)}, False),
    ],
    "recipe": [
        b"version: 1\ninput:\n  delimiter: ';'\n  limits: {nesting: 8}\ncolumns:\n  - {name: a, type: date, null_tokens: [x]}\n",
        b'{"version":1,"deduplicate":{"near":"off","threshold":0.9},"output":{"format":"csv"}}', b"a: &x [*x]\n", b"? [",
    ],
    "message": [b'{"v":1,"task_id":5,"job_id":"j","trace":"00-0-0-01"}', b'{"v":2}', b"[]", b"{" * 600],
    "multipart": [
        b'\x05--b\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\nContent-Type: text/csv\r\n\r\na,b\r\n--b--\r\n',
        b'\x01preamble\r\n--b\r\nContent-Disposition: form-data; name="x"\r\n\r\n\r\n--b\r\n\r\n--b--',
    ],
}


def main():
    target, folder = sys.argv[1], pathlib.Path(sys.argv[2])
    for i, seed in enumerate(SEEDS[target]):
        (folder / f"seed-{i}").write_bytes(seed)


if __name__ == "__main__":
    main()
