"""The measures that only an exchange's own record has: what became of each ask, and how long delivery, answers and holds took."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import ibis
from ibis.expr import types as ir

from detainer.outcomes.counting.following import HAND_OVER
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
# What a measure of published data says of ICE's word and of releases is not so of the record.
_ITSELF: Final = "The end is what the agencies recorded, each in its own name. Silence is never a refusal."
_NOT_HELD: Final = "Handed over does not say that anybody was held past release: that is told by the holds."
_NO_END: Final = "the record does not say how it ended"
_ENDED: Final = {"denominator": "every request whose end is known", "unknown": _NO_END}
_RECENT: Final = "open: the request has not ended. Left out of the denominator and counted beside"
_WORD: Final = {"both": "said by the agency that did it", "stated": "said by another agency only"}


def _on_whose_word(table: ir.Table, spans: Sequence[Release]) -> Counted:
    counted = MEASURES["evidence"].count(table, spans)
    return counted._replace(parts={part: counted.parts[part] for part in _WORD})


_OTHERWISE: Final[dict[str, dict[str, Any]]] = {
    "outcome_mix": {"limits": (_ITSELF, _NOT_HELD), **_ENDED, "open": _RECENT},
    "evidence": {
        "says": "of the requests whose end is known, how many are known from the agency that did it, or from another only",
        "numerator": "those with that evidence",
        "parts": _WORD,
        "count": _on_whose_word,
        **_ENDED,
        "open": _RECENT,
    },
    "citizens": {"limits": (_ITSELF,), **_ENDED, "open": _RECENT},
    "no_means": {"limits": (_ITSELF,), **_ENDED, "open": _RECENT},
    "withdrawn": {"limits": ()},
}
_SHARED: Final = {name: MEASURES[name].model_copy(update=update) for name, update in _OTHERWISE.items()}
# The measures of a build, and its curves, by where its rows come from; and every measure, for words of them alone.
MEASURES_OF: Final[Mapping[Source, dict[str, Measure]]] = {
    "published": MEASURES,
    "exchange": {**_SHARED, HAND_OVER.name: HAND_OVER, **OF_RECORD},
}
CURVES_OF: Final[Mapping[Source, tuple[str, ...]]] = {"published": ("custody", "declined_arrest"), "exchange": ("hand_over",)}
LAGS_OF: Final[Mapping[Source, tuple[str, ...]]] = {
    "published": ("lag_book_in", "lag_arrest", "lag_declined_arrest"),
    "exchange": ("lag_hand_over",),
}
EVERY: Final[Mapping[str, Measure]] = {**MEASURES_OF["exchange"], **MEASURES}
