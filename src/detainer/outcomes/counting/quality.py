"""What is wrong or missing in a table of outcomes, told before anybody cites a figure of it."""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import ibis
from ibis.expr import types as ir
from pydantic import BaseModel, ConfigDict

from detainer.outcomes.counting.bursts import bursts
from detainer.outcomes.counting.groups import single, text
from detainer.outcomes.counting.spans import Release, followed, spans_of
from detainer.record.ends import OUTCOMES

MOST: Final = 1_000  # bursts and unlisted reasons that are listed by name; their number is told in any case


class Check(BaseModel):
    """One thing that may be wrong with a row: how many rows have it, of all, and what follows for the measures."""

    model_config = ConfigDict(frozen=True)

    name: str
    title: str
    rows: int
    of: int
    means: str


class Unlisted(BaseModel):
    """A lift reason that is in no table here: it counts as unknown until somebody says what it means."""

    model_config = ConfigDict(frozen=True)

    lift_reason: str
    rows: int


class Burst(BaseModel):
    """A day with far more detainers for a facility than usual (`bursts`); `usual` is per day."""

    model_config = ConfigDict(frozen=True)

    release: str | None
    facility: str | None
    day: dt.date
    detainers: int
    usual: float


class Filled(BaseModel):
    """How often which of state, county and area were filled from the facility's code."""

    model_config = ConfigDict(frozen=True)

    filled: str
    rows: int


class NeverDeclined(BaseModel):
    """A state for which a release has no decline at all: it may be that none is ever written down there."""

    model_config = ConfigDict(frozen=True)

    release: str | None
    state: str | None
    ended: int


class Quality(BaseModel):
    """The data-quality report. `missing` and `rejected` come from the reading: columns and rows by table."""

    model_config = ConfigDict(frozen=True)

    rows: int
    releases: tuple[Release, ...]
    checks: tuple[Check, ...]
    unlisted: tuple[Unlisted, ...]
    unlisted_reasons: int
    filled: tuple[Filled, ...]
    never_declined: tuple[NeverDeclined, ...]
    bursts: tuple[Burst, ...]
    burst_days: int
    missing: dict[str, tuple[str, ...]]
    rejected: dict[str, int]


def _null(*columns: str) -> Callable[[ir.Table], ir.BooleanValue]:
    return lambda table: text(table, *columns).isnull()


_KNOWN: Final[list[str]] = [outcome for outcome in OUTCOMES if outcome not in ("unknown", "open")]

# Name: title, the rows that have it, what follows.
CHECKS: Final[dict[str, tuple[str, Callable[[ir.Table], ir.BooleanValue], str]]] = {
    "copies": ("copies of another row", lambda t: ~single(t), "left out of every measure and counted beside"),
    "no_id": ("without a person id", _null("unique_identifier"), "what followed cannot be known; copies cannot be found"),
    "no_day": ("without a readable day", lambda t: t.detainer_prepare_date.isnull(), "in no month and on no curve"),
    "after_last_day": (
        "dated after the release's last day",
        lambda t: t.followed < 0,
        "the year is most likely mistyped; left out of the curves",
    ),
    "no_facility": (
        "without a facility code",
        _null("facility_code", "detention_facility_code"),
        "its facility is known by name and state at most",
    ),
    "no_state": ("without a state", _null("state"), "in no state and under no state's law"),
    "no_county": ("without a county", _null("county"), "in no county and under no county's law"),
    "no_area": ("without an area of responsibility", _null("area"), "in no area"),
    "no_office": ("without the office that prepared it", _null("tod_current_duty_site"), "in no office"),
    "no_criminality": ("without a criminality", _null("detainer_prepared_criminality"), "in no class of criminality"),
    "no_type": ("without a detainer type", _null("detainer_type"), "which form was used is not known"),
    "blank_reason": ("without a lift reason", _null("detainer_lift_reason"), "unknown unless what followed decides it"),
    "unlisted_reason": (
        "with a lift reason that is in no table",
        lambda t: t.lift_class == "unlisted",
        "unknown; the reasons are listed by name",
    ),
    "contradicted": (
        "whose stated end is spoken against by what followed",
        lambda t: t.evidence == "contradicted",
        "counted as stated, and told apart by the measure evidence",
    ),
    "unknown": (
        "whose end is not known",
        lambda t: ~t.outcome.isin(_KNOWN).fill_null(False),
        "in no denominator; counted beside",
    ),
    "no_law": ("without an answer of the law to the hold", _null("law_hold"), "unknown beside the law"),
}


def quality(
    table: ir.Table,
    *,
    spans: Sequence[Release] | None = None,
    missing: Mapping[str, Sequence[str]] | None = None,
    rejected: Mapping[str, int] | None = None,
) -> Quality:
    """Return the data-quality report of a table of outcomes; it computes a handful of small counts, one pass each."""
    spans = spans_of(table) if spans is None else spans
    rows, checks = _checks(table, spans)
    unlisted, burst_days = _unlisted(table), _rows(bursts(table))
    return Quality(
        rows=rows,
        releases=tuple(spans),
        checks=checks,
        unlisted=tuple(Unlisted(**each) for each in unlisted[:MOST]),
        unlisted_reasons=len(unlisted),
        filled=tuple(Filled(**each) for each in _filled(table)),
        never_declined=tuple(NeverDeclined(**each) for each in _never_declined(table)),
        bursts=tuple(Burst(**each) for each in burst_days[:MOST]),
        burst_days=len(burst_days),
        missing={name: tuple(columns) for name, columns in (missing or {}).items()},
        rejected=dict(rejected or {}),
    )


def _rows(table: ir.Table) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = table.to_pyarrow().to_pylist()
    return rows


def _checks(table: ir.Table, spans: Sequence[Release]) -> tuple[int, tuple[Check, ...]]:
    whole = table.mutate(followed=followed(table, spans))
    each = whole.key.notnull()  # what a missing column says is one null, not one for each row
    sums = {name: (each & has(whole)).cast("int64").sum().fill_null(0) for name, (_title, has, _means) in CHECKS.items()}
    found = _rows(whole.agg(rows=whole.count(), **sums))[0]
    of = int(found["rows"])
    checks = (
        Check(name=name, title=title, rows=found[name], of=of, means=means) for name, (title, _has, means) in CHECKS.items()
    )
    return of, tuple(checks)


def _unlisted(table: ir.Table) -> list[dict[str, Any]]:
    """Return the lift reasons that are in no table, each spelling by itself, the most frequent first."""
    rows = table.filter(table.lift_class == "unlisted")
    said = rows.group_by(lift_reason=text(rows, "detainer_lift_reason").fill_null("")).agg(rows=rows.count())
    return _rows(said.order_by([ibis.desc("rows"), "lift_reason"]))


def _filled(table: ir.Table) -> list[dict[str, Any]]:
    if "filled" not in table.columns:
        return []
    rows = table.filter(table.filled.notnull())
    return _rows(rows.group_by("filled").agg(rows=rows.count()).order_by([ibis.desc("rows"), "filled"]))


def _never_declined(table: ir.Table) -> list[dict[str, Any]]:
    rows = table.filter(single(table) & table.outcome.isin(_KNOWN))
    declined = (rows.outcome == "declined").cast("int64").sum()
    counted = rows.group_by(release=rows.release, state=text(rows, "state")).agg(ended=rows.count(), declined=declined)
    return _rows(
        counted.filter(counted.declined == 0)
        .select("release", "state", "ended")
        .order_by([ibis.desc("ended"), "state", "release"])
    )
