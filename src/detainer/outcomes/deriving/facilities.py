"""Where a detainer was sent: the facility by its code, and the state, county, area and place of law that follow from it.

A name is never an address: the same jail has several codes, and 31 states have a Washington County. What a row itself says
stands; what its code tells is filled in and marked; what its name suggests is put beside, and nothing is counted by it.
"""

import csv
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import Any

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from detainer.law import gazetteer
from detainer.outcomes.deriving import counties

_STATES = {name.upper(): code.upper() for code, name in gazetteer.STATES.items()} | {
    "DIST OF COLUMBIA": "DC",
    "WASHINGTON DC": "DC",
    "GUAM": "GU",
    "VIRGIN ISLANDS": "VI",
    "NORTHERN MARIANA ISLANDS": "MP",
}


def _rows(name: str) -> Iterator[dict[str, str]]:
    text = files("detainer.outcomes.deriving").joinpath("data", name).read_text(encoding="utf-8")
    yield from csv.DictReader(text.splitlines())


def _table(columns: tuple[str, ...], rows: list[tuple[Any, ...]]) -> ir.Table:
    return small_table([dict(zip(columns, row, strict=True)) for row in rows], dict.fromkeys(columns, pa.string()))


def small_table(rows: Sequence[Mapping[str, Any]], kinds: Mapping[str, pa.DataType]) -> ir.Table:
    """Return rows as a table; a text that is not there goes as an empty one, since Spark would read a null as the text NaN."""
    texts = [name for name, kind in kinds.items() if kind == pa.string()]
    told = [{**row, **{name: row[name] or "" for name in texts}} for row in rows]
    table = ibis.memtable(pa.Table.from_pylist(told, pa.schema(kinds)))
    return table.mutate(**{name: table[name].nullif("") for name in texts})


@cache
def _codes() -> ir.Table:
    """Return what the list knows of each code."""
    rows = [(row["code"], row["state"] or None, row["county"] or None) for row in _rows("facilities.csv")]
    return _table(("listed_code", "listed_state", "listed_county"), rows)


@cache
def _areas() -> ir.Table:
    """Return the area of each place that has one of its own: a state, or a county of a state with several."""
    rows = [(row["county"] or f"us/{row['state'].lower()}", row["area"]) for row in _rows("areas.csv")]
    return _table(("area_place", "area_there"), rows)


def folded(text: ir.StringValue) -> ir.StringValue:
    """Return a text in upper case with single blanks, none at its ends; null when nothing is left."""
    return text.re_replace(r"\s+", " ").strip().upper().nullif("")


def _usps(state: ir.StringValue) -> ir.StringValue:
    """Return the postal code of a state that is told by its name or its code; null for what is neither."""
    named = state.cases(*_STATES.items(), else_=None)
    return ibis.coalesce(named, state.isin(list(_STATES.values())).ifelse(state, None))


def _area_told(area: ir.StringValue) -> ir.StringValue:
    return area.re_replace(r"(?i)\s*area of responsibility\s*$", "").re_replace(r"^St Paul$", "St. Paul").nullif("")


def beside_each(
    table: ir.Table, said: Sequence[str], work_out: Callable[[ir.Table], ir.Table], of: ir.Table | None = None
) -> ir.Table:
    """Return a table with what `work_out` adds to these columns of it, worked out once for each different row of them.

    `of`: the table that they come from, where this one was derived from it: an engine keeps what it has to read twice, and a
    file costs nothing to keep.
    """
    made = work_out((table if of is None else of).select(*said).distinct())
    added = [name for name in made.columns if name not in said]
    return table.left_join(made, [table[name].identical_to(made[name]) for name in said]).select(*table.columns, *added)


def with_places(detainers: ir.Table) -> ir.Table:
    """Return the detainers with `facility_code`, `state`, `county`, `county_fips`, `place`, `area` and `filled`.

    `state` is the postal code; `county` and `place` are paths of the law library, `place` the narrowest known. `filled` names
    what the row did not say and its code told ("county,area"); null when nothing was filled.
    """
    return beside_each(detainers, ("detention_facility_code", "facility_state", "facility_aor"), _placed)


def _placed(detainers: ir.Table) -> ir.Table:
    told = detainers.mutate(
        facility_code=folded(detainers.detention_facility_code),
        state_told=_usps(folded(detainers.facility_state)),
        area_told=_area_told(detainers.facility_aor.re_replace(r"\s+", " ").strip()),
    )
    known = told.left_join(_codes(), told.facility_code == _codes().listed_code).drop("listed_code")
    # A code whose list puts it in another state than the row does tells nothing of the row's county.
    agrees = known.state_told.isnull() | known.listed_state.isnull() | (known.state_told == known.listed_state)
    known = known.mutate(
        state=ibis.coalesce(known.state_told, known.listed_state),
        county=agrees.ifelse(known.listed_county, None),
    )
    place = ibis.coalesce(known.county, "us/" + known.state.lower())
    known = known.mutate(place=_of_the_library(place), county_or_state=place)
    return _named(_with_area(_with_fips(known))).drop("state_told", "area_told", "listed_state", "listed_county")


def _of_the_library(place: ir.StringValue) -> ir.StringValue:
    """Return the place if the law library can answer for it; territories without a law of their own are the nation's."""
    outside = [f"us/{code}" for code in ("gu", "vi", "mp")]
    return ibis.coalesce(place.isin(outside).ifelse("us", place), "us")


def _with_fips(known: ir.Table) -> ir.Table:
    numbers = _table(("fips_county", "county_fips"), list(gazetteer.counties().items()))
    return known.left_join(numbers, known.county == numbers.fips_county).drop("fips_county")


def _with_area(known: ir.Table) -> ir.Table:
    """Fill the area from the county where it has one, else from a state that lies wholly in one."""
    here, above = _areas(), _areas().rename(above_place="area_place", area_above="area_there")
    known = known.left_join(here, known.county_or_state == here.area_place).drop("area_place")
    state = "us/" + known.state.lower()
    known = known.left_join(above, state == above.above_place).drop("above_place")
    filled = ibis.coalesce(known.area_there, known.area_above)
    return known.mutate(area=ibis.coalesce(known.area_told, filled)).drop("area_there", "area_above", "county_or_state")


def _named(known: ir.Table) -> ir.Table:
    """Say which of state, county and area the row itself did not tell."""
    marks = [
        (known.state_told.isnull() & known.state.notnull()).ifelse("state,", ""),
        known.county.notnull().ifelse("county,", ""),
        (known.area_told.isnull() & known.area.notnull()).ifelse("area,", ""),
    ]
    return known.mutate(filled=(marks[0] + marks[1] + marks[2]).re_replace(",$", "").nullif(""))


def suggested(detainers: ir.Table) -> ir.Table:
    """Return for each name and state without a known code the county and the codes that the name suggests; none is counted.

    Columns: `detention_facility, state, detainers, suggested_county, suggested_codes` (comma joined, of that state).
    """
    without = detainers.filter(detainers.county.isnull() & detainers.detention_facility.notnull())
    names = without.group_by(["detention_facility", "state"]).agg(detainers=without.count()).to_pyarrow().to_pylist()
    listed: dict[tuple[str, str], list[str]] = {}
    for row in _rows("facilities.csv"):
        listed.setdefault((row["state"], plain(row["name"])), []).append(row["code"])
    rows = [
        (
            name := row["detention_facility"],
            state := row["state"],
            str(row["detainers"]),
            counties.in_text(state, name) if state else None,
            ",".join(listed.get((state or "", plain(name)), ())) or None,
        )
        for row in sorted(names, key=lambda row: (row["state"] or "", row["detention_facility"]))
    ]
    found = _table(("detention_facility", "state", "detainers", "suggested_county", "suggested_codes"), rows)
    return found.mutate(detainers=found.detainers.cast("int64"))


_SPELLINGS = {
    "CNTY": "COUNTY", "CTY": "COUNTY", "CO": "COUNTY", "CORR": "CORRECTIONAL", "CORRECTION": "CORRECTIONAL",
    "CTR": "CENTER", "CENTRE": "CENTER", "CEN": "CENTER", "DET": "DETENTION", "FAC": "FACILITY", "INST": "INSTITUTION",
    "INSTITUTE": "INSTITUTION", "PRIS": "PRISON", "SHERIFFS": "SHERIFF", "DEPT": "DEPARTMENT", "ST": "STATE",
}  # fmt: skip


def plain(name: str) -> str:
    """Return a facility's name with its usual abbreviations spelled out and the state at its end left off, to compare by."""
    words = "".join(sign if sign.isalnum() or sign == " " else " " if sign in "/-," else "" for sign in name.upper()).split()
    if len(words) > 2 and words[-1] in _STATES.values():
        words = words[:-1]
    return " ".join(_SPELLINGS.get(word, word) for word in words)
