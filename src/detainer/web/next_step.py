"""The one thing to do next about a request, for whoever looks at it: a table of cases, the first that fits. Pure."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

from detainer.record.views import RequestView, StayView
from detainer.web import words
from detainer.web.sides import Side, decided


@dataclass(frozen=True)
class Step:
    """What to do: the command that does it (None: nothing, only to know), and until when. `ask` is the part it is about."""

    title: str
    text: str = ""
    command: str | None = None
    label: str = ""
    ask: str | None = None
    on_stay: bool = False
    due_at: dt.datetime | None = None
    is_late: bool = False
    also: tuple[str, ...] = ()


@dataclass(frozen=True)
class Situation:
    """What the next step depends on: the request, whose side, now; the stay and the clocks as that side may see them."""

    view: RequestView
    side: Side
    now: dt.datetime
    stay: StayView | None = None
    hold_due_at: dt.datetime | None = None
    notice_due_at: dt.datetime | None = None
    user: UUID | None = None
    roles: frozenset[str] = field(default_factory=frozenset)

    @property
    def is_release_due(self) -> bool:
        """True from the moment at which the person would be let out, while they are still here."""
        return self.stay is not None and self.stay.release_due is not None and self.stay.in_custody

    @property
    def owes_notice(self) -> bool:
        """True while a notice that was decided has not been given."""
        return decided(self.view, "notify") == "honour" and self.view.release_notice is None

    def is_past(self, at: dt.datetime | None) -> bool:
        """True from the instant on."""
        return at is not None and at <= self.now


Case = tuple[Callable[[Situation], bool], Callable[[Situation], Step]]


def next_step(at: Situation) -> Step:
    """Return the one thing to do next, or a step without a command that says what is waited for."""
    return next(step(at) for applies, step in _CASES[at.side] if applies(at))


def _always(_at: Situation) -> bool:
    return True


def _says(title: str, text: str = "", command: str | None = None, label: str = "", **more: object) -> Callable[[Situation], Step]:
    step = Step(title, text, command, label, **more)  # type: ignore[arg-type]
    return lambda _at: step


# --- the custodian ------------------------------------------------------------------------------------------------------


def _end_the_hold(at: Situation) -> Step:
    return Step(
        "End the hold: the time allowed is over",
        "Nobody may be kept past it on this request.",
        "end_hold",
        "End the hold",
        due_at=at.hold_due_at,
        is_late=True,
        also=("hand_over",),
    )


def _holding(at: Situation) -> Step:
    return Step(
        "Hand the person over, or end the hold in time",
        "The person is kept past the moment of release.",
        "hand_over",
        "Record the hand-over",
        due_at=at.hold_due_at,
        also=("end_hold",),
    )


def _confirm(at: Situation) -> Step:
    ask, proposal = next((ask.ask, ask.proposal) for ask in at.view.asks if ask.proposal)
    title = f"A second person must confirm the decision: {words.ASKS[ask].lower()}"
    if "supervisor" in at.roles and proposal.by_user != at.user:
        return Step(title, "It goes against the law's answer.", "confirm_decision", "Read and confirm", ask=ask)
    return Step(
        title, "It goes against the law's answer: it has no effect until a supervisor other than the proposer confirms it."
    )


def _decide(at: Situation) -> Step:
    waiting = at.view.undecided
    ask = next(item for item in at.view.asks if item.ask == waiting[0])
    says = words.ANSWERS[ask.answer.value][0].lower() if ask.answer else "not there yet"
    more = f" Then {len(waiting) - 1} more." if len(waiting) > 1 else ""
    return Step(
        f"Decide{' now' if at.is_release_due else ''}: {words.ASKS[ask.ask].lower()}",
        f"{'The release is due. ' if at.is_release_due else ''}The law's answer is: {says}.{more}",
        "decide",
        "Decide",
        ask=ask.ask,
        is_late=at.is_release_due,
    )


def _give_notice(at: Situation) -> Step:
    due = at.is_release_due
    return Step(
        "Give the notice now: the release is due" if due else "Give the notice before the release",
        "You decided to notify the requester.",
        "give_notice",
        "Give notice",
        due_at=at.notice_due_at,
        is_late=due or at.is_past(at.notice_due_at),
    )


def _release_or_hold(at: Situation) -> Step:
    honours = decided(at.view, "hold") == "honour"
    if honours and at.view.served is None:
        text = "A hold starts only after the copy is served on the person."
        return Step("Serve the copy on the person: the release is due", text, "serve", "Record the service", is_late=True)
    if honours:
        return Step(
            "Start the hold, or hand the person over", "The release is due.", "start_hold", "Start the hold", also=("hand_over",)
        )
    return Step(
        "Release the person, or hand over to an officer who is here",
        "Nothing decided here keeps the person past the moment of release.",
        "hand_over",
        "Record the hand-over",
        on_stay=True,
    )


_CUSTODIAN: Final[tuple[Case, ...]] = (
    (lambda at: at.view.is_holding and at.is_past(at.hold_due_at), _end_the_hold),
    (
        lambda at: at.view.is_holding and bool(at.view.cancelled or at.view.contests_upheld),
        _says("End the hold", "The request no longer stands.", "end_hold", "End the hold", is_late=True),
    ),
    (lambda at: at.view.is_holding, _holding),
    (
        lambda at: at.view.cancelled is not None and not at.view.cancel_received,
        _says("Say that the withdrawal arrived", "The requester withdrew the request.", "cancel_received", "Send the receipt"),
    ),
    (lambda at: not at.view.is_live, lambda at: _ended(at.view)),
    (
        lambda at: at.view.state in ("lodged", "delivered"),
        _says(
            "Acknowledge the request",
            "Say that you have it, and link it to the person's booking. Or say that the person is not here.",
            "acknowledge",
            "Acknowledge",
            also=("not_here",),
        ),
    ),
    (
        lambda at: bool(at.view.contests_open),
        _says(
            "Answer the claim against the request", "Until it is answered both sides must check it.", "answer_contest", "Answer"
        ),
    ),
    (lambda at: any(ask.proposal for ask in at.view.asks), _confirm),
    (lambda at: at.is_release_due and at.owes_notice, _give_notice),
    (lambda at: bool(at.view.undecided), _decide),
    (lambda at: at.is_release_due, _release_or_hold),
    (
        lambda at: decided(at.view, "hold") == "honour" and at.view.served is None,
        _says("Serve the copy on the person", "The hold has no effect until the copy is served.", "serve", "Record the service"),
    ),
    (lambda at: at.owes_notice and at.stay is not None and at.stay.release_planned is not None, _give_notice),
    (
        lambda at: at.view.stay is None and at.view.booking_number is None,
        _says("Link the person's booking", "So that the clocks run from the release.", "acknowledge", "Link the booking"),
    ),
    (
        lambda at: at.owes_notice,
        _says("Give the notice when the release is known", "Record the planned release on the person's stay.", on_stay=True),
    ),
    (_always, _says("Nothing is due", "All is decided. What the release brings is recorded on the person's stay.", on_stay=True)),
)


# --- the requester ------------------------------------------------------------------------------------------------------


def _come(at: Situation) -> Step:
    return Step(
        "Come for the person",
        "The person is kept past release for you.",
        due_at=at.hold_due_at,
        is_late=at.is_past(at.hold_due_at),
    )


_REQUESTER: Final[tuple[Case, ...]] = (
    (lambda at: at.view.is_holding, _come),
    (
        lambda at: bool(at.view.contests_open) and at.view.is_live,
        _says("Check the claim against the request", "It must be checked and answered.", "answer_contest", "Answer the claim"),
    ),
    (
        lambda at: at.view.is_live and set(at.view.notices) > set(at.view.notices_received),
        _says(
            "Say that the notice arrived, and whether an officer will come",
            "The custodian gave notice.",
            "notice_received",
            "Answer the notice",
        ),
    ),
    (
        lambda at: at.view.state == "not_here",
        _says(
            "Pass the request on, or withdraw it",
            "The custodian says that the person is not there.",
            "relay",
            "Pass it on",
            also=("cancel",),
        ),
    ),
    (lambda at: not at.view.is_live, lambda at: _ended(at.view)),
    (
        lambda at: at.view.state == "lodged",
        _says("Nothing to do: it is on its way", "No receipt by the custodian is recorded yet."),
    ),
    (
        lambda at: at.view.state == "delivered",
        _says("Nothing to do: the custodian has it", "It is delivered and not acknowledged yet. Silence is not a refusal."),
    ),
    (lambda at: bool(at.view.undecided), _says("Nothing to do: the custodian decides", "Not every part is decided yet.")),
    (_always, _says("Nothing to do", "Every part is decided. The custodian tells you what comes.")),
)


def _ended(view: RequestView) -> Step:
    return Step(f"The request has ended: {words.OUTCOMES[view.outcome.value][0].lower()}")


_PARTY: Final[tuple[Case, ...]] = (
    (
        lambda at: at.user is not None,
        _says(
            "You may say what your agency did",
            "The record names your agency. What others say of it is marked as not confirmed until you say so.",
            "state",
            "Make a statement",
        ),
    ),
    (_always, _says("Nothing to do")),
)
_CASES: Final[dict[Side, tuple[Case, ...]]] = {
    "custodian": _CUSTODIAN,
    "requester": _REQUESTER,
    "party": _PARTY,
    "reader": ((_always, _says("You read this record", "Oversight reads; it changes nothing, and people are not shown.")),),
}
