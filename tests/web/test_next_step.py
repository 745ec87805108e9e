"""The one thing to do next, and which commands a side may give: tables of cases over a request's view."""

import datetime as dt
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest

from detainer.record import lifecycle
from detainer.record.chasing import Chase, Fired, Owed
from detainer.record.outcome import OPEN, Outcome
from detainer.record.said import AnswerSaid, Basis
from detainer.record.views import AskView, Proposal, RequestView, StayView
from detainer.web.next_step import Situation, next_step
from detainer.web.sides import side_of

NOW = dt.datetime(2026, 3, 2, 15, 0, tzinfo=dt.UTC)
ME, OTHER = uuid4(), uuid4()
HOUR = dt.timedelta(hours=1)
MUST_NOT, MAY = AnswerSaid(value="must_not"), AnswerSaid(value="may")


def a_request(state: str = "acknowledged", **more: Any) -> RequestView:
    """A request for notice and a hold, acknowledged and linked, of which nothing is decided."""
    ids = {name: uuid4() for name in ("id", "person", "requester", "custodian", "stay")}
    unsaid = dict.fromkeys(("reference", "contact", "replaces"))
    asks = (AskView(ask="notify", answer=MAY), AskView(ask="hold", answer=MUST_NOT))
    told = {
        "version": 3,
        "state": state,
        "outcome": OPEN,
        "facility": "ESSEXMA",
        "form": "I-247A",
        "basis": Basis(),
        "requester_unit": "civil_enforcement",
        "lodged": "2026-03-01",
        "asks": asks,
        "facts": {},
        "booking_number": "24-1",
    }
    return RequestView(**{**ids, **unsaid, **told, **more})


def decided(notify: str | None = "honour", hold: str | None = "decline") -> tuple[AskView, ...]:
    return (AskView(ask="notify", answer=MAY, choice=notify), AskView(ask="hold", answer=MUST_NOT, choice=hold))


def a_stay(state: str = "in_custody", **more: Any) -> StayView:
    return StayView(id=uuid4(), version=1, state=state, began="2026-02-28", **more)


PLANNED = a_stay(release_planned="2026-03-03T15:00Z")
DUE = a_stay("release_due", release_due="2026-03-02T14:00Z")
WAITS = AskView(ask="hold", answer=MUST_NOT, proposal=Proposal(event=uuid4(), choice="honour", reason="an order", by_user=ME))
HELD = {"state": "holding", "hold_started": "2026-03-02T14:00Z"}


def owing(kind: str, state: str = "acknowledged", *, who: str = "custodian", **more: Any) -> RequestView:
    """A request around which a side owes a receipt."""
    view = a_request(state, **more)
    owed = Owed(event=uuid4(), kind=kind, to=getattr(view, who), arrived="2026-03-02T14:00Z")
    return view.model_copy(update={"chase": Chase(owed=(owed,))})


CUSTODIAN: dict[str, tuple[RequestView, dict[str, Any], str | None]] = {
    "a hold whose time is over is ended": (a_request(**HELD), {"hold_due_at": NOW - HOUR}, "end_hold"),
    "a hold is over at the very instant at which it is due": (a_request(**HELD), {"hold_due_at": NOW}, "end_hold"),
    "a person who is held is handed over in time": (a_request(**HELD), {"hold_due_at": NOW + HOUR}, "hand_over"),
    "a hold of a request that was withdrawn is ended": (
        a_request(**{**HELD, "state": "cancelled"}, cancelled=uuid4()),
        {"hold_due_at": NOW + HOUR},
        "end_hold",
    ),
    "a hold of somebody who proved to be a citizen is ended": (a_request(**HELD, contests_upheld=(uuid4(),)), {}, "end_hold"),
    "a withdrawal is received": (a_request("cancelled", cancelled=uuid4()), {}, "cancel_received"),
    "a new request is acknowledged": (a_request("lodged"), {}, "acknowledge"),
    "a delivered request is acknowledged": (a_request("delivered"), {}, "acknowledge"),
    "a claim of citizenship is answered before anything is decided": (a_request(contests_open=(uuid4(),)), {}, "answer_contest"),
    "what nobody decided is decided": (a_request(), {}, "decide"),
    "a notice that is owed goes before what is undecided, once the release is due": (
        a_request(asks=decided(hold=None)),
        {"stay": DUE},
        "give_notice",
    ),
    "a proposal is confirmed by another supervisor": (
        a_request(asks=(decided()[0], WAITS)),
        {"user": OTHER, "roles": frozenset({"supervisor"})},
        "confirm_decision",
    ),
    "a proposal is not confirmed by who made it": (
        a_request(asks=(decided()[0], WAITS)),
        {"user": ME, "roles": frozenset({"supervisor"})},
        None,
    ),
    "a proposal is not confirmed by a clerk": (
        a_request(asks=(decided()[0], WAITS)),
        {"user": OTHER, "roles": frozenset({"clerk"})},
        None,
    ),
    "notice is given when the release is planned": (a_request("decided", asks=decided()), {"stay": PLANNED}, "give_notice"),
    "notice waits for a release that nobody planned": (a_request("decided", asks=decided()), {"stay": a_stay()}, None),
    "the copy is served before a hold": (a_request("decided", asks=decided("decline", "honour")), {"stay": a_stay()}, "serve"),
    "the copy is served though the release is due": (
        a_request("decided", asks=decided("decline", "honour")),
        {"stay": DUE},
        "serve",
    ),
    "a hold that was decided and served starts when the release is due": (
        a_request("decided", asks=decided("decline", "honour"), served="2026-03-01"),
        {"stay": DUE},
        "start_hold",
    ),
    "nobody is kept where the hold was declined": (a_request("decided", asks=decided("decline")), {"stay": DUE}, "hand_over"),
    "a request without a booking is linked": (
        a_request("decided", asks=decided("decline"), stay=None, booking_number=None),
        {},
        "acknowledge",
    ),
    "what was promised until now is decided, and is late": (
        a_request(chase=Chase(will_answer_by="2026-03-02T14:00Z")),
        {},
        "decide",
    ),
    "a receipt for a claim is given before it is checked": (owing("contested", contests_open=(uuid4(),)), {}, "receive"),
    "a warning is seen to when nothing else is due": (
        a_request("notified", asks=decided(), release_notice=uuid4()),
        {"stay": PLANNED, "alarms": ("Consent ends",)},
        "answer_clock",
    ),
    "all is done until the release": (a_request("notified", asks=decided(), release_notice=uuid4()), {"stay": PLANNED}, None),
    "an ended request asks for nothing": (a_request("closed", outcome=Outcome(value="released_with_notice")), {}, None),
}


@pytest.mark.parametrize("case", CUSTODIAN)
def test_the_custodian_is_told_the_one_thing_to_do(case: str) -> None:
    view, more, command = CUSTODIAN[case]
    assert next_step(Situation(view, "custodian", NOW, **more)).command == command


NOTICE = uuid4()
REQUESTER: dict[str, tuple[RequestView, str | None]] = {
    "who is held for them is fetched": (a_request(**HELD), None),
    "a claim is checked": (a_request(contests_open=(uuid4(),)), "answer_contest"),
    "a notice is answered": (a_request("notified", notices=(NOTICE,)), "notice_received"),
    "a notice is answered once": (a_request("notified", notices=(NOTICE,), notices_received=(NOTICE,)), None),
    "a request that went to the wrong place is passed on": (a_request("not_here"), "relay"),
    "silence is waited for": (a_request("delivered"), None),
    "a receipt is given for the custodian's claim": (owing("contested", who="requester", contests_open=(uuid4(),)), "receive"),
    "an end is an end": (a_request("closed", outcome=Outcome(value="released")), None),
}


@pytest.mark.parametrize("case", REQUESTER)
def test_the_requester_is_told_the_one_thing_to_do(case: str) -> None:
    view, command = REQUESTER[case]
    assert next_step(Situation(view, "requester", NOW)).command == command


def test_every_side_is_told_something_in_every_state() -> None:
    for state in lifecycle.TABLE["request"]:
        for side in ("custodian", "requester", "party", "reader"):
            if state:
                assert next_step(Situation(a_request(state), side, NOW)).title


def test_until_when_an_answer_was_promised_is_until_when_it_is_due() -> None:
    view = a_request(chase=Chase(will_answer_by="2026-03-02T17:00Z"))
    for side, title in (("custodian", "Decide: notify before release"), ("requester", "Nothing to do: the custodian decides")):
        step = next_step(Situation(view, side, NOW, answer_due_at=NOW - HOUR))
        assert (step.title, step.is_late, step.due_at) == (title, False, NOW + 2 * HOUR)


def test_the_requester_is_told_that_an_answer_is_overdue() -> None:
    for state in ("lodged", "delivered", "acknowledged"):
        step = next_step(Situation(a_request(state), "requester", NOW, answer_due_at=NOW - HOUR))
        assert (step.title, step.is_late, step.command) == ("The answer is overdue", True, None)


def test_who_said_that_somebody_comes_is_held_to_it() -> None:
    view = a_request("notified", asks=decided(), release_notice=NOTICE, chase=Chase(comes_at="2026-03-02T14:00Z"))
    step = next_step(Situation(view, "requester", NOW))
    assert (step.title, step.is_late) == ("You said that somebody would be there by now", True)


def test_an_overdue_hold_is_late_and_says_since_when() -> None:
    step = next_step(Situation(a_request(**HELD), "custodian", NOW, hold_due_at=NOW - HOUR))
    assert step.is_late
    assert step.due_at == NOW - HOUR


@pytest.fixture
def offered(database: Any) -> Callable[..., set[str]]:
    """Names the commands that a side with some roles is offered on a request."""
    from detainer.web.offers import commands_now

    return lambda view, side, *roles: {command.name for command in commands_now(view, side, roles)}


def test_oversight_reads_and_gives_no_command(offered: Any) -> None:
    assert offered(a_request(), "reader", "clerk", "supervisor", "officer", "counsel") == set()


def test_only_what_the_life_cycle_takes_now_is_offered(offered: Any) -> None:
    names = offered(a_request("delivered"), "custodian", "clerk")
    assert names >= {"acknowledge", "not_here", "relay"}
    assert not names & {"decide", "end_hold", "cancel", "lodge", "cancel_received", "confirm_decision"}


def test_an_auditor_is_offered_nothing(offered: Any) -> None:
    assert offered(a_request(), "custodian", "auditor") == set()


def test_a_receipt_is_offered_to_who_owes_it_and_an_alarm_to_whose_clock_it_is(offered: Any) -> None:
    view = owing("cancelled", "cancelled", cancelled=uuid4())
    assert "receive" in offered(view, "custodian", "clerk")
    assert "receive" not in offered(view, "requester", "officer")
    fired = Fired(
        clock="hold_expiry", rule="x", due_at="2026-03-02T14:00Z", number=1, step="due", to=view.custodian, at=NOW - HOUR
    )
    rings = view.model_copy(update={"chase": Chase(fired=(fired,))})
    assert "answer_clock" in offered(rings, "custodian", "supervisor")
    assert "answer_clock" not in offered(rings, "requester", "supervisor")
    seen = Chase(fired=(fired.model_copy(update={"answered_at": NOW}),))
    assert "answer_clock" not in offered(view.model_copy(update={"chase": seen}), "custodian", "supervisor")


def test_an_agency_is_on_its_own_side() -> None:
    view, named, stranger = a_request(), uuid4(), uuid4()
    parties = (view.requester, view.custodian, named)
    assert [side_of(view, agency, parties) for agency in (*parties, stranger)] == ["requester", "custodian", "party", "reader"]
