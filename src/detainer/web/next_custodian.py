"""The one thing to do next about a request for its custodian: a table of cases, the first that fits. Pure."""

from typing import Final

from detainer.web import words
from detainer.web.sides import decided
from detainer.web.situation import ALARM, CLAIM_ARRIVED, Case, Situation, Step, always, ended, says


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
    broken = at.is_past(at.promised_at)
    before = (
        "The release is due. "
        if at.is_release_due
        else "The time by which you said that you would answer has passed. "
        if broken
        else ""
    )
    due = at.promised_at or at.answer_due_at
    return Step(
        f"Decide{' now' if at.is_release_due else ''}: {words.ASKS[ask.ask].lower()}",
        f"{before}The law's answer is: {says}.{more}",
        "decide",
        "Decide",
        ask=ask.ask,
        due_at=due,
        is_late=at.is_release_due or at.is_past(due),
        also=("will_answer",),
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


def _acknowledge(at: Situation) -> Step:
    return Step(
        "Acknowledge the request",
        "Say that you have it, and link it to the person's booking. Or say that the person is not here.",
        "acknowledge",
        "Acknowledge",
        due_at=at.promised_at or at.answer_due_at,
        is_late=at.is_past(at.promised_at or at.answer_due_at),
        also=("not_here", "will_answer"),
    )


CUSTODIAN: Final[tuple[Case, ...]] = (
    (lambda at: at.view.is_holding and at.is_past(at.hold_due_at), _end_the_hold),
    (
        lambda at: at.view.is_holding and bool(at.view.cancelled or at.view.contests_upheld),
        says("End the hold", "The request no longer stands.", "end_hold", "End the hold", is_late=True),
    ),
    (lambda at: at.view.is_holding, _holding),
    (
        lambda at: at.view.cancelled is not None and not at.view.cancel_received,
        says("Say that the withdrawal arrived", "The requester withdrew the request.", "cancel_received", "Send the receipt"),
    ),
    (lambda at: not at.view.is_live, lambda at: ended(at.view)),
    (lambda at: at.view.state in ("lodged", "delivered"), _acknowledge),
    (lambda at: at.owes("contested"), CLAIM_ARRIVED),
    (
        lambda at: bool(at.view.contests_open),
        says(
            "Answer the claim against the request", "Until it is answered both sides must check it.", "answer_contest", "Answer"
        ),
    ),
    (lambda at: any(ask.proposal for ask in at.view.asks), _confirm),
    (lambda at: at.is_release_due and at.owes_notice, _give_notice),
    (lambda at: bool(at.view.undecided), _decide),
    (lambda at: at.is_release_due, _release_or_hold),
    (
        lambda at: decided(at.view, "hold") == "honour" and at.view.served is None,
        says("Serve the copy on the person", "The hold has no effect until the copy is served.", "serve", "Record the service"),
    ),
    (lambda at: at.owes_notice and at.stay is not None and at.stay.release_planned is not None, _give_notice),
    (
        lambda at: at.view.stay is None and at.view.booking_number is None,
        says("Link the person's booking", "So that the clocks run from the release.", "acknowledge", "Link the booking"),
    ),
    (
        lambda at: at.owes_notice,
        says("Give the notice when the release is known", "Record the planned release on the person's stay.", on_stay=True),
    ),
    ALARM,
    (always, says("Nothing is due", "All is decided. What the release brings is recorded on the person's stay.", on_stay=True)),
)
