"""How each figure is traced to its rows: for a measure and a part of it, the condition on `outcomes.parquet` that lists them."""

import datetime as dt
from collections.abc import Callable, Sequence
from typing import Final

from detainer.outcomes.counting.following import LAGS, LYNN
from detainer.outcomes.counting.measures import WITHDRAWN
from detainer.outcomes.counting.of_record import HOURS
from detainer.outcomes.counting.spans import Release

Condition = Callable[[str, Sequence[Release]], str]
_SINGLE: Final = "duplicate_of IS NULL"
_SAYS: Final = {"forbidden": "= 'must_not'", "allowed": "IN ('must', 'may')"}
_LAG_DAYS: Final = {
    "lag_declined_arrest": ("arrest_days", "declined"),
    "lag_book_in": ("book_in_days", "handed_over"),
    "lag_arrest": ("arrest_days", "handed_over"),
}
_LYNN: Final = {"sooner": "<", "same": "=", "later": ">"}


def condition(measure: str, part: str, spans: Sequence[Release] = ()) -> str:
    """Return the SQL condition (DuckDB's) that the rows of one part of a measure fulfil, copies of another row left out.

    `spans`: the releases of the build, for the measures that ask how long a release runs on. KeyError for another measure.
    """
    return f"{_CONDITIONS[measure](part, spans)} AND {_SINGLE}"


def query(measure: str, part: str, spans: Sequence[Release] = ()) -> str:
    """Return the statement that lists the rows of one part of a measure, each with where it stands in its release."""
    return "\n".join(("SELECT release, file, sheet, row FROM 'outcomes.parquet'", f"WHERE {condition(measure, part, spans)}"))


def _mix(part: str, _spans: Sequence[Release]) -> str:
    return f"outcome = '{part}'"


def _evidence(part: str, _spans: Sequence[Release]) -> str:
    return f"evidence = '{part}' AND outcome NOT IN ('unknown', 'open')"


def _because(part: str, _spans: Sequence[Release]) -> str:
    if part == "other":
        return f"outcome = 'withdrawn' AND reason NOT IN ({_quoted([*WITHDRAWN, 'unstated'])})"
    return f"outcome = 'withdrawn' AND reason = '{part}'"


def _one_reason(reason: str) -> Condition:
    def of(part: str, _spans: Sequence[Release]) -> str:
        if part == reason:
            return _because(reason, ())
        return f"outcome NOT IN ('unknown', 'open') AND NOT (outcome = 'withdrawn' AND coalesce(reason, '') = '{reason}')"

    return of


def _law(assumed: str) -> Condition:
    def of(part: str, _spans: Sequence[Release]) -> str:
        hold, notify = part.split("_")
        return f"outcome = 'declined' AND law_hold{assumed} {_SAYS[hold]} AND law_notify{assumed} {_SAYS[notify]}"

    return of


def _lag(measure: str) -> Condition:
    days, outcome = _LAG_DAYS[measure]

    def of(part: str, _spans: Sequence[Release]) -> str:
        least, most, _title = LAGS[part]
        return f"outcome = '{outcome}' AND {days} BETWEEN {least} AND {most}"

    return of


def _lynn(part: str, _spans: Sequence[Release]) -> str:
    return f"outcome = 'declined' AND arrest_days {_LYNN[part]} {LYNN}"


def _followed(days: int | None) -> Condition:
    def of(part: str, spans: Sequence[Release]) -> str:
        arrested = "arrest_days IS NOT NULL" if days is None else f"arrest_days <= {days}"
        found = arrested if part == "arrested" else f"NOT coalesce({arrested}, false)"
        known = "(unique_identifier IS NOT NULL OR arrest_days IS NOT NULL)"
        return f"outcome = 'declined' AND {found} AND {known} AND ({_long_enough(days, spans)})"

    return of


def _long_enough(days: int | None, spans: Sequence[Release]) -> str:
    """Return which rows are followed so many days by their release, and in it could be joined with arrests."""
    joined = [(_of(span), span.last_day) for span in spans if span.arrests and span.last_day]
    if days is None:
        told = [f"{name} AND detainer_prepare_date IS NOT NULL" for name, _last in joined]
    else:
        told = [f"{name} AND detainer_prepare_date <= DATE '{last - dt.timedelta(days=days)}'" for name, last in joined]
    return " OR ".join(told) or "false"


def _of(span: Release) -> str:
    return "release IS NULL" if span.name is None else f"release = '{span.name.replace(chr(39), 2 * chr(39))}'"


def _quoted(words: Sequence[str]) -> str:
    return ", ".join(f"'{word}'" for word in words)


# Of an exchange's own record.
_MOMENTS: Final = {
    "time_delivered": ("lodged_at", "delivered_at"),
    "time_acknowledged": ("delivered_at", "acknowledged_at"),
    "time_decided": ("delivered_at", "decided_at"),
}
_HELD: Final = {"to_24": "<= 24", "to_48": "> 24 AND {} <= 48", "over_48": "> 48"}


def _time(measure: str) -> Condition:
    since, until = _MOMENTS[measure]

    def of(part: str, _spans: Sequence[Release]) -> str:
        least, most, _title = HOURS[part]
        minutes = f"(epoch({until}) - epoch({since})) / 60"
        return f"{minutes} >= {least} AND {minutes} < {most}"

    return of


def _held(part: str, _spans: Sequence[Release]) -> str:
    hours = "(epoch(coalesce(hold_ended_at, handed_over_at)) - epoch(hold_started_at)) / 3600"
    return f"{hours} {_HELD[part].format(hours)}"


def _ask(column: str) -> Condition:
    return lambda part, _spans: f"{column} = '{part}'"


_CONDITIONS: Final[dict[str, Condition]] = {
    "outcome_mix": _mix,
    "evidence": _evidence,
    **{f"followed_{days or 'ever'}": _followed(days) for days in (30, 90, 180, None)},
    "lynn": _lynn,
    **{name: _lag(name) for name in _LAG_DAYS},
    "citizens": _one_reason("citizen"),
    "no_means": _one_reason("could_not_come"),
    "withdrawn": _because,
    "declined_law": _law(""),
    "declined_law_assumed": _law("_assumed"),
    **{name: _time(name) for name in _MOMENTS},
    "held": _held,
    **{name: _ask(name) for name in ("ask_notify", "ask_hold")},
}
MEASURES: Final = tuple(_CONDITIONS)
