"""Small tables of outcomes, made row by row: what the linking and the law give, with only the columns that are counted."""

import datetime as dt
from collections.abc import Iterable
from typing import Any

import ibis
from hypothesis import strategies as st
from ibis.expr import types as ir

LAST_DAY = dt.date(2025, 6, 30)

COLUMNS = {
    "key": "int64",
    "release": "string",
    "unique_identifier": "string",
    "detainer_prepare_date": "date",
    "facility_code": "string",
    "detention_facility": "string",
    "county": "string",
    "state": "string",
    "area": "string",
    "detainer_type": "string",
    "tod_current_duty_site": "string",
    "detainer_prepared_criminality": "string",
    "detainer_lift_reason": "string",
    "outcome": "string",
    "reason": "string",
    "evidence": "string",
    "lift_class": "string",
    "why": "string",
    "filled": "string",
    "duplicate_of": "int64",
    "arrest_days": "int64",
    "arrest_at": "timestamp",
    "book_in_days": "int64",
    "book_in_at": "timestamp",
    "law_hold": "string",
    "law_notify": "string",
}
USUAL: dict[str, Any] = {
    "release": "R1",
    "detainer_prepare_date": dt.date(2024, 1, 29),
    "facility_code": "ESSEXMA",
    "county": "Essex",
    "state": "MA",
    "outcome": "unknown",
    "evidence": "stated",
}


def row(**told: Any) -> dict[str, Any]:
    """Return one detainer: what is told of it, the rest as usual; the days to an arrest or book-in also give its moment."""
    unknown = told.keys() - COLUMNS.keys()
    assert not unknown, unknown
    full = dict.fromkeys(COLUMNS) | {"unique_identifier": f"person {told.get('key', 0)}"} | USUAL | told
    for event in ("arrest", "book_in"):
        days, day = full[f"{event}_days"], full["detainer_prepare_date"]
        if days is not None and day is not None:
            full[f"{event}_at"] = dt.datetime.combine(day, dt.time(9)) + dt.timedelta(days=days)
    return full


def outcomes(rows: Iterable[dict[str, Any]]) -> ir.Table:
    """Return the rows as a table, numbered in their order unless they have keys, with one detainer on the release's last day."""
    numbered = [{**each, "key": number if each["key"] is None else each["key"]} for number, each in enumerate(rows)]
    return ibis.memtable([{name: each[name] for name in COLUMNS} for each in numbered], schema=COLUMNS)


def last() -> dict[str, Any]:
    """Return a detainer of the release's last day that ended otherwise, with an arrest and a book-in of the day."""
    return row(detainer_prepare_date=LAST_DAY, outcome="passed_on", arrest_days=0, book_in_days=0)


ENDS = ("handed_over", "declined", "released", "withdrawn", "superseded", "passed_on", "died", "unknown", "open")
LAW = ("must", "may", "must_not", "needs_facts", "conflict", "ask_counsel", None)


@st.composite
def detainers(draw: st.DrawFn) -> dict[str, Any]:
    """Draw one detainer of any kind, known and unknown."""
    outcome = draw(st.sampled_from(ENDS))
    lag = st.none() | st.integers(0, 500)
    reason = draw(st.sampled_from(("citizen", "could_not_come", "unstated", "case_closed", "in_doubt", None)))
    return row(
        key=draw(st.integers(0, 10**9)),
        release=draw(st.sampled_from(("R1", "R2"))),
        unique_identifier=draw(st.none() | st.just("a person")),
        detainer_prepare_date=draw(st.none() | st.dates(dt.date(2024, 1, 1), LAST_DAY)),
        facility_code=draw(st.none() | st.sampled_from(("A", "B", "C"))),
        county=draw(st.none() | st.just("Washington")),
        state=draw(st.none() | st.sampled_from(("PA", "OR"))),
        outcome=outcome,
        reason=reason if outcome == "withdrawn" else None,
        evidence=draw(st.sampled_from(("stated", "linked", "both", "contradicted")))
        if outcome not in ("unknown", "open")
        else "none",
        duplicate_of=draw(st.none() | st.none() | st.just(7)),
        arrest_days=draw(lag),
        book_in_days=draw(lag),
        law_hold=draw(st.sampled_from(LAW)),
        law_notify=draw(st.sampled_from(LAW)),
    )
