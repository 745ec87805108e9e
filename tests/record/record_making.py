"""Events to test with: made as the exchange makes them, one stream at a time."""

import datetime as dt
from typing import Any
from uuid import UUID, uuid5

from hypothesis import strategies as st

from detainer.record import lifecycle
from detainer.record.event import GENESIS, Event, payload_of, sealed
from detainer.record.said import Stream

SPACE = UUID("6ba7b811-9dad-11d1-80b4-00c04fd430c8")
START = dt.datetime(2024, 1, 29, 14, 0, tzinfo=dt.UTC)


def some_id(name: str) -> UUID:
    """Return the same id for the same name, always."""
    return uuid5(SPACE, name)


COURT, SHERIFF, PRISON, ICE = (some_id(name) for name in ("court", "sheriff", "prison", "ice"))
PERSON, STAY = some_id("person"), some_id("stay")
MAY = {"value": "may", "rules": [], "missing": [], "notes": []}

# The least that each kind of event can say.
LEAST: dict[str, dict[str, Any]] = {
    "lodged": {
        "person": str(PERSON),
        "custodian": str(SHERIFF),
        "facility": "ESSEXMA",
        "form": "I-247A",
        "asks": ["notify", "hold", "transfer", "share"],
        "basis": {"warrant": "administrative"},
    },
    "delivered": {"delivery": str(some_id("delivery")), "channel": "inbox", "to": str(SHERIFF)},
    "opened": {"delivery": str(some_id("delivery")), "channel": "inbox", "to": str(SHERIFF)},
    "received": {"of": str(some_id("event"))},
    "will_answer": {"by": "2024-01-29T17:00-05:00"},
    "consented": {"given": True},
    "document_made": {
        "document": str(some_id("document")),
        "what": "answer_letter",
        "language": "en",
        "sha256": "0" * 64,
        "of_version": 1,
    },
    "clock_fired": {
        "clock": "answer_due",
        "rule": "routine",
        "step": "reminder",
        "number": 1,
        "due_at": "2024-01-29T15:00Z",
        "to": str(SHERIFF),
    },
    "clock_answered": {"clock": "answer_due", "rule": "routine"},
    "not_here": {"reason": "never_here"},
    "served": {"how": "in_person"},
    "answered": {"on": "2024-01-29", "place": "us/ma/essex", "facts": {}, "answers": {"notify": MAY}, "versions": {"law": "1"}},
    "decision_proposed": {"ask": "notify", "choice": "honour", "answer": MAY, "reason": "because"},
    "decided": {"ask": "notify", "choice": "honour", "answer": MAY},
    "notice_received": {"notice": str(some_id("notice"))},
    "hold_started": {"release_due": "2024-01-29", "deadlines": []},
    "hold_ended": {"reason": "deadline"},
    "relayed": {"custodian": str(PRISON), "facility": "STATEMA"},
    "cancelled": {"reason": "discretion"},
    "cancel_received": {"cancel": str(some_id("cancel"))},
    "contested": {"ground": "citizenship", "claimed_by": "person"},
    "contest_answered": {"contest": str(some_id("contest")), "result": "rejected"},
    "corrected": {"corrects": str(some_id("nothing")), "reason": "a slip"},
    "closed": {"cause": "released"},
    "booked": {"person": str(PERSON), "facility": "ESSEXMA", "booking_number": "24-1"},
    "charged": {"charges": [{"offence": "larceny"}]},
    "release_planned": {"at": "2024-02-01"},
    "release_due": {"cause": "bail_posted"},
    "moved": {"to": "court"},
    "ordered": {"order": "removal"},
}
BY = {"lodged": ICE, "cancelled": ICE, "notice_received": ICE}


def least(stream: Stream, kind: str) -> dict[str, Any]:
    """Return the least data of a kind; a file's `closed` is another than a request's."""
    return {} if stream == "file" and kind == "closed" else LEAST.get(kind, {})


def record(stream: Stream, *told: str | tuple[str, dict[str, Any]], **every: Any) -> list[Event]:
    """Return a sealed stream of these events: a kind, or a kind with what it says beside the least.

    Keys of Event (`by_agency`, `says`, `occurred`, `by_user`) among what is said are the event's own.
    """
    events: list[Event] = []
    for item in told:
        kind, said = (item, {}) if isinstance(item, str) else item
        said = {**every, **said}
        own = {key: said.pop(key) for key in ("by_agency", "says", "occurred", "by_user", "recorded_at") if key in said}
        events.append(following(events, stream, kind, said, **own))
    return events


def following(events: list[Event], stream: Stream, kind: str, said: dict[str, Any], /, **own: Any) -> Event:
    """Return the next event of a stream."""
    version = len(events) + 1
    at = START + dt.timedelta(hours=version)
    by = own.pop("by_agency", BY.get(kind, SHERIFF))
    payload = payload_of(stream, kind, {**least(stream, kind), **said})
    return sealed(
        **{
            "id": some_id(f"{stream} {version} {kind}"),
            "stream": some_id(stream),
            "stream_kind": stream,
            "version": version,
            "kind": kind,
            "occurred": at.isoformat(),
            "recorded_at": at,
            "by_agency": by,
            "by_user": None,
            "says": by,
            "data": payload.model_dump(mode="json", exclude_none=True),
            "prev": events[-1].hash if events else GENESIS,
            **own,
        }
    )


def resealed(events: list[Event]) -> list[Event]:
    """Return the same events with a chain that fits, as only a forger would make it."""
    made: list[Event] = []
    for event in events:
        said = {**dict(event), "version": len(made) + 1, "prev": made[-1].hash if made else GENESIS}
        made.append(sealed(**{key: value for key, value in said.items() if key != "hash"}))
    return made


VARIED: dict[str, list[dict[str, Any]]] = {
    "closed": [
        {"cause": cause} for cause in ("released", "died", "passed_on", "handed_over", "not_in_custody", "cancelled", "other")
    ]
    + [{"cause": "released", "notice_given": given} for given in (True, False)],
    "decided": [{"ask": ask, "choice": choice} for ask in ("notify", "hold", "share") for choice in ("honour", "decline")],
    "notice_given": [{"of": of} for of in ("release", "transfer", "hospital")],
    "delivered": [{"to": str(to)} for to in (SHERIFF, PRISON, ICE)],
    "cancelled": [{"reason": reason} for reason in ("citizen", "superseded", "could_not_come")],
}


@st.composite
def streams(draw: st.DrawFn, stream: Stream | None = None, longest: int = 14, *, corrected: bool = True) -> list[Event]:
    """Return a stream that the life-cycle takes at every step, with some events told by others, some corrected."""
    stream = stream or draw(st.sampled_from(["request", "stay", "file"]))
    events: list[Event] = []
    state = lifecycle.BEGIN
    for _ in range(draw(st.integers(1, longest))):
        kinds = sorted(lifecycle.TABLE[stream][state])
        kind = draw(st.sampled_from([kind for kind in kinds if corrected or kind != "corrected"]))
        said = {} if stream == "file" else draw(st.sampled_from(VARIED.get(kind, [{}])))
        own: dict[str, Any] = {"says": ICE} if draw(st.booleans()) else {}
        if kind == "corrected":
            mended = draw(st.sampled_from(events))
            said = {"corrects": str(mended.id), "void": draw(st.booleans())}
            own = {}
        events.append(following(events, stream, kind, said, **own))
        state = lifecycle.after(stream, state, kind)
    return events


texts = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=30)
plain = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=8,
)
