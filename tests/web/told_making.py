"""Events as the tests of what pages tell make them: one request's, a minute apart, told by the two sides."""

import datetime as dt
from typing import Any
from uuid import UUID, uuid4

from detainer.record.event import GENESIS, Event, payload_of, sealed

START = dt.datetime(2026, 3, 2, 15, 0, tzinfo=dt.UTC)  # a Monday, 10:00 in Boston
ICE, SHERIFF = UUID(int=1), UUID(int=2)
CLERK, OFFICER = UUID(int=3), UUID(int=4)
ZONE = "America/New_York"
LODGED: dict[str, Any] = {
    "person": str(UUID(int=5)),
    "custodian": str(SHERIFF),
    "facility": "ESSEXMA",
    "form": "I-247A",
    "asks": ["notify", "hold"],
    "basis": {"warrant": "administrative"},
}


def at(minutes: float) -> dt.datetime:
    """The instant so many minutes after the request was lodged."""
    return START + dt.timedelta(minutes=minutes)


def told(*said: tuple[Any, ...]) -> list[Event]:
    """A request's events: (minutes after it was lodged, kind, who says so, data); it is lodged first."""
    stream, events = uuid4(), list[Event]()
    for version, (minutes, kind, who, data, *user) in enumerate([(0, "lodged", ICE, LODGED, OFFICER), *said], start=1):
        events.append(
            sealed(
                id=uuid4(),
                stream=stream,
                stream_kind="request",
                version=version,
                kind=kind,
                occurred=at(minutes).isoformat().replace("+00:00", "Z"),
                recorded_at=at(minutes),
                by_agency=who,
                by_user=user[0] if user else None,
                says=who,
                data=payload_of("request", kind, data).model_dump(mode="json"),
                prev=events[-1].hash if events else GENESIS,
            )
        )
    return events


def arrived(minutes: float, to: UUID = SHERIFF, channel: str = "inbox") -> tuple[Any, ...]:
    """An arrival at an agency by a channel."""
    return minutes, "delivered", to, {"delivery": str(uuid4()), "channel": channel, "to": str(to)}


def fired(minutes: float, step: str, number: int, clock: str = "answer_due", to: UUID = SHERIFF) -> tuple[Any, ...]:
    """A clock of the custodian's that fired."""
    said = {"clock": clock, "rule": "routine", "step": step, "number": number, "due_at": "2026-03-02T16:00:00Z", "to": str(to)}
    return minutes, "clock_fired", SHERIFF, said
