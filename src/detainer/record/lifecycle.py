"""The life-cycle of the three streams as one table, state x event -> state, which also draws the diagram in the docs."""

from collections.abc import Iterable, Mapping
from typing import Final

from detainer.record.kinds import KINDS
from detainer.record.said import Stream

BEGIN: Final = ""  # the state of a stream that has no event yet

State = str
Table = Mapping[State, Mapping[str, State]]

# What may be said of a request in any state without changing it, and while it is live.
_ALWAYS: Final = ("stated", "corrected", "contested", "contest_answered", "delivered", "notice_received")
_LIVE: Final = ("served", "answered", "decision_proposed")

_REQUEST: Final[dict[State, dict[str, State]]] = {
    BEGIN: {"lodged": "lodged"},
    "lodged": {"delivered": "delivered"},
    "delivered": {},
    "acknowledged": {"decided": "decided", "notice_given": "notified", "hold_started": "holding"},
    "decided": {"decided": "decided", "notice_given": "notified", "hold_started": "holding"},
    "notified": {"decided": "notified", "notice_given": "notified", "hold_started": "holding"},
    "holding": {"decided": "holding", "notice_given": "holding", "hold_ended": "hold_ended"},
    "hold_ended": {"decided": "hold_ended", "notice_given": "hold_ended"},
    "not_here": {},
    "handed_over": {"hold_ended": "handed_over"},
    "cancelled": {"hold_ended": "cancelled", "cancel_received": "cancelled"},
    "closed": {},
}
LIVE: Final = ("lodged", "delivered", "acknowledged", "decided", "notified", "holding", "hold_ended")
_WITH_PERSON: Final = ("acknowledged", "decided", "notified", "holding", "hold_ended")


def _request() -> Table:
    """Return the table of a request, with what holds for many states written once."""
    table = {state: dict(moves) for state, moves in _REQUEST.items()}
    for state, moves in table.items():
        if state == BEGIN:
            continue
        moves.update({kind: state for kind in _ALWAYS if kind not in moves})
        if state in LIVE:
            moves.update(dict.fromkeys(_LIVE, state))
            moves.update({"not_here": "not_here", "cancelled": "cancelled", "relayed": "lodged", "closed": "closed"})
        if state in ("lodged", "delivered", "not_here"):
            moves["acknowledged"] = "acknowledged"
        if state in _WITH_PERSON:
            moves.update({"acknowledged": state, "handed_over": "handed_over"})
        if state == "not_here":
            moves.update({"relayed": "lodged", "cancelled": "cancelled", "closed": "closed", "not_here": "not_here"})
    # An account from outside may begin with how it ended: nothing but `lodged` is then known.
    table["lodged"]["notice_given"] = table["delivered"]["notice_given"] = "notified"
    return table


_IN_CUSTODY: Final = ("charged", "court_appeared", "release_planned", "moved")
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
