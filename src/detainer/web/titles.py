"""What an event is called in a time line: some kinds by what they say, the others by their name. Pure."""

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any, Final
from uuid import UUID

from detainer.record import when
from detainer.record.event import Event
from detainer.web import words

Data = Mapping[str, Any]
Kinds = Mapping[UUID, str]
LATE: Final = dt.timedelta(hours=1)  # what was written down longer after it occurred was entered afterwards

# Of a kind of event, what its title says, or that of which the kind says nothing to a reader.
SAID_BY_TITLE: Final[dict[str, frozenset[str]]] = {
    "decided": frozenset({"ask", "choice"}),
    "decision_proposed": frozenset({"ask", "choice"}),
    "delivered": frozenset({"to", "channel"}),
    "opened": frozenset({"to", "channel"}),
    "received": frozenset({"of", "how"}),
    "will_answer": frozenset({"by"}),
    "clock_fired": frozenset({"clock", "rule", "step", "number"}),
    "clock_answered": frozenset({"clock", "rule"}),
    "consented": frozenset({"ask", "given", "in_writing"}),
    "document_made": frozenset({"what"}),
}
_HOW_RECEIVED: Final = {"code": ", by the code of the paper", "telephone": ", by telephone", "paper": ", on paper"}


def entered_late(event: Event) -> bool:
    """Return True for what was written down long after the instant at which it occurred, as after an outage."""
    at = when.parse(event.occurred)
    return at.is_instant and at.to is not None and event.recorded_at - at.to > LATE


def title(event: Event, kinds: Kinds | None = None, zone: str = "UTC") -> str:
    """Return what an event is called in a time line: some by what they say, the others by their kind.

    `kinds` are those of the events around it, for what is said about one of them.
    """
    says = _TITLES.get(event.kind)
    return says(event.data, kinds or {}, zone) if says else words.said(event.kind)


def _decided(verb: str) -> Callable[[Data, Kinds, str], str]:
    return lambda data, _kinds, _zone: f"{verb}: {words.ASKS[data['ask']].lower()}, {words.CHOICES[data['choice']][0].lower()}"


def _stated(data: Data, _kinds: Kinds, _zone: str) -> str:
    told = data.get("claim") in ("no_comment", "not_honoured", "honoured")
    return f"Statement: {words.plain(data['claim'])}" if told else words.said("stated")


def _arrested(data: Data, _kinds: Kinds, _zone: str) -> str:
    return "Arrested at large" if data.get("at_large") else words.said("arrested")


def _received(data: Data, kinds: Kinds, _zone: str) -> str:
    of = kinds.get(UUID(str(data["of"])))
    return f"Receipt for: {words.said(of).lower() if of else 'a message'}{_HOW_RECEIVED.get(data['how'], '')}"


def _will_answer(data: Data, _kinds: Kinds, zone: str) -> str:
    return f"Will answer by {when.in_words(when.parse(data['by'], zone), zone).removeprefix('on ')}"


def _fired(data: Data, _kinds: Kinds, _zone: str) -> str:
    return f"{words.clock(data['clock'])}: {words.step(data['step'], data['number'])}"


def _fired_answered(data: Data, _kinds: Kinds, _zone: str) -> str:
    return f"{words.said('clock_answered')}: {words.clock(data['clock']).lower()}"


def _consented(data: Data, _kinds: Kinds, _zone: str) -> str:
    agreed = "agreed" if data["given"] else "did not agree"
    return f"The person {agreed}{' in writing' if data.get('in_writing', True) else ''}: {words.ASKS[data['ask']].lower()}"


def _made(data: Data, _kinds: Kinds, _zone: str) -> str:
    return f"Paper made: {words.plain(data['what'])}"


_TITLES: Final[dict[str, Callable[[Data, Kinds, str], str]]] = {
    "decided": _decided("Decided"),
    "decision_proposed": _decided("Proposed, waits for a second person"),
    "stated": _stated,
    "arrested": _arrested,
    "received": _received,
    "will_answer": _will_answer,
    "clock_fired": _fired,
    "clock_answered": _fired_answered,
    "consented": _consented,
    "document_made": _made,
}
