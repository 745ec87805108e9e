"""The life-cycle of the three streams as one table, state x event -> state, which also draws the diagram in the docs."""

from collections.abc import Iterable, Mapping
from typing import Final

from detainer.record.kinds import KINDS
from detainer.record.said import Stream

BEGIN: Final = ""  # the state of a stream that has no event yet

State = str
Table = Mapping[State, Mapping[str, State]]

LIVE: Final = ("lodged", "delivered", "acknowledged", "decided", "notified", "holding", "hold_ended")
_WITH_PERSON: Final = ("acknowledged", "decided", "notified", "holding", "hold_ended")
# In these nobody is being held, so the request can go on to another custodian or turn out to be nobody's here.
_NOT_HOLDING: Final = ("lodged", "delivered", "acknowledged", "decided", "notified", "hold_ended")
_ENDED: Final = ("not_here", "handed_over", "cancelled", "closed")


def _stay_put(*kinds: str, within: Iterable[State]) -> list[tuple[State, str, State]]:
    return [(state, kind, state) for state in within for kind in kinds]


def _lead(kind: str, to: State, within: Iterable[State]) -> list[tuple[State, str, State]]:
    return [(state, kind, to) for state in within]


# A request, in (state, event, state). Of two lines about the same state and event the later one rules.
_REQUEST: Final[tuple[tuple[State, str, State], ...]] = (
    (BEGIN, "lodged", "lodged"),
    # What may be said in any state without changing it, and what is said while it is live.
    *_stay_put("stated", "corrected", "contested", "contest_answered", "delivered", "notice_received", within=(*LIVE, *_ENDED)),
    *_stay_put("opened", "received", "document_made", "clock_fired", "clock_answered", within=(*LIVE, *_ENDED)),
    *_stay_put("served", "answered", "decision_proposed", "will_answer", "consented", within=LIVE),
    ("lodged", "delivered", "delivered"),
    # The custodian has it; said again it links another stay. `not_here` is taken back by it.
    *_lead("acknowledged", "acknowledged", within=("lodged", "delivered", "not_here")),
    *_stay_put("acknowledged", within=_WITH_PERSON),
    *_lead("decided", "decided", within=("acknowledged", "decided")),
    *_stay_put("decided", within=("notified", "holding", "hold_ended")),
    # What is done to the person is done whether or not anybody acknowledged: a record that refused it would be untrue.
    *_lead("notice_given", "notified", within=("lodged", "delivered", "acknowledged", "decided", "notified")),
    *_stay_put("notice_given", within=("holding", "hold_ended")),
    *_lead("hold_started", "holding", within=("lodged", "delivered", "acknowledged", "decided", "notified")),
    ("holding", "hold_ended", "hold_ended"),
    *_lead("handed_over", "handed_over", within=LIVE),
    # The end of a hold is owed even when the request has ended before it.
    *_stay_put("hold_ended", within=("handed_over", "cancelled", "closed")),
    # Not here (or the wrong person, found after the hold was ended), and on to the next custodian: the same request.
    *_lead("not_here", "not_here", within=(*_NOT_HOLDING, "not_here")),
    *_lead("relayed", "lodged", within=(*_NOT_HOLDING, "not_here")),
    *_lead("cancelled", "cancelled", within=(*LIVE, "not_here")),
    *_stay_put("cancel_received", within=("cancelled", "closed")),
    *_lead("closed", "closed", within=(*LIVE, "not_here", "handed_over", "cancelled")),
)


def _request() -> Table:
    """Return the table of a request by state, in the order of a request's life (process.md section 5)."""
    table: dict[State, dict[str, State]] = {state: {} for state in (BEGIN, *LIVE, *_ENDED)}
    for state, kind, to in _REQUEST:
        table[state][kind] = to
    return table


_IN_CUSTODY: Final = ("charged", "court_appeared", "release_planned", "moved", "release_checked")
_STAY: Final[dict[State, dict[str, State]]] = {
    BEGIN: {"arrested": "arrested", "booked": "in_custody"},
    "arrested": {"booked": "in_custody", **dict.fromkeys(_IN_CUSTODY, "arrested"), "release_due": "release_due"},
    "in_custody": {**dict.fromkeys(_IN_CUSTODY, "in_custody"), "release_due": "release_due"},
    "release_due": {**dict.fromkeys(_IN_CUSTODY, "release_due"), "release_due": "release_due"},
    "escaped": {"booked": "in_custody"},
    "transferred": {},
    "released": {},
    "died": {},
}
IN_CUSTODY: Final = ("arrested", "in_custody", "release_due")


def _stay() -> Table:
    table = {state: dict(moves) for state, moves in _STAY.items()}
    for state, moves in table.items():
        if state != BEGIN:
            moves.update({"stated": state, "corrected": state})
        if state in IN_CUSTODY:
            moves.update({kind: kind for kind in ("transferred", "released", "died", "escaped")})
    return table


def _file() -> Table:
    """Return the table of a file: its events may be entered in any order until it is closed."""
    kinds = [kind for kind in KINDS["file"] if kind not in ("closed", "stated", "corrected")]
    live = {**dict.fromkeys(kinds, "open"), "stated": "open", "corrected": "open", "closed": "closed"}
    return {BEGIN: dict.fromkeys(kinds, "open"), "open": live, "closed": {"stated": "closed", "corrected": "closed"}}


TABLE: Final[Mapping[Stream, Table]] = {"request": _request(), "stay": _stay(), "file": _file()}


def after(stream: Stream, state: State, kind: str) -> State:
    """Return the state of a stream after an event of `kind` in `state`.

    Raises ValueError that names the state and what can follow it, when this event cannot.
    """
    moves = TABLE[stream][state]
    if kind not in moves:
        name = state or "not begun"
        raise ValueError(
            f"a {stream} that is [{name}] cannot take [{kind}]: it takes {', '.join(sorted(moves)) or 'nothing more'}"
        )
    return moves[kind]


def reached(stream: Stream, kinds: Iterable[str]) -> State:
    """Return the state that a stream of these events, in order, has reached.

    An event that the state does not take leaves it as it is: after a correction voids one, those behind it may not follow.
    """
    state = BEGIN
    for kind in kinds:
        state = TABLE[stream][state].get(kind, state)
    return state


def diagram(stream: Stream) -> str:
    """Return the life-cycle as a Mermaid state diagram; events that leave a state as it is are left out."""
    lines = ["stateDiagram-v2"]
    for state, moves in TABLE[stream].items():
        changes: dict[State, list[str]] = {}
        for kind, target in moves.items():
            if target != state:
                changes.setdefault(target, []).append(kind)
        start = state or "[*]"
        lines += [f"    {start} --> {target}: {', '.join(kinds)}" for target, kinds in changes.items()]
    return "\n".join(lines) + "\n"
