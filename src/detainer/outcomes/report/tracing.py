"""How each figure is traced to its rows: for a measure and a part of it, the condition on `outcomes.parquet` that lists them.

The conditions say in SQL what the measures, curves and checks say as expressions; a test holds the numbers of rows equal.
"""

import datetime as dt
from collections.abc import Callable, Sequence
from typing import Final

from detainer.outcomes.counting.following import LAGS, LYNN_CLASS
from detainer.outcomes.counting.measures import RECENT, WITHDRAWN
from detainer.outcomes.counting.of_record import HOURS
from detainer.outcomes.counting.spans import Release

Condition = Callable[[str, Sequence[Release]], str]
_SINGLE: Final = "duplicate_of IS NULL"
_SAYS: Final = {"forbidden": "= 'must_not'", "allowed": "IN ('must', 'may')"}
_LAG_DAYS: Final = {
    "lag_declined_arrest": ("arrest_days", "declined"),
    "lag_book_in": ("book_in_days", "handed_over"),
    "lag_arrest": ("arrest_days", "handed_over"),
    "lag_hand_over": ("book_in_days", "handed_over"),
}
_LYNN: Final = {"within": "<=", "later": ">"}


def condition(measure: str, part: str, spans: Sequence[Release] = ()) -> str:
    """Return the SQL condition (DuckDB's) that the rows of one part of a measure fulfil, copies of another row left out.

    The part may also be `unknown` or `open`: the cases that are counted beside. `spans`: the releases of the build, for the
    measures that ask how long a release runs on. KeyError for another measure.
    """
    rest = {"unknown": 0, "open": 1}.get(part)
    told = _CONDITIONS[measure](part, spans) if rest is None else _REST[measure][rest](spans)
    return f"{told} AND {_SINGLE}"


def query(measure: str, part: str, spans: Sequence[Release] = ()) -> str:
    """Return the statement that lists the rows of one part of a measure, each with where it stands in its release."""
    return _listed(condition(measure, part, spans))


def _listed(where: str) -> str:
    return "\n".join(("SELECT release, file, sheet, row FROM 'outcomes.parquet'", f"WHERE {where}"))


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
    return f"outcome = 'declined' AND arrest_days {_LYNN[part]} {LYNN_CLASS}"


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


# The cases that are counted beside: whose part is unknown, and which may be open still.
Rest = Callable[[Sequence[Release]], str]


def _none(_spans: Sequence[Release]) -> str:
    return "false"


def _said(where: str) -> Rest:
    return lambda _spans: where


def _young(spans: Sequence[Release]) -> str:
    """Return which rows are younger than RECENT days on their release's last day."""
    days = [(_of(span), span.last_day - dt.timedelta(days=RECENT)) for span in spans if span.last_day]
    return " OR ".join(f"{name} AND detainer_prepare_date > DATE '{day}'" for name, day in days) or "false"


def _may_be_open(spans: Sequence[Release]) -> str:
    return f"(outcome = 'open' OR outcome = 'unknown' AND coalesce({_young(spans)}, false))"


def _no_end(spans: Sequence[Release]) -> str:
    return f"outcome = 'unknown' AND NOT {_may_be_open(spans)}"


def _no_evidence(spans: Sequence[Release]) -> str:
    return f"(outcome = 'unknown' OR coalesce(evidence, 'none') = 'none') AND NOT {_may_be_open(spans)}"


def _no_law(assumed: str) -> Rest:
    known = " AND ".join(f"coalesce(law_{ask}{assumed} IN ('must', 'may', 'must_not'), false)" for ask in ("hold", "notify"))
    return _said(f"outcome = 'declined' AND NOT ({known})")


_HAS_ID: Final = "(unique_identifier IS NOT NULL OR arrest_days IS NOT NULL)"


def _unfollowed(spans: Sequence[Release]) -> str:
    return f"outcome = 'declined' AND NOT ({_HAS_ID} AND coalesce({_long_enough(None, spans)}, false))"


def _too_recent(days: int | None) -> Rest:
    if days is None:
        return _none

    def of(spans: Sequence[Release]) -> str:
        joined, long = _long_enough(None, spans), _long_enough(days, spans)
        return f"outcome = 'declined' AND {_HAS_ID} AND ({joined}) AND NOT coalesce({long}, false)"

    return of


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


def _waits(measure: str) -> tuple[Rest, Rest]:
    since, until = _MOMENTS[measure]
    waits = f"{until} IS NULL AND coalesce(outcome = 'open', false)"
    not_known = f"(({until} IS NULL OR {since} IS NULL) AND NOT ({waits}) OR epoch({until}) < epoch({since}))"
    return _said(not_known), _said(f"{waits} AND NOT {not_known}")


_RUNS: Final = "coalesce(hold_ended_at, handed_over_at) IS NULL AND coalesce(outcome = 'open', false)"
_NO_HOURS: Final = f"hold_started_at IS NOT NULL AND coalesce(hold_ended_at, handed_over_at) IS NULL AND NOT ({_RUNS})"

_REST: Final[dict[str, tuple[Rest, Rest]]] = {
    **dict.fromkeys(("outcome_mix", "citizens", "no_means"), (_no_end, _may_be_open)),
    "evidence": (_no_evidence, _may_be_open),
    **{f"followed_{days or 'ever'}": (_unfollowed, _too_recent(days)) for days in (30, 90, 180, None)},
    "lynn": (_none, _none),
    **{name: (_said(f"outcome = '{outcome}' AND {days} IS NULL"), _none) for name, (days, outcome) in _LAG_DAYS.items()},
    "withdrawn": (_said("outcome = 'withdrawn' AND coalesce(reason, 'unstated') = 'unstated'"), _none),
    "declined_law": (_no_law(""), _none),
    "declined_law_assumed": (_no_law("_assumed"), _none),
    **{name: _waits(name) for name in _MOMENTS},
    "held": (_said(_NO_HOURS), _said(f"hold_started_at IS NOT NULL AND {_RUNS}")),
    **{name: (_none, _said(f"{name} = 'open'")) for name in ("ask_notify", "ask_hold")},
}
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


# The curves: of which rows, whether the event came and when, whether another end did, whether links could show it.
_CURVES: Final = {
    "custody": (
        "true",
        "outcome = 'handed_over'",
        "coalesce(book_in_days, arrest_days)",
        "outcome NOT IN ('handed_over', 'unknown')",
        "book_ins",
    ),
    "hand_over": (
        "true",
        "outcome = 'handed_over'",
        "coalesce(book_in_days, arrest_days)",
        "outcome NOT IN ('handed_over', 'unknown')",
        "book_ins",
    ),
    "declined_arrest": ("outcome = 'declined'", "arrest_days IS NOT NULL", "arrest_days", "false", "arrests"),
}
KINDS: Final = {
    "event": "the event came: its day",
    "waiting": "it had not come by the release's last day, or another end did: how many days the release runs on",
    "unknown": "nobody can tell whether it came, or on which day",
    "no_day": "no readable day, or one after the release's last day: left out",
}


def curve_query(curve: str, kind: str, spans: Sequence[Release]) -> str:
    """Return the statement that lists the rows of a curve of one of KINDS, each with the days that it counts with.

    Of the known cases (`event`, `waiting`), those at risk on a day are those with as many days or more.
    """
    scope, came, days, otherwise, joined = _CURVES[curve]
    last = " ".join(f"WHEN {_of(span)} THEN DATE '{span.last_day}'" for span in spans if span.last_day)
    runs = f"CASE {last} END - detainer_prepare_date" if last else "NULL::INT"
    linked = " OR ".join(_of(span) for span in spans if getattr(span, joined)) or "false"
    return "\n".join(
        (
            "SELECT release, file, sheet, row, CASE WHEN kind = 'event' THEN days ELSE runs END AS days FROM (",
            "  SELECT *, CASE WHEN runs IS NULL OR runs < 0 THEN 'no_day'",
            "    WHEN came AND days BETWEEN 0 AND runs THEN 'event'",
            "    WHEN came AND days IS NULL THEN 'unknown'",
            "    WHEN came AND days >= 0 OR otherwise OR outcome = 'open' OR linked THEN 'waiting'",
            "    ELSE 'unknown' END AS kind",
            f"  FROM (SELECT *, {runs} AS runs,",
            f"      coalesce({came}, false) AS came, {days} AS days,",
            f"      coalesce({otherwise}, false) AS otherwise,",
            f"      coalesce({linked}, false) AND unique_identifier IS NOT NULL AS linked",
            f"    FROM 'outcomes.parquet' WHERE {scope} AND {_SINGLE})",
            f") WHERE kind = '{kind}'",
        )
    )


def quantile_query(lag: str) -> str:
    """Return the statement that lists the cases of a lag in the order of their days: a quantile is the day at its place."""
    days, outcome = _LAG_DAYS[lag]
    where = f"WHERE outcome = '{outcome}' AND {days} IS NOT NULL AND {_SINGLE}"
    return "\n".join((f"SELECT release, file, sheet, row, {days}", "FROM 'outcomes.parquet'", where, f"ORDER BY {days}"))


def _late(spans: Sequence[Release]) -> str:
    days = [f"{_of(span)} AND detainer_prepare_date > DATE '{span.last_day}'" for span in spans if span.last_day]
    return " OR ".join(days) or "false"


_CHECKS: Final[dict[str, Rest]] = {
    "copies": _said("duplicate_of IS NOT NULL"),
    "no_id": _said("unique_identifier IS NULL"),
    "no_day": _said("detainer_prepare_date IS NULL"),
    "after_last_day": _late,
    "no_facility": _said("facility_code IS NULL"),
    "no_state": _said("state IS NULL"),
    "no_county": _said("county IS NULL"),
    "no_area": _said("area IS NULL"),
    "no_office": _said("tod_current_duty_site IS NULL"),
    "no_criminality": _said("detainer_prepared_criminality IS NULL"),
    "no_type": _said("detainer_type IS NULL"),
    "blank_reason": _said("detainer_lift_reason IS NULL"),
    "unlisted_reason": _said("lift_class = 'unlisted'"),
    "contradicted": _said("evidence = 'contradicted'"),
    "unknown": _said("coalesce(outcome IN ('unknown', 'open'), true)"),
    "no_law": _said("law_hold IS NULL"),
}


def check_query(check: str, spans: Sequence[Release]) -> str:
    """Return the statement that lists the rows of one check of the quality report, copies among them."""
    return _listed(_CHECKS[check](spans))
