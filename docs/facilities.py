"""Makes facilities.csv and areas.csv of src/detainer/outcomes/deriving/data from public lists (the README of ../shared/data).

A facility's county is the one that its name says, where that is a county of its state; else the list's, where that is one. The
list of 2017 puts Albany County Jail into Kings, and gives 131 counties that are none of the state.
"""

import csv
import gzip
from collections.abc import Iterator
from pathlib import Path

from detainer.law import gazetteer
from detainer.outcomes.deriving import counties

SHARED = Path(__file__).parents[2] / "shared" / "data"
OUT = Path(__file__).parents[1] / "src" / "detainer" / "outcomes" / "deriving" / "data"
USPS = {name: code.upper() for code, name in gazetteer.STATES.items()}


def facilities() -> Iterator[tuple[str, ...]]:
    """Yield a row for each code whose state is known."""
    with gzip.open(SHARED / "facilities.csv.gz", "rt", encoding="utf-8") as lines:
        for row in csv.DictReader(lines):
            state, name = row["state"], row["detention_facility"]
            said = counties.in_text(state, name) if state else None
            listed = counties.of_name(state, row["county"]) if state and row["county"] else None
            county = said or listed
            source = "name" if said else "list" if listed else ""
            yield row["detention_facility_code"], name, row["city"].title(), state, county or "", source


def areas() -> Iterator[tuple[str, ...]]:
    """Yield the area of responsibility of each county, or of a whole state (then the county is empty)."""
    with (SHARED / "ddp_areas_of_responsibility.csv").open(encoding="utf-8") as lines:
        for row in csv.DictReader(lines):
            state = USPS.get(row["state_name"])
            if state is None:
                continue
            county = counties.of_name(state, row["county_name"]) if row["county_name"] else ""
            if county is not None:
                yield state, county, row["office_name"].replace("St Paul", "St. Paul")


def write(name: str, head: tuple[str, ...], rows: Iterator[tuple[str, ...]]) -> None:
    """Write a table."""
    with (OUT / name).open("w", encoding="utf-8", newline="") as out:
        lines = csv.writer(out, lineterminator="\n")
        lines.writerow(head)
        lines.writerows(sorted(rows))


if __name__ == "__main__":
    write("facilities.csv", ("code", "name", "city", "state", "county", "county_from"), facilities())
    write("areas.csv", ("state", "county", "area"), areas())
