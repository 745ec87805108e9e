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

from detainer.outcomes.counting.estimating import Counts, Numbers, Shares, aalen_johansen
from detainer.outcomes.counting.following import runs
from detainer.outcomes.counting.groups import NO, grouped, named, single, text
from detainer.outcomes.counting.spans import Release, followed, joined, spans_of
from detainer.outcomes.errors import OutcomesError

# What is known of a case, each told apart by whether its end is stated (`said`) or nothing is (`blank`):
EVENT: Final = "event"  # it came, on a known day
OTHER: Final = "other"  # another end came first, on a known day
WAITING: Final = "waiting"  # neither had come by the release's last day, or another end came on a day that nobody knows
# and the unknown ones:
UNDATED: Final = "undated"  # it is stated that the event came; the day is not known
BLIND: Final = "blind"  # nothing is stated, and nobody can tell whether the event came
_KNOWN: Final = tuple(f"{kind}_{stated}" for kind in (EVENT, OTHER, WAITING) for stated in ("said", "blank"))
_CLASSES: Final = (*_KNOWN, UNDATED, BLIND)
_ENDED: Final = ("unknown", "open")


class Cases(NamedTuple):
    """Which rows a curve is about, whether and when its event came, whether and when another end did; whether it is stated
    that it is open, whether nothing is stated, and whether links could show the event then."""

    scope: ir.BooleanValue
    came: ir.BooleanValue
    days: ir.IntegerValue
    otherwise: ir.BooleanValue
    other_days: ir.IntegerValue
    open: ir.BooleanValue
    blank: ir.BooleanValue
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
    blank = ~table.evidence.isin(["stated", "both", "contradicted"]).fill_null(False)
    open_ = (table.outcome == "open").fill_null(False)
    return Cases(~NO, came, days, otherwise, _days(table, "ended_days"), open_, blank, linked)


def _declined_arrest(table: ir.Table, spans: Sequence[Release]) -> Cases:
    linked = joined(table, spans, "arrests") & text(table, "unique_identifier").notnull()
    came, never = table.arrest_days.notnull(), ibis.null("int64")
    return Cases(table.outcome == "declined", came, table.arrest_days, NO, never, NO, ~NO, linked)


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
            denominator="all detainers with a readable day; copies left out",
            unknown="handed over on a day that is not known: counts as those whose day is known. Nothing stated, and no id or a "
            "release not joined with book-ins: counts as those of which nothing is stated and that could be linked. low has "
            "none of both ever in custody, high has all of them in custody on the detainer's day",
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
            denominator="declined detainers with a readable day; copies left out",
            unknown="no id, or a release not joined with arrests: counts as those that could be linked; low has none of them "
            "ever arrested, high has all of them arrested on the detainer's day",
            open=_STAYS,
            limits=("The day of the decline is not published: days count from the detainer's day.",),
            cases=_declined_arrest,
        ),
        Curve(
            name="hand_over",
            title="From the request to the hand-over",
            says="of all requests of an exchange's record, the part whose person was handed over to the requester by each day",
            event="the hand-over to the requester, as the record has it",
            others="every other end: released, withdrawn, replaced, passed on, died. Who ended otherwise counts to the record's "
            "last day as one who was not handed over",
            denominator="all requests with a known day",
            unknown="handed over on a day that is not known: counts as those whose day is known",
            open="not ended on the record's last day: counted as waiting up to that day and not beyond (censored)",
            limits=("It is taken that requests of late days would go as those of early days did; it need not be.",),
            cases=_custody,
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

    Columns: the groups, `day` (after the detainer's), `at_risk` (known cases that the event could still reach, followed to that
    day), `events` (on that day), `incidence` (the part that the event has reached by the end of that day, the unknown cases
    counted as those alike; null past the last day that anybody of them is followed to, and where nobody alike is known),
    `error` (its standard error, Aalen's, of the known cases), `low` and `high` (if none, or all, of the unknown cases had the
    event, the latter on day 0), `cases` (known), `unknown` and `no_day` (no readable day: left out of all).
    OutcomesError for a curve, group or day that there is not.
    """
    if at is not None and min(at, default=0) < 0:
        raise OutcomesError(f"day {min(at)}: a curve begins on day 0, the detainer's day")
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
    stated = cases.blank.ifelse("_blank", "_said")
    kind = ibis.cases(
        (last.isnull() | (last < 0), ibis.null("string")),
        (came, ibis.literal(EVENT) + stated),
        (ended, ibis.literal(OTHER) + stated),
        (cases.came & cases.days.isnull(), ibis.literal(UNDATED)),
        (dated | cases.otherwise | cases.open | cases.linked, ibis.literal(WAITING) + stated),
        else_=ibis.literal(BLIND),
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
    day, count = _from_day_0(part)
    event, other, waiting = (count[f"{kind}_said"] + count[f"{kind}_blank"] for kind in (EVENT, OTHER, WAITING))
    unknown = count[UNDATED] + count[BLIND]
    known = aalen_johansen(day, event, other, waiting)
    least = aalen_johansen(day, event, other, waiting + unknown)
    days = np.unique(np.append(day[event > 0], 0)) if at is None else at
    curves = {
        "incidence": (_weighted(day, count), known.at_risk),
        "error": (known.error, known.at_risk),
        "low": (least.incidence, least.at_risk),
        "high": (_at_once(day, event, other, waiting, int(unknown.sum())), least.at_risk),
    }
    numbers = {"cases": int((event + other + waiting).sum()), "unknown": int(unknown.sum()), "no_day": no_day}
    on = np.searchsorted(day, days)
    return {
        "day": days,
        "at_risk": np.append(known.at_risk, 0)[on],
        "events": np.where(np.isin(days, day), np.append(event, 0)[on], 0),
        **{name: _at(days, day, values, at_risk) for name, (values, at_risk) in curves.items()},
        **{name: np.full(len(days), value) for name, value in numbers.items()},
    }


def _from_day_0(part: pa.Table) -> tuple[Counts, dict[str, Counts]]:
    """Return the days, day 0 first whatever happened on it, and the counts of each class on them."""
    day = part.column("day").to_numpy().astype(np.int64)
    early = np.zeros(0 if len(day) and day[0] == 0 else 1, dtype=np.int64)
    counts = {name: np.append(early, part.column(name).to_numpy().astype(np.int64)) for name in _CLASSES}
    return np.append(early, day), counts


def _at(days: Counts, day: Counts, values: Shares, at_risk: Numbers) -> Shares:
    """Return a curve of steps at other days: its value on its last day that is not later, up to the last with anybody at risk."""
    value: Shares = values[np.searchsorted(day, days, side="right") - 1]
    return np.where(days <= day[at_risk > 0].max(initial=-1), value, np.nan)


def _weighted(day: Counts, count: dict[str, Counts]) -> Shares:
    """Return the curve in which each unknown case counts as the known ones alike; not a number where there are none alike."""
    said = _weight(count[f"{EVENT}_said"].sum(), count[UNDATED].sum())
    blank = _weight(sum(count[f"{kind}_blank"].sum() for kind in (EVENT, OTHER, WAITING)), count[BLIND].sum())
    event = said * count[f"{EVENT}_said"] + blank * count[f"{EVENT}_blank"]
    other, waiting = (count[f"{kind}_said"] + blank * count[f"{kind}_blank"] for kind in (OTHER, WAITING))
    return aalen_johansen(day, event, other, waiting).incidence


def _weight(known: float, unknown: float) -> float:
    """Return for how many cases each known one stands."""
    return (known + unknown) / known if known else 1.0 if not unknown else float("nan")


def _at_once(day: Counts, event: Counts, other: Counts, waiting: Counts, unknown: int) -> Shares:
    """Return the curve if every unknown case had had its event on day 0, the first."""
    early = np.append(np.array([unknown]), np.zeros(len(day) - 1, dtype=np.int64))
    return aalen_johansen(day, event + early, other, waiting).incidence
