"""The commands by which one side answers for what the other waits for: a promise, a receipt, a clock that fired, a consent."""

import datetime as dt

from detainer import clock
from detainer.exchange import refusals
from detainer.exchange.commands.acknowledging import facility_of
from detainer.exchange.refusals import Refused
from detainer.exchange.work import Work
from detainer.record import kinds, when
from detainer.record.views import RequestView


def will_answer(work: Work, view: RequestView, said: kinds.WillAnswer, occurred: str | None) -> None:
    """Say until when the request will be answered: an answer in time until that moment passes."""
    zone = facility_of(view).zone
    _still_to_come(said.by, "by", work.now, zone)
    if not view.undecided:
        raise Refused("state", "every ask is answered: nothing is left to promise", state=view.state)
    work.append(view.id, "will_answer", said, occurred=occurred, zone=zone)


def receive(work: Work, view: RequestView, said: kinds.Received, occurred: str | None) -> None:
    """Acknowledge, by name, a cancellation, a request that was passed on, or a claim: the receipt that is owed for it."""
    if work.actor.user is None and said.who is None:
        raise Refused(
            "not-allowed", "a receipt is a person's word: it takes a user, or in `who` the badge or office that gave it"
        )
    if not any(owed.event == said.of and owed.to == work.actor.agency for owed in view.chase.owed):
        raise refusals.one_field("of", f"this agency owes no receipt for [{said.of}]")
    work.append(view.id, "received", said, occurred=occurred)


def answer_clock(work: Work, view: RequestView, said: kinds.ClockAnswered, occurred: str | None) -> None:
    """Say, by name, that a clock that fired is seen to: it does not fire again for what it fired for."""
    if work.actor.user is None:
        raise Refused("not-allowed", "a clock is answered by a person, by name: a machine cannot see to it")
    fired = [one for one in view.chase.fired if (one.clock, one.rule) == (said.clock, said.rule) and one.to == work.actor.agency]
    if not fired:
        raise refusals.one_field("rule", f"no clock [{said.clock}] of this agency has fired under [{said.rule}]")
    kind = next((kind for name, kind in clock.KINDS.items() if name == said.clock), None)
    if kind and kind.only_the_act_ends_it:
        does = {"answer_due": "answer, or say until when you will", "receipt_due": "acknowledge what arrived"}
        raise Refused("state", f"only the act itself ends this clock: {does[said.clock]}", state=view.state)
    work.append(view.id, "clock_answered", said, occurred=occurred)


def consent(work: Work, view: RequestView, said: kinds.Consented, occurred: str | None) -> None:
    """Record that the person was asked in writing and agreed, or did not."""
    if not any(ask.ask == said.ask for ask in view.asks):
        asked = ", ".join(ask.ask for ask in view.asks)
        raise refusals.one_field("ask", f"the request does not ask for [{said.ask}]: it asks for {asked}")
    zone = facility_of(view).zone
    if said.until is not None:
        if not said.given:
            raise refusals.one_field("until", "what was not given does not end")
        _still_to_come(said.until, "until", work.now, zone)
    work.append(view.id, "consented", said, occurred=occurred, zone=zone)


def _still_to_come(text: str, field: str, now: dt.datetime, zone: str) -> None:
    """Refuse what is no moment or day, or is past."""
    try:
        ends = when.parse(text, zone).to
    except ValueError as error:
        raise refusals.one_field(field, str(error)) from error
    if ends is None or ends <= now:
        raise refusals.one_field(field, f"[{text}] is not still to come: give a moment or a day that is")
