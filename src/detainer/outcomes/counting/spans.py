"""What one release can show: the last day that it reaches, and whether its detainers were joined with arrests and book-ins."""

import datetime as dt
from collections.abc import Sequence
from typing import Final

import ibis
from ibis.expr import types as ir
from pydantic import BaseModel, ConfigDict

STRAY: Final = 10_000  # one row in so many may carry a mistyped day


class Release(BaseModel):
    """How far a release reaches: its last day, and whether any of its detainers is joined with an arrest or a book-in.

    A release none of whose detainers is joined with an arrest was most likely built without the arrests; what followed is then
    unknown, never nothing.
    """

    model_config = ConfigDict(frozen=True)

    name: str | None
    last_day: dt.date | None
    arrests: bool
    book_ins: bool


def spans_of(table: ir.Table) -> tuple[Release, ...]:
    """Return the releases of a table of outcomes, by name; this computes one small count.

    The last day is the latest on which a detainer was prepared, with the latest 1 in 10,000 rows left out: a year mistyped as
    2201 does not lengthen the time of everybody else. Whoever knows the day that a release states puts it into `last_day`.
    """
    day = table.detainer_prepare_date
    per_day = table.group_by(release=table.release, day=day).agg(
        rows=table.count(), arrests=table.arrest_at.count(), book_ins=table.book_in_at.count()
    )
    later = ibis.window(group_by="release", order_by=ibis.desc("day"), preceding=None, following=0)
    dated = per_day.filter(per_day.day.notnull())
    told = dated.mutate(reached=dated.rows.sum().over(later), all=dated.rows.sum().over(group_by="release"))
    last = told.filter(told.reached * STRAY > told["all"]).group_by("release").agg(last_day=lambda t: t.day.max())
    joined = per_day.group_by("release").agg(arrests=per_day.arrests.sum(), book_ins=per_day.book_ins.sum())
    beside = joined.left_join(last, joined.release.identical_to(last.release)).select(
        joined.release, last.last_day, joined.arrests, joined.book_ins
    )
    found = [
        Release(name=row["release"], last_day=row["last_day"], arrests=row["arrests"] > 0, book_ins=row["book_ins"] > 0)
        for row in beside.to_pyarrow().to_pylist()
    ]
    return tuple(sorted(found, key=lambda span: span.name or ""))


def followed(table: ir.Table, spans: Sequence[Release]) -> ir.IntegerValue:
    """Return the days from each detainer to the last day of its release; null where either is not known."""
    last = _of_release(table, [(span.name, span.last_day and ibis.literal(span.last_day)) for span in spans], "date")
    days: ir.IntegerValue = last.delta(table.detainer_prepare_date, unit="day")
    return days


def joined(table: ir.Table, spans: Sequence[Release], what: str) -> ir.BooleanValue:
    """Return whether the release of each detainer was joined with `arrests` or `book_ins`."""
    yes: ir.BooleanValue = _of_release(table, [(span.name, ibis.literal(getattr(span, what))) for span in spans], "boolean")
    return yes.fill_null(False)


def _of_release(table: ir.Table, values: list[tuple[str | None, ir.Scalar | None]], kind: str) -> ir.Value:
    cases = [(table.release.identical_to(name), value) for name, value in values if value is not None]
    return ibis.cases(*cases, else_=ibis.null(kind)) if cases else ibis.null(kind)
