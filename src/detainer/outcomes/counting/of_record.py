"""The measures that only an exchange's own record has: what became of each ask, and how long delivery, answers and holds took."""

from collections.abc import Mapping, Sequence
from typing import Final

import ibis
from ibis.expr import types as ir

from detainer.outcomes.counting.groups import NO, Count, Counted, Measure
from detainer.outcomes.counting.measures import MEASURES
from detainer.outcomes.counting.spans import Release
from detainer.outcomes.manifest import Source

HOURS: Final[dict[str, tuple[int, int, str]]] = {
    "within_hour": (0, 60, "within an hour"),
    "within_day": (60, 1_440, "within a day"),
    "within_2_days": (1_440, 2_880, "within two days"),
    "later": (2_880, 1_000_000_000, "later"),
}


def _minutes(after: str, since: str) -> Count:
    def count(table: ir.Table, _spans: Sequence[Release]) -> Counted:
        minutes = (table[after].epoch_seconds() - table[since].epoch_seconds()) / 60
        parts = {name: (minutes >= least) & (minutes < most) for name, (least, most, _title) in HOURS.items()}
        waits = table[after].isnull() & (table.outcome == "open")
        return Counted(~NO, (minutes.isnull() & ~waits) | (minutes < 0), waits, parts)

    return count


def _held(table: ir.Table, _spans: Sequence[Release]) -> Counted:
    ends = ibis.coalesce(table.hold_ended_at, table.handed_over_at)
    hours = (ends.epoch_seconds() - table.hold_started_at.epoch_seconds()) / 3600
    parts = {"to_24": hours <= 24, "to_48": (hours > 24) & (hours <= 48), "over_48": hours > 48}
    runs = ends.isnull() & (table.outcome == "open")
    return Counted(table.hold_started_at.notnull(), hours.isnull() & ~runs, runs, parts)


ASKED: Final = {
    "honoured": "done as it was asked",
    "declined": "declined",
    "overtaken": "overtaken by how the request ended",
}


def _ask(column: str) -> Count:
    def count(table: ir.Table, _spans: Sequence[Release]) -> Counted:
        parts = {part: table[column] == part for part in ASKED}
        return Counted(table[column].notnull(), NO, table[column] == "open", parts)

    return count


def _lag(name: str, what: str, since: str, columns: tuple[str, str]) -> Measure:
    return Measure(
        name=name,
        title=f"From {since} to {what}",
        says=f"how long it took from {since} to {what}",
        numerator="requests whose time falls in the class",
        denominator="requests with both moments known to the minute",
        unknown="one of the two never came, or is not known to the minute",
        open="it has not come, and the request is open still",
        parts={part: title for part, (_least, _most, title) in HOURS.items()},
        count=_minutes(*columns),
    )


def _asked(ask: str, what: str) -> Measure:
    return Measure(
        name=f"ask_{ask}",
        title=f"What became of the ask to {what}",
        says=f"of the requests that ask to {what}, how many were honoured, declined, overtaken",
        numerator="requests of which that became of it",
        denominator=f"requests that ask to {what}, and are not open",
        unknown="none: the record says it of each",
        open="nothing has become of it yet",
        limits=("Silence is no refusal: an ask that nobody decided before the request ended was overtaken.",),
        parts=ASKED,
        count=_ask(f"ask_{ask}"),
    )


OF_RECORD: Final[dict[str, Measure]] = {
    each.name: each
    for each in (
        _lag("time_delivered", "the delivery to the custodian", "the lodging", ("delivered_at", "lodged_at")),
        _lag("time_acknowledged", "the acknowledgement", "the delivery", ("acknowledged_at", "delivered_at")),
        _lag("time_decided", "the first decision", "the delivery", ("decided_at", "delivered_at")),
        Measure(
            name="held",
            title="How long people were held past release",
            says="of the holds that were begun, how long they lasted",
            numerator="holds of that length",
            denominator="holds whose begin and end are known to the minute",
            unknown="the end is not known to the minute",
            open="the person is held still",
            limits=("What the law allowed in each case is in the request's own page; the federal rule's limit is 48 hours.",),
            parts={"to_24": "up to 24 hours", "to_48": "more than 24, up to 48 hours", "over_48": "more than 48 hours"},
            count=_held,
        ),
        _asked("notify", "notify before release"),
        _asked("hold", "hold past release"),
    )
}
# The measures of a build by where its rows come from.
MEASURES_OF: Final[Mapping[Source, dict[str, Measure]]] = {"published": MEASURES, "exchange": {**MEASURES, **OF_RECORD}}
