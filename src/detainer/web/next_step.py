"""The one thing to do next about a request, for whoever looks at it: a table of cases, the first that fits. Pure."""

from collections.abc import Callable
from typing import Final

from detainer.web.next_custodian import CUSTODIAN
from detainer.web.sides import Side
from detainer.web.situation import ALARM, CLAIM_ARRIVED, Case, Situation, Step, always, ended, says

__all__ = ["Situation", "Step", "next_step"]


def next_step(at: Situation) -> Step:
    """Return the one thing to do next, or a step without a command that says what is waited for."""
    return next(step(at) for applies, step in _CASES[at.side] if applies(at))


def _come(at: Situation) -> Step:
    return Step(
        "Come for the person",
        "The person is kept past release for you.",
        due_at=at.hold_due_at,
        is_late=at.is_past(at.hold_due_at),
    )


def _come_as_promised(at: Situation) -> Step:
    late = at.is_past(at.comes_at)
    title = "You said that somebody would be there by now" if late else "Be there for the person, as you said"
    return Step(title, "The custodian counts on it.", due_at=at.comes_at, is_late=late)


def _wait(title: str, text: str) -> Callable[[Situation], Step]:
    """Return a step of waiting for the custodian: until when it said that it would answer, or since when the answer is due."""

    def step(at: Situation) -> Step:
        due = at.promised_at or at.answer_due_at
        if not at.is_past(due):
            more = " The custodian said until when it will answer." if at.promised_at else ""
            return Step(title, text + more, due_at=due)
        said = "said that it would answer by then" if at.promised_at else "has not answered"
        return Step(
            "The answer is overdue",
            f"The custodian {said}. It is reminded; you may call it, too. {text}",
            due_at=due,
            is_late=True,
        )

    return step


_REQUESTER: Final[tuple[Case, ...]] = (
    (lambda at: at.view.is_holding, _come),
    (lambda at: at.owes("contested") and at.view.is_live, CLAIM_ARRIVED),
    (
        lambda at: bool(at.view.contests_open) and at.view.is_live,
        says("Check the claim against the request", "It must be checked and answered.", "answer_contest", "Answer the claim"),
    ),
    (
        lambda at: at.view.is_live and set(at.view.notices) > set(at.view.notices_received),
        says(
            "Say that the notice arrived, and whether an officer will come",
            "The custodian gave notice.",
            "notice_received",
            "Answer the notice",
        ),
    ),
    (
        lambda at: at.view.state == "not_here",
        says(
            "Pass the request on, or withdraw it",
            "The custodian says that the person is not there.",
            "relay",
            "Pass it on",
            also=("cancel",),
        ),
    ),
    (lambda at: not at.view.is_live, lambda at: ended(at.view)),
    (lambda at: at.comes_at is not None and at.view.release_notice is not None, _come_as_promised),
    (
        lambda at: at.view.state == "lodged",
        _wait("Nothing to do: it is on its way", "No receipt by the custodian is recorded yet."),
    ),
    (
        lambda at: at.view.state == "delivered",
        _wait("Nothing to do: the custodian has it", "It is delivered and not acknowledged yet. Silence is not a refusal."),
    ),
    (lambda at: bool(at.view.undecided), _wait("Nothing to do: the custodian decides", "Not every part is decided yet.")),
    ALARM,
    (always, says("Nothing to do", "Every part is decided. The custodian tells you what comes.")),
)


_PARTY: Final[tuple[Case, ...]] = (
    (
        lambda at: at.user is not None,
        says(
            "You may say what your agency did",
            "The record names your agency. What others say of it is marked as not confirmed until you say so.",
            "state",
            "Make a statement",
        ),
    ),
    (always, says("Nothing to do")),
)
_CASES: Final[dict[Side, tuple[Case, ...]]] = {
    "custodian": CUSTODIAN,
    "requester": _REQUESTER,
    "party": _PARTY,
    "reader": ((always, says("You read this record", "Oversight reads; it changes nothing, and people are not shown.")),),
}
