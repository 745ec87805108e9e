"""The form of each command on a request: what it offers to choose from, and what it does not ask since the record says it."""

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from django.db.models import Q
from django.forms import Field, Form, RadioSelect, TypedChoiceField

from detainer.exchange import release_checking
from detainer.exchange.commands import Command
from detainer.exchange.models import Identity, Stay
from detainer.exchange.roles import Actor
from detainer.record import when
from detainer.record.event import Event
from detainer.record.kinds import KINDS
from detainer.web import findings, forms, labels, questions, words
from detainer.web.board_rows import people_of
from detainer.web.dossier import Dossier
from detainer.web.pages import request_asks
from detainer.web.pages.stay_commands import event_words
from detainer.web.sides import agency_of

# Fields that no form asks: they follow from the record, or another field says it.
LEAVE_OUT: Final[dict[str, tuple[str, ...]]] = {
    "hand_over": ("held",),
    "close": ("stay", "notice_given"),
    "record_facts": ("facts",),
    "notice_received": ("notice",),  # the last one
    "receive": ("how", "who"),  # whoever is signed in gives it here
    "answer_clock": ("rule", "occurred"),  # named with its clock
    "consent": ("ask",),
}


@dataclass(frozen=True)
class Asked:
    """How a command's form differs from what its payload alone would make."""

    choices: Mapping[str, forms.Choices] = field(default_factory=dict)
    leave_out: Iterable[str] = ()
    also: Mapping[str, Field] = field(default_factory=dict)


def of(told: Dossier, actor: Actor, chosen: Command, event: Event | None) -> type[Form]:
    """Return the form of a command; of a correction, with what the `event` that it corrects can say."""
    name = chosen.name
    asked = _ASKED[name](told, actor) if name in _ASKED else Asked()
    leave_out = [*LEAVE_OUT.get(name, ()), *asked.leave_out]
    nested = {}
    if event is not None:
        nested["data"] = KINDS["request"][event.kind]
        leave_out += [f"data.{key}" for key in forms.NOT_MENDED]
    return forms.form_for(
        chosen, zone=told.facility.zone, choices=asked.choices, nested=nested, leave_out=leave_out, also=asked.also
    )


def _decide(told: Dossier, _actor: Actor) -> Asked:
    return Asked({"ask": [(ask.ask, labels.choice("ask", ask.ask)) for ask in told.view.asks]})


def _confirm(told: Dossier, _actor: Actor) -> Asked:
    return Asked({"ask": [(ask.ask, labels.choice("ask", ask.ask)) for ask in told.view.asks if ask.proposal]})


def _acknowledge(told: Dossier, actor: Actor) -> Asked:
    bookings = _bookings(told, actor)
    return Asked({"stay": bookings}) if bookings else Asked(leave_out=("stay",))


def _answer_contest(told: Dossier, _actor: Actor) -> Asked:
    return Asked({"contest": _events(told, lambda one: one.id in told.view.contests_open)})


def _state(told: Dossier, _actor: Actor) -> Asked:
    return Asked({"about": _events(told, lambda one: one.kind not in _NO_STATEMENT)})


_NO_STATEMENT: Final = frozenset({"stated", "corrected", "answered", "delivered", "opened", "clock_fired", "clock_answered"})


def _record_facts(told: Dossier, _actor: Actor) -> Asked:
    answers = [request_asks.derived(told.view, told.facility, ask) for ask in told.view.asks]
    return Asked(also=questions.fields_of(questions.missing_of(answer for answer in answers if answer)))


def _hand_over(told: Dossier, _actor: Actor) -> Asked:
    leave_out, also = findings.fields(*release_checking.at_hand_over(told.view.stay, told.view.id, dt.datetime.now(dt.UTC)))
    return Asked(leave_out=leave_out, also=also)


def _receive(told: Dossier, _actor: Actor) -> Asked:
    me = agency_of(told.view, told.side)
    owed = {one.event for one in told.view.chase.owed if one.to == me}
    return Asked({"of": _events(told, lambda one: one.id in owed)})


def _answer_clock(told: Dossier, _actor: Actor) -> Asked:
    me = agency_of(told.view, told.side)
    fired = [one for one in told.view.chase.fired if one.to == me and not one.answered]
    return Asked({"clock": [(request_asks.clock_key(one.clock, one.rule), words.clock(one.clock)) for one in fired]})


def _consent(_told: Dossier, _actor: Actor) -> Asked:
    given = TypedChoiceField(
        label="What did the person say?",
        choices=[("true", "Agreed"), ("false", "Did not agree")],
        coerce=lambda text: text == "true",
        empty_value=None,
        widget=RadioSelect,
    )
    return Asked(also={"given": given})


_ASKED: Final[dict[str, Callable[[Dossier, Actor], Asked]]] = {
    "decide": _decide,
    "confirm_decision": _confirm,
    "acknowledge": _acknowledge,
    "answer_contest": _answer_contest,
    "state": _state,
    "record_facts": _record_facts,
    "hand_over": _hand_over,
    "receive": _receive,
    "answer_clock": _answer_clock,
    "consent": _consent,
}
# What a form says, as the command's data.
SHAPES: Final[dict[str, Callable[[dict[str, Any]], dict[str, Any]]]] = {
    "record_facts": questions.facts_of,
    "answer_clock": request_asks.clock_of,
}


def _events(told: Dossier, wanted: Callable[[Event], bool]) -> list[tuple[str, str]]:
    return [(str(one.id), event_words(one, told.facility.zone)) for one in told.events if wanted(one)]


def _bookings(told: Dossier, actor: Actor) -> list[tuple[str, str]]:
    """Return the agency's own stays of people who are called, or were born, as the request says: for a clerk to choose from."""
    asked = people_of([told.view.person], actor).get(told.view.person)
    if asked is None:
        return []
    alike = Q(name__iexact=asked.name) | (Q(date_of_birth=asked.date_of_birth) if asked.date_of_birth else Q())
    own = {one.person: one for one in Identity.objects.filter(alike, agency=actor.agency, destroyed_at=None)[:50]}
    found = Stay.objects.filter(custodian=actor.agency, in_custody=True, person__in=own).order_by("-began_at")[:20]
    return [(str(stay.pk), _booking(stay, own[stay.person], told.facility.zone)) for stay in found]


def _booking(stay: Stay, person: Identity, zone: str) -> str:
    born = f", born {person.date_of_birth.isoformat()}" if person.date_of_birth else ""
    return f"{stay.booking_number}: {person.name}{born}, booked {when.in_words(when.parse(stay.view['began'], zone), zone)}"
