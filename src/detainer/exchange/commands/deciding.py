"""The commands that decide the asks of a request; against the law's answer it takes a reason and a second person."""

from typing import Final

from detainer.exchange import refusals
from detainer.exchange.refusals import Refused
from detainer.exchange.roles import CONFIRMING
from detainer.exchange.work import Work
from detainer.record import event as record_event
from detainer.record import kinds
from detainer.record.said import Ask, Choice, Payload, Text
from detainer.record.views import AskView, RequestView

# A choice that goes against what the law answers: it takes a reason and a second person.
AGAINST: Final = frozenset({("must", "decline"), ("must_not", "honour")})


# An answer that settles nothing: whichever choice is made, the reason is kept.
UNSETTLED: Final = frozenset({"needs_facts", "conflict", "ask_counsel"})


class Decide(Payload):
    """One ask, and what the custodian chooses."""

    ask: Ask
    choice: Choice
    reason: Text | None = None
    note: Text | None = None


class ConfirmDecision(Payload):
    """A second person's word on a decision against the law's answer."""

    ask: Ask
    note: Text | None = None


def decide(work: Work, view: RequestView, said: Decide, occurred: str | None) -> None:
    """Decide one ask. Against the law's answer it only proposes: a second person confirms."""
    ask = asked(view, said.ask)
    answer = ask.answer
    if answer is None:
        raise Refused("state", f"the law's answer to [{said.ask}] is not there yet: acknowledge the request first")
    against = (answer.value, said.choice) in AGAINST
    if said.reason is None and (against or answer.value in UNSETTLED):
        law_says = f"the law's answer is [{answer.value}]"
        raise refusals.one_field(
            "reason", f"{law_says}: to {said.choice} needs a reason" + (" and a second person" if against else "")
        )
    told = {"ask": said.ask, "choice": said.choice, "answer": answer, "reason": said.reason, "note": said.note}
    kind = "decision_proposed" if against else "decided"
    work.append(view.id, kind, record_event.payload_of("request", kind, told), occurred=occurred)


def confirm_decision(work: Work, view: RequestView, said: ConfirmDecision, occurred: str | None) -> None:
    """Confirm, as a second person, what another proposed against the law's answer."""
    ask = asked(view, said.ask)
    proposal = ask.proposal
    if proposal is None or ask.answer is None:
        raise Refused("state", f"no decision on [{said.ask}] waits for a second person")
    if work.actor.user is None or work.actor.user == proposal.by_user:
        raise Refused(
            "second-person", "the person who proposed a decision cannot confirm it: it takes another, a supervisor, by name"
        )
    if not work.actor.roles & CONFIRMING:
        raise Refused("not-allowed", "only a supervisor can confirm a decision against the law's answer")
    decided = kinds.Decided(
        ask=said.ask,
        choice=proposal.choice,
        answer=ask.answer,
        against_answer=(ask.answer.value, proposal.choice) in AGAINST,
        reason=proposal.reason,
        proposal=proposal.event,
        second_person=work.actor.user,
        note=said.note,
    )
    work.append(view.id, "decided", decided, occurred=occurred)


def asked(view: RequestView, ask: Ask) -> AskView:
    found = next((item for item in view.asks if item.ask == ask), None)
    if found is None:
        raise refusals.one_field(
            "ask", f"the request does not ask for [{ask}]: it asks for {', '.join(item.ask for item in view.asks)}"
        )
    return found


def decided_to_honour(view: RequestView, ask: Ask) -> None:
    found = asked(view, ask)
    if found.choice != "honour":
        raise Refused("state", f"[{ask}] is [{found.choice or 'undecided'}]: decide to honour it first", state=view.state)
    if found.answer and (found.answer.value, found.choice) in AGAINST and not found.against_answer:
        raise Refused("state", f"since [{ask}] was decided, the law's answer became [{found.answer.value}]: decide it again")
