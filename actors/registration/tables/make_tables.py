#!/usr/bin/env python3
"""Writes the tables beside it from public lists; the build needs neither the lists nor this.

    make_tables.py FOLDER     where FOLDER has
        divisions_2023.csv                 code,name,level,parent
        area_codes_history_1980_2019.csv   code,last_name,first_revision,last_revision,in_force…
        fixed_line_area_prefixes.csv       prefix,place_zh
        libphonenumber_CN.xml              how long the numbers of an area are
        mobile_prefix_carrier.csv          prefix,carrier_zh,carrier_en

What each list is, and under which licence, stands at the head of what is written and in
docs/identity-rules.md. Only facts are taken: codes, names, lengths, years.
"""
import collections
import csv
import pathlib
import re
import sys
import xml.etree.ElementTree

HERE = pathlib.Path(__file__).resolve().parent
COLUMNS = 100
FIRST_YEAR = 1980  # of the history: the letter A
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmn"  # one for each year until 2019

DIVISIONS = "modood/Administrative-divisions-of-China @57a0aa9cef47, state of 2023, WTFPL 2"
HISTORY = """cn/GB2260 @1173e8b57b1a, lists of 1980-12 to 2019-04. That collection states no
licence; nothing of it is here but which codes the ministry had published, and until when."""
LINES = "google/libphonenumber @f7e3e88c92b9, Apache-2.0"


def rows(folder, name):
    with open(folder / name, encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def write(name, what, source, lines):
    head = [f"// {line}" for line in (what + "\nSource: " + source).split("\n")]
    head.append("// Written by make_tables.py; not changed by hand.")
    (HERE / name).write_text("\n".join(head + lines) + "\n", encoding="utf-8")


def long_row(start, pieces):
    """`start"pieces"},` broken into literals that fit, never within a piece."""
    lines, text = [], ""
    for piece in pieces:
        if len(start) + len(text) + len(piece) + len('""},') > COLUMNS:
            lines.append(f'{start}"{text}"')
            start, text = "  ", ""
        text += piece
    return lines + [f'{start}"{text}"}},']


def flowing(items):
    """Items side by side, as many as fit into a line."""
    lines, line = [], ""
    for item in items:
        if line and len(line) + 1 + len(item) > COLUMNS:
            lines.append(line)
            line = ""
        line += (" " if line else "") + item
    return lines + [line]


def divisions(folder):
    """Provinces; prefectures with the two digits and the name of each county behind them."""
    listed = [row for row in rows(folder, "divisions_2023.csv") if len(row["code"]) <= 6]
    provinces = {row["code"]: row["name"] for row in listed if row["level"] == "province"}
    provinces |= {"71": "台湾省", "81": "香港特别行政区", "82": "澳门特别行政区"}
    counties = collections.defaultdict(list)
    for row in sorted(listed, key=lambda row: row["code"]):
        if row["level"] == "area":
            assert not re.search("[0-9]", row["name"]), row
            counties[row["parent"]].append(row["code"][4:] + row["name"])
    write("provinces.inc", "Two digits and the name. 71, 81 and 82 are of GB/T 2260 itself.",
          DIVISIONS, flowing(f'{{{code}, "{provinces[code]}"}},' for code in sorted(provinces)))
    lines = []
    for row in listed:
        if row["level"] == "city":
            lines += long_row(f'{{{row["code"]}, "{row["name"]}", ', counties[row["code"]])
    write("prefectures.inc", "Four digits, the name, and its counties: two digits and a name "
          "each.\nTowns of cities without counties (nine digits) are left out.", DIVISIONS, lines)


def history(folder):
    """Each four digits with what stood behind them, in the order of the last year seen."""
    last = collections.defaultdict(lambda: collections.defaultdict(list))
    for row in rows(folder, "area_codes_history_1980_2019.csv"):
        year = 2019 if row["in_force_at_last_revision"] == "1" else int(row["last_revision"][:4])
        last[row["code"][:4]][year].append(row["code"][4:])
    lines = [""]
    for prefix in sorted(last):
        pieces = [piece for year, codes in sorted(last[prefix].items())
                  for piece in [LETTERS[year - FIRST_YEAR], *sorted(codes)]]
        row = long_row(f"{{{prefix}, ", pieces)
        if len(row) == 1 and lines[-1] and len(lines[-1]) + 1 + len(row[0]) <= COLUMNS:
            lines[-1] += " " + row[0]
        else:
            lines += row
    write("area_history.inc", "Every area code there was: four digits; then, by a letter for the "
          "last year in\nwhich they were listed (A 1980 to Z 2005, a 2006 to n 2019, the last "
          "list), their\nlast two digits each.", HISTORY, lines[1:])


def line_pattern(folder):
    tree = xml.etree.ElementTree.parse(folder / "libphonenumber_CN.xml")
    pattern = tree.find(".//fixedLine/nationalNumberPattern").text
    return re.compile(re.sub(r"\s", "", pattern))


def line_areas(folder):
    """An area has numbers of seven digits, of eight, or of both: the published pattern is asked."""
    pattern = line_pattern(folder)
    places = {row["prefix"]: row["place_zh"]
              for row in rows(folder, "fixed_line_area_prefixes.csv")}
    items = []
    for area in ["10", *map(str, range(20, 30)), *map(str, range(300, 1000))]:
        lengths = [n for n in (7, 8)
                   if any(pattern.fullmatch(area + first + "345678"[:n - 1] + "9" * (n - 7))
                          for first in "2345678")]
        place = next((places[area[:n]] for n in (3, 2) if area[:n] in places), None)
        if lengths and place:
            items.append(f'{{{area}, {lengths[0]}, {lengths[-1]}, "{place}"}},')
    write("line_areas.inc", "Area code without its 0, digits of a number at least and at most, "
          "place.", LINES, flowing(items))


def mobile_operators(folder):
    segments = collections.defaultdict(list)
    for row in rows(folder, "mobile_prefix_carrier.csv"):
        segments[row["carrier_en"]].append(row["prefix"] + " ")
    lines = []
    for operator in sorted(segments):
        lines += long_row(f'{{"{operator}", ', sorted(segments[operator]))
    write("mobile_operators.inc", "Who was given a segment of mobile numbers first; the longest "
          "that fits counts.", LINES, lines)


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    folder = pathlib.Path(sys.argv[1])
    divisions(folder)
    history(folder)
    line_areas(folder)
    mobile_operators(folder)


if __name__ == "__main__":
    main()
