"""Makes src/detainer/law/cities.txt: cities and towns with a police of their own, by state, from the FBI's list of agencies."""

import csv
import gzip
import re
from collections import defaultdict
from pathlib import Path

from detainer.law.gazetteer import STATES

LIST = Path(__file__).parents[2] / "shared" / "data" / "ori_agencies_2025.csv.gz"
OUT = Path(__file__).parents[1] / "src" / "detainer" / "law" / "cities.txt"
HEAD = """\
# Cities and towns of each state that keep a police of their own (FBI police employee data 2025, public domain).
# Names lower case, ASCII. Made by docs/cities.py.
"""

if __name__ == "__main__":
    found: defaultdict[str, set[str]] = defaultdict(set)
    with gzip.open(LIST, "rt", encoding="utf-8") as lines:
        for row in csv.DictReader(lines):
            name = re.sub(r"[^a-z0-9]+", "_", row["pub_agency_name"].lower().split(",")[0]).strip("_")
            if row["agency_type_name"] == "City" and row["state_abbr"].lower() in STATES and name and "county" not in name:
                found[row["state_abbr"].lower()].add(name)
    OUT.write_text(HEAD + "".join(f"{state} {' '.join(sorted(names))}\n" for state, names in sorted(found.items())), "utf-8")
