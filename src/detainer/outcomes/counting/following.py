"""Declined, and what followed: later arrests, the days to them, and the days to custody of those handed over."""

from collections.abc import Sequence
from typing import Final

import ibis
import numpy as np
import pyarrow as pa
from ibis.expr import types as ir

from detainer.outcomes.counting.groups import NO, Count, Counted, Measure, grouped, named, single, text
from detainer.outcomes.counting.spans import Release, followed, joined

LYNN: Final = 59  # days from the arraignment to the arrest in the Lynn case of 2024, by the requester's account
LYNN_CLASS: Final = 60  # days: where the class of LAGS ends in which they lie; a finer cut would tell of single days
WINDOWS: Final = (30, 90, 180)  # days within which a later arrest is looked for
QUANTILES: Final = {"p10": 0.10, "p25": 0.25, "p50": 0.50, "p75": 0.75, "p90": 0.90}

FOLLOWED: Final = {"arrested": "arrested by ICE later", "not_arrested": "no later ICE arrest found"}
LAGS: Final[dict[str, tuple[int, int, str]]] = {
    "day_0": (0, 0, "the same day"),
    "day_1_2": (1, 2, "1 to 2 days"),
    "day_3_7": (3, 7, "3 to 7 days"),
    "day_8_14": (8, 14, "8 to 14 days"),
    "day_15_30": (15, 30, "15 to 30 days"),
    "day_31_60": (31, 60, "31 to 60 days"),
    "day_61_90": (61, 90, "61 to 90 days"),
    "day_91_180": (91, 180, "91 to 180 days"),
    "day_181_365": (181, 365, "181 days to a year"),
    "day_366_on": (366, 1_000_000, "more than a year"),
}

ARREST: Final = (
    "A later arrest is ICE's administrative arrest of the same person id, on or after the detainer's day, in the same release. "
    "Why somebody was arrested is not in the data, nor is any other arrest than ICE's."
)
_DECLINED_DAY = "The day of the decline is not published: days count from the detainer's day."
_LEARNED = "A decline is one that ICE learned of and wrote down; agencies seldom tell it."
_TRUNCATED = "Long lags are found only for old detainers: the curves of `incidence` allow for that, this distribution does not."
_NO_ID = "no person id, no readable day, or a release that was not joined with the arrests: what followed cannot be known"
_NOT_OPEN = "none: what has not ended is no case of this measure"


def unfollowed(table: ir.Table, spans: Sequence[Release]) -> ir.BooleanValue:
    """Return whether nobody can tell if an arrest came later: no id, no day, or a release that was not joined with arrests."""
    blind = text(table, "unique_identifier").isnull() & table.arrest_days.isnull()
    unknown: ir.BooleanValue = blind | followed(table, spans).isnull() | ~joined(table, spans, "arrests")
    return unknown


def _arrested(days: int | None) -> Count:
    def count(table: ir.Table, spans: Sequence[Release]) -> Counted:
        arrested = table.arrest_days.notnull() if days is None else (table.arrest_days <= days).fill_null(False)
        short = NO if days is None else followed(table, spans) < days
        parts = {"arrested": arrested, "not_arrested": ~arrested}
        return Counted(table.outcome == "declined", unfollowed(table, spans), short, parts)

    return count


def _lynn(table: ir.Table, _spans: Sequence[Release]) -> Counted:
    days = table.arrest_days
    parts = {"within": days <= LYNN_CLASS, "later": days > LYNN_CLASS}
    return Counted((table.outcome == "declined") & days.notnull(), NO, NO, parts)


def _lag(days: str, outcome: str) -> Count:
    def count(table: ir.Table, _spans: Sequence[Release]) -> Counted:
        parts = {name: table[days].between(least, most) for name, (least, most, _title) in LAGS.items()}
        return Counted(table.outcome == outcome, table[days].isnull(), NO, parts)

    return count


def _followed(days: int | None) -> Measure:
    within = f"within {days} days" if days else "at any time up to the release's last day"
    long_enough = f", whose release runs on for at least {days} days after them" if days else ""
    return Measure(
        name=f"followed_{days or 'ever'}",
        title=f"Declined, and arrested by ICE {within}",
        says=f"of the detainers that were declined, how many were followed by an ICE arrest of the person {within}",
        numerator=f"those with an ICE arrest {within} of the detainer's day" if days else f"those with an ICE arrest {within}",
        denominator=f"declined detainers with a person id{long_enough}",
        unknown=_NO_ID,
        open=f"not followed for {days} days by the release: left out, arrested already or not, and counted beside"
        if days
        else "none is left out: each is followed to the release's last day, so old ones longer than young ones",
        limits=(ARREST, _DECLINED_DAY, _LEARNED),
        parts=FOLLOWED,
        count=_arrested(days),
    )


# The lags: what the days run to, the column that has them, of which outcome.
_LAGS: Final = {
    "lag_declined_arrest": ("the later ICE arrest", "arrest_days", "declined", "declined detainers"),
    "lag_book_in": ("the book-in into ICE detention", "book_in_days", "handed_over", "detainers that ended in a hand-over"),
    "lag_arrest": ("the ICE arrest", "arrest_days", "handed_over", "detainers that ended in a hand-over"),
    # Of an exchange's own record, whose rows have the days to the hand-over where the others have those to the book-in.
    "lag_hand_over": ("the hand-over", "book_in_days", "handed_over", "requests that ended in a hand-over"),
}


def _lag_of(name: str) -> Measure:
    what, days, outcome, who = _LAGS[name]
    return Measure(
        name=name,
        title=f"Days from the detainer to {what}",
        says=f"how many days passed from the detainer's day to {what}, for {who}",
        numerator="those whose days fall in the class",
        denominator=f"{who}, with {what} found",
        unknown=f"{what} was not found: no person id, no such row, or a release that was not joined with that table",
        open=_NOT_OPEN,
        limits=("Day 0 is the same calendar day.", _TRUNCATED),
        parts={part: title for part, (_least, _most, title) in LAGS.items()},
        count=_lag(days, outcome),
    )


FOLLOWING: Final[tuple[Measure, ...]] = (
    *(_followed(days) for days in (*WINDOWS, None)),
    Measure(
        name="lynn",
        title=f"Where {LYNN} days lie among declined detainers with a later arrest",
        says=f"how many of the later arrests came within {LYNN_CLASS} days, as in the Lynn case after {LYNN}, and how many later",
        numerator=f"those whose arrest came in {LYNN_CLASS} days or fewer, or in more",
        denominator="declined detainers with a later ICE arrest",
        unknown="none: a case is one that has an arrest",
        open=_NOT_OPEN,
        limits=(
            ARREST,
            f"Few arrests come after exactly {LYNN} days: the cut is where their class ends, so that no single day is told.",
            f"The {LYNN} days of the Lynn case: from the arraignment (2024-01-29) to the arrest (2024-03-28), by ICE's account.",
            _TRUNCATED,
        ),
        parts={
            "within": f"{LYNN_CLASS} days or fewer: the {LYNN} days of the Lynn case lie here",
            "later": f"more than {LYNN_CLASS} days",
        },
        count=_lynn,
    ),
    *(_lag_of(name) for name in _LAGS if name != "lag_hand_over"),
)
HAND_OVER: Final = _lag_of("lag_hand_over").model_copy(
    update={
        "unknown": "the record does not tell on which day the hand-over was, or on which the request was lodged",
        "limits": ("Day 0 is the same calendar day.", "Long lags are found only for old requests: the curve allows for that."),
    }
)


def quantiles(name: str, table: ir.Table, by: Sequence[str] = ()) -> ir.Table:
    """Return the quantiles of one of the lags by groups: `cases`, and `p10` to `p90` in days.

    A quantile is the first day by which at least that part of the cases had happened, so it is a day that occurs. Copies of
    another row are left out. The shortest and longest are not given: each is one person's.
    """
    _what, days, outcome, _who = named(_LAGS, "lag", name)
    keys = grouped(by)
    cases = table.filter((table.outcome == outcome) & table[days].notnull() & single(table))
    per_day = cases.group_by(**{key: value(cases) for key, value in keys.items()}, days=cases[days]).agg(rows=cases.count())
    found = per_day.order_by([*by, "days"]).to_pyarrow()
    lengths, first = runs(found, by)
    rows = [_quantiles(found, start, start + length) for start, length in zip(first, lengths, strict=True)]
    columns = {key: found.column(key).take(pa.array(first)) for key in by}
    columns |= {key: pa.array([row[key] for row in rows], pa.int64()) for key in ("cases", *QUANTILES)}
    return ibis.memtable(pa.table(columns))


def runs(table: pa.Table, by: Sequence[str]) -> tuple[list[int], list[int]]:
    """Return the length and the first row of each run of rows with the same values in these columns, of a sorted table."""
    if not table.num_rows:
        return [], []
    changed = np.zeros(table.num_rows, dtype=bool)
    changed[0] = True
    for key in by:
        codes = table.column(key).combine_chunks().dictionary_encode(null_encoding="encode").indices.to_numpy()
        changed[1:] |= codes[1:] != codes[:-1]
    first = np.flatnonzero(changed)
    return np.diff(np.append(first, table.num_rows)).tolist(), first.tolist()


def _quantiles(found: pa.Table, start: int, stop: int) -> dict[str, int]:
    part = found.slice(start, stop - start)
    days, reached = part.column("days").to_numpy(), part.column("rows").to_numpy().cumsum()
    all_ = int(reached[-1])
    at = {name: int(np.searchsorted(reached, np.ceil(share * all_ - 1e-9))) for name, share in QUANTILES.items()}
    return {"cases": all_} | {name: int(days[place]) for name, place in at.items()}
