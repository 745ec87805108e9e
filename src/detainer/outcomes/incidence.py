"""How soon: the part of detainers whose event has come by each day, with other ends and with releases that stop (Aalen-Johansen).

docs/decisions/0022-incidence.md says why. What has a day in the published data: the detainer, the book-in, the arrest. Every
other end (declined, released, withdrawn, died ...) is known to have come, but not when. Who ended otherwise never comes into
custody for this detainer, so whoever did stays in the count of those who could until the release's last day, and the curve of
custody is right without the day. Where the day of another end is known (`ended_days`: the exchange's own record), it counts.
"""

from collections.abc import Callable, Sequence
from typing import Final, NamedTuple

import ibis
import numpy as np
import numpy.typing as npt
import pyarrow as pa
from ibis.expr import types as ir
from pydantic import BaseModel, ConfigDict, Field

from detainer.outcomes.counting import grouped, named, single, text
from detainer.outcomes.following import runs
from detainer.outcomes.spans import Release, followed, joined, spans_of

Counts = npt.NDArray[np.int64]
Shares = npt.NDArray[np.float64]

EVENT: Final = "event"  # it came, on a known day
OTHER: Final = "other"  # another end came first, on a known day
WAITING: Final = "waiting"  # neither had come by the release's last day, or another end came on a day that nobody knows
UNDATED: Final = "undated"  # the event came; the day is not known
BLIND: Final = "blind"  # nobody can tell whether it came
APART: Final = "apart"  # another end came, and nobody could have told if the event had: it counts in the bounds alone
_CLASSES: Final = (EVENT, OTHER, WAITING, UNDATED, BLIND, APART)
_ENDED: Final = ("unknown", "open")


class Cases(NamedTuple):
    """Which rows a curve is about, whether and when its event came, when another end did, and whether links could show it."""

    scope: ir.BooleanValue
    came: ir.BooleanValue
    days: ir.IntegerValue
    otherwise: ir.BooleanValue
    other_days: ir.IntegerValue
    linked: ir.BooleanValue


class Curve(BaseModel):
    """One curve in words: whose, to which event, what else can come first, what is not known."""

    model_config = ConfigDict(frozen=True)

    name: str
    title: str
    says: str
    event: str
    others: str
    denominator: str
    unknown: str
    open: str
    limits: tuple[str, ...] = ()
    cases: Callable[[ir.Table, Sequence[Release]], Cases] = Field(exclude=True, repr=False)


def _days(table: ir.Table, name: str) -> ir.IntegerValue:
    days: ir.IntegerValue = table[name] if name in table.columns else ibis.null("int64")
    return days


def _custody(table: ir.Table, spans: Sequence[Release]) -> Cases:
    came = (table.outcome == "handed_over").fill_null(False)
    linked = joined(table, spans, "book_ins") & text(table, "unique_identifier").notnull()
    otherwise = ~came & table.outcome.notnull() & ~table.outcome.isin(list(_ENDED)).fill_null(False)
    days = ibis.coalesce(table.book_in_days, table.arrest_days)
    return Cases(~ibis.literal(False), came, days, otherwise, _days(table, "ended_days"), linked)


def _declined_arrest(table: ir.Table, spans: Sequence[Release]) -> Cases:
    linked = joined(table, spans, "arrests") & text(table, "unique_identifier").notnull()
    none = ibis.literal(False)
    return Cases(table.outcome == "declined", table.arrest_days.notnull(), table.arrest_days, none, ibis.null("int64"), linked)


_STAYS = (
    "still without the event on the release's last day: counted as waiting up to that day and not beyond (censored). Whether a "
    "case is open still need not be known"
)
CURVES: Final[dict[str, Curve]] = {
    curve.name: curve
    for curve in (
        Curve(
            name="custody",
            title="From the detainer to the requester's custody",
            says="of all detainers, the part whose person the requester had taken into custody by each day after the detainer",
            event="the book-in into ICE detention, else the ICE arrest, of a detainer that ended in a hand-over",
            others="every other end: declined, released, withdrawn, superseded, passed on, died. It is known that it came, not "
            "when (the releases of 2025 and 2026 carry no day of the lift): who ended otherwise counts to the release's last day "
            "as one whom custody did not reach, which needs no day",
            denominator="detainers with a readable day and a person id, in a release joined with book-ins; copies left out",
            unknown="no id, or handed over on a day that is not known: left out of the curve; low has all of them never in "
            "custody, high has all of them in custody on the detainer's day",
            open=_STAYS,
            limits=(
                "Without a lift reason a hand-over is read from a book-in within the window of the links only.",
                "It is taken that detainers of late days would go as those of early days did; counted by month, it need not be.",
            ),
            cases=_custody,
        ),
        Curve(
            name="declined_arrest",
            title="From a declined detainer to a later ICE arrest",
            says="of the declined detainers, the part whose person ICE had arrested by each day after the detainer",
            event="ICE's administrative arrest of the same person id, on or after the detainer's day",
            others="none is in the data: who left the country or died unseen counts as not arrested",
            denominator="declined detainers with a readable day and a person id, in a release joined with arrests; no copies",
            unknown="no id: left out of the curve; low has all of them never arrested, high all of them on the detainer's day",
            open=_STAYS,
            limits=("The day of the decline is not published: days count from the detainer's day.",),
            cases=_declined_arrest,
        ),
    )
}


def incidence(
    table: ir.Table,
    by: Sequence[str] = (),
    *,
    curve: str = "custody",
    at: Sequence[int] | None = None,
    spans: Sequence[Release] | None = None,
) -> ir.Table:
    """Return a curve by groups: a row for each day on which something changes, or for the days `at`. One pass over the rows.

    Columns: the groups, `day` (after the detainer's), `at_risk` (cases that the event could still reach, followed to that day),
    `events` (on that day), `incidence` (the part that the event has reached by the end of that day; null past the last day that
    anybody in the group is followed to), `error` (its standard error, Aalen's), `low` and `high` (if none, or all, of the unknown
    cases had the event, the latter on day 0), `cases`, `unknown` (left out of `incidence`) and `no_day` (no readable day: left
    out of all).
    """
    chosen, keys = named(CURVES, "curve", curve), grouped(by)
    spans = spans_of(table) if spans is None else spans
    cases = chosen.cases(table, spans)
    counted = table.filter(cases.scope & single(table))
    kind, day = _placed(chosen.cases(counted, spans), followed(counted, spans))
    placed = counted.select(**{name: key(counted) for name, key in keys.items()}, kind=kind, day=day)
    counts = placed.group_by([*keys, "day"]).agg(
        **{name: (placed.kind == name).cast("int64").sum().fill_null(0) for name in _CLASSES}, rows=placed.count()
    )
    found = counts.order_by([*by, ibis.asc("day", nulls_first=True)]).to_pyarrow()
    return _curves(found, tuple(by), None if at is None else np.array(sorted(set(at)), dtype=np.int64))


def _placed(cases: Cases, last: ir.IntegerValue) -> tuple[ir.StringValue, ir.IntegerValue]:
    """Return the class of each row and its day; a row without a readable day, or of a day after the last one, has neither."""
    dated = (cases.came & (cases.days >= 0)).fill_null(False)
    other = (cases.otherwise & (cases.other_days >= 0)).fill_null(False)
    came = dated & (cases.days <= last)
    ended = other & (cases.other_days <= last)
    kind = ibis.cases(
        (last.isnull() | (last < 0), ibis.null("string")),
        (came, EVENT),
        (dated, WAITING),
        (ended, OTHER),
        (cases.came & cases.days.isnull(), UNDATED),
        (cases.linked, WAITING),
        (cases.otherwise, APART),
        else_=BLIND,
    )
    day = ibis.cases((last < 0, ibis.null("int64")), (came, cases.days), (ended, cases.other_days), else_=last)
    return kind, day


def _curves(found: pa.Table, by: tuple[str, ...], at: Counts | None) -> ir.Table:
    lengths, first = runs(found, by)
    parts = [_curve(found.slice(start, length), at) for length, start in zip(lengths, first, strict=True)]
    repeats = np.repeat(np.array(first, dtype=np.int64), [len(part["day"]) for part in parts])
    columns = {key: found.column(key).take(pa.array(repeats)) for key in by}
    columns |= {
        name: pa.array(np.concatenate([part[name] for part in parts]) if parts else [], kind, from_pandas=True)
        for name, kind in _COLUMNS.items()
    }
    return ibis.memtable(pa.table(columns))


_COLUMNS: Final = {
    "day": pa.int64(),
    "at_risk": pa.int64(),
    "events": pa.int64(),
    "incidence": pa.float64(),
    "error": pa.float64(),
    "low": pa.float64(),
    "high": pa.float64(),
    "cases": pa.int64(),
    "unknown": pa.int64(),
    "no_day": pa.int64(),
}


def _curve(part: pa.Table, at: Counts | None) -> dict[str, npt.NDArray[np.generic]]:
    """Return the curve of one group from its counts per day."""
    no_day = int(part.column("rows")[0].as_py()) if part.column("day")[0].as_py() is None else 0
    part = part.slice(1) if no_day else part
    day = part.column("day").to_numpy().astype(np.int64)
    count = {name: part.column(name).to_numpy().astype(np.int64) for name in _CLASSES}
    known = aalen_johansen(day, count[EVENT], count[OTHER], count[WAITING])
    unknown = count[UNDATED] + count[BLIND]
    low = aalen_johansen(day, count[EVENT], count[OTHER], count[WAITING] + count[APART] + unknown)
    high = _at_once(day, count, int(unknown.sum()))
    cases = int((count[EVENT] + count[OTHER] + count[WAITING]).sum())
    changes = np.flatnonzero(count[EVENT] > 0)
    days = np.unique(np.append(day[changes], 0)) if at is None else at
    last = np.where(cases > 0, day.max(initial=-1, where=known.at_risk > 0), -1)
    shown = {"incidence": known.incidence, "error": known.error, "low": low.incidence, "high": high}
    found = {name: np.where(days <= last, _at(days, day, values), np.nan) for name, values in shown.items()}
    exact = np.isin(days, day)
    place = np.searchsorted(day, days)
    inside = np.minimum(place, max(len(day) - 1, 0))
    same = {
        name: np.full(len(days), value) for name, value in (("cases", cases), ("unknown", int(unknown.sum())), ("no_day", no_day))
    }
    at_risk = np.where(place < len(day), known.at_risk[inside], 0) if len(day) else np.zeros(len(days), np.int64)
    events = np.where(exact, count[EVENT][inside], 0) if len(day) else np.zeros(len(days), np.int64)
    return {"day": days, "at_risk": at_risk, "events": events, **found, **same}


def _at(days: Counts, day: Counts, values: Shares) -> Shares:
    """Return a curve of steps at other days: its value on the last day of it that is not later; 0 before the first."""
    place = np.searchsorted(day, days, side="right")
    value: Shares = np.append(0.0, values)[place]
    return value


def _at_once(day: Counts, count: dict[str, Counts], unknown: int) -> Shares:
    """Return the curve if every unknown case had had its event on day 0."""
    if not len(day):
        return np.zeros(0)
    waiting = count[WAITING] + count[APART]
    if day[0] == 0:
        event = count[EVENT].copy()
        event[0] += unknown
        return aalen_johansen(day, event, count[OTHER], waiting).incidence
    zero = np.zeros(1, dtype=np.int64)
    others = (np.append(zero, each) for each in (count[OTHER], waiting))
    return aalen_johansen(np.append(zero, day), np.append(unknown, count[EVENT]), *others).incidence[1:]


class Estimate(NamedTuple):
    """For each day: how many the event could still reach at its start, the part it reached by its end, the standard error."""

    at_risk: Counts
    incidence: Shares
    error: Shares


def aalen_johansen(day: Counts, event: Counts, other: Counts, censored: Counts) -> Estimate:
    """Return the Aalen-Johansen estimate of the cumulative incidence of an event beside other ends, from counts per day.

    `day` rises; who is censored on a day was still at risk of what came on it. The error is Aalen's (1978), as in
    Marubini and Valsecchi; 0 where nobody is left after.
    """
    left = np.cumsum(event + other + censored)
    all_ = int(left[-1]) if len(day) else 0
    at_risk = all_ - np.append(0, left)[: len(day)].astype(np.int64)
    risk = np.where(at_risk > 0, at_risk, 1).astype(np.float64)
    ended = event + other
    staying = np.cumprod(1.0 - ended / risk)
    before: Shares = np.append(1.0, staying)[: len(day)]
    reached = np.cumsum(before * event / risk)
    return Estimate(at_risk, reached, _error(risk, event, ended, before, reached))


def _error(risk: Shares, event: Counts, ended: Counts, before: Shares, reached: Shares) -> Shares:
    """Return the standard error, expanded into sums so that it takes one pass for all days."""
    rest = risk - ended
    first = np.divide(ended, risk * rest, out=np.zeros_like(risk), where=rest > 0)
    second = before**2 * event * (risk - event) / risk**3
    third = before * event / risk**2
    square = reached**2 * np.cumsum(first) - 2 * reached * np.cumsum(reached * first) + np.cumsum(reached**2 * first)
    variance = square + np.cumsum(second) - 2 * (reached * np.cumsum(third) - np.cumsum(reached * third))
    error: Shares = np.sqrt(np.maximum(variance, 0.0))
    return error
