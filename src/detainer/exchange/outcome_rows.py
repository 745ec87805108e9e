"""One row per request for counting outcomes: where, when, how it ended, what the law answered; never who the person is.

What a session may see is what it gets: the operator (the worker) reads every request, an agency its own, nobody nothing.
"""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from detainer.exchange.models import Event, Request
from detainer.exchange.work import load
from detainer.record import when
from detainer.record.standing import first, standing

BATCH: Final = 2_000
_FIELDS: Final = (
    *("stream_id", "outcome", "form", "view", "lodged_at"),
    *("facility__code", "facility__name", "facility__state", "facility__county", "facility__jurisdiction", "facility__zone"),
)
# What moves a decision to another leg of the request, or takes it back: then all its events are asked.
_UNSETTLING: Final = ("corrected", "relayed")


def rows() -> Iterator[list[dict[str, Any]]]:
    """Yield the requests that the session may see, in batches, as rows of `detainer.outcomes.deriving.from_record.ROWS`."""
    found = Request.objects.order_by("pk").values(*_FIELDS).iterator(chunk_size=BATCH)
    while batch := list(islice(found, BATCH)):
        decided = _decided([row["stream_id"] for row in batch])
        yield [_row(row, decided.get(row["stream_id"])) for row in batch]


def _decided(streams: Sequence[UUID]) -> dict[UUID, dt.datetime]:
    """Return when the custodian who has a request now first decided a part of it, where that is known to the minute."""
    events = Event.objects.filter(stream__in=streams)
    unsettled = set(events.filter(kind__in=_UNSETTLING).values_list("stream_id", flat=True))
    moments: dict[UUID, dt.datetime] = {}
    decided = events.filter(kind="decided").exclude(stream__in=unsettled).order_by("version")
    for stream, occurred in decided.values_list("stream_id", "occurred").iterator(chunk_size=BATCH):
        moment = _moment(occurred)
        if moment is not None:
            moments.setdefault(stream, moment)
    for stream in unsettled:
        event = first(standing("request", load(stream)).leg, "decided")
        moment = _moment(event.occurred) if event else None
        if moment is not None:
            moments[stream] = moment
    return moments


def _row(row: Mapping[str, Any], decided: dt.datetime | None) -> dict[str, Any]:
    view = row["view"]
    outcome = view["outcome"]
    asks = {ask["ask"]: ask for ask in view["asks"]}
    lodged = when.parse(view["lodged"], row["facility__zone"] or "UTC")
    day = lodged.from_ or row["lodged_at"]
    place = row["facility__jurisdiction"] or None
    return {
        "request": str(row["stream_id"]),
        "facility_code": row["facility__code"],
        "facility_name": row["facility__name"],
        "state": row["facility__state"] or None,
        "county": row["facility__county"] or None,
        "place": place,
        "form": row["form"],
        "outcome": outcome["value"],
        "reason": outcome["reason"],
        "confirmed": outcome["confirmed"],
        "lodged_on": day.astimezone(ZoneInfo(row["facility__zone"] or "UTC")).date(),
        "lodged_at": _moment(view["lodged"]),
        "delivered_at": _moment(view["delivered"]),
        "acknowledged_at": _moment(view["acknowledged"]),
        "decided_at": decided,
        "served_at": _moment(view["served"]),
        "hold_started_at": _moment(view["hold_started"]),
        "hold_ended_at": _moment(view["hold_ended"]),
        "handed_over_at": _moment(outcome["occurred"]) if outcome["value"] == "handed_over" else None,
        **{f"answer_{ask}": ((asks.get(ask) or {}).get("answer") or {}).get("value") for ask in ("hold", "notify")},
        **{f"ask_{ask}": (asks.get(ask) or {}).get("disposition") for ask in ("hold", "notify")},
    }


def _moment(text: str | None) -> dt.datetime | None:
    """Return an instant; None for what is not known to the minute."""
    said = when.parse(text) if text else None
    return said.from_ if said and said.is_instant else None
