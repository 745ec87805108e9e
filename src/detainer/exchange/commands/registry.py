"""The table of all commands: what each takes, who may give it, and the function that carries it out. Every door reads it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, Literal

from detainer.exchange.commands import (
    acknowledging,
    chasing,
    corrections,
    deciding,
    documents,
    ending,
    files,
    lodging,
    requests,
    stays,
)
from detainer.exchange.roles import CONFIRMING, CUSTODY, REQUESTING, SPEAKING
from detainer.exchange.work import Work
from detainer.record import kinds
from detainer.record.said import Payload
from detainer.record.said import Stream as StreamKind

Side = Literal["custodian", "requester", "party", "owner"]


@dataclass(frozen=True)
class Command:
    """A command: its name in every door, the stream it acts on, what it takes, who may give it.

    `act` gets (work, view, said, occurred); of one that begins a stream (work, said, occurred), and returns its id.
    """

    name: str
    stream: StreamKind
    takes: type[Payload]
    side: Side
    roles: frozenset[str]
    act: Callable[..., Any]
    begins: bool = False

    @property
    def says(self) -> str:
        """What it does, in its function's first line, or the first line of what it takes."""
        return ((self.act.__doc__ or self.takes.__doc__ or "").strip().splitlines() or [""])[0]


def _records(kind: str) -> Callable[..., None]:
    """Return the function of a command that records one event as it was said."""

    def act(work: Work, view: Any, said: Payload, occurred: str | None) -> None:
        facility = getattr(view, "facility", None)
        work.append(view.id, kind, said, occurred=occurred, zone=stays.zone_of(view) if facility else "UTC")

    act.__doc__ = None
    return act


def _of_request(
    name: str, takes: type[Payload], side: Side, act: Callable[..., Any], roles: frozenset[str] | None = None
) -> Command:
    standard = {"custodian": CUSTODY, "requester": REQUESTING, "party": SPEAKING, "owner": SPEAKING}
    return Command(name, "request", takes, side, roles or standard[side], act)


def _of_stay(name: str, takes: type[Payload], act: Callable[..., Any]) -> Command:
    return Command(name, "stay", takes, "owner", CUSTODY, act)


COMMANDS: Final[tuple[Command, ...]] = (
    Command("lodge", "request", lodging.Lodge, "requester", REQUESTING, lodging.lodge, begins=True),
    _of_request("acknowledge", kinds.Acknowledged, "custodian", acknowledging.acknowledge),
    _of_request("will_answer", kinds.WillAnswer, "custodian", chasing.will_answer),
    _of_request("not_here", kinds.NotHere, "custodian", _records("not_here")),
    _of_request("record_facts", acknowledging.RecordFacts, "custodian", acknowledging.record_facts),
    _of_request("serve", kinds.Served, "custodian", _records("served")),
    _of_request("decide", deciding.Decide, "custodian", deciding.decide),
    _of_request("confirm_decision", deciding.ConfirmDecision, "custodian", deciding.confirm_decision, CONFIRMING),
    _of_request("give_notice", kinds.NoticeGiven, "custodian", ending.give_notice),
    _of_request("notice_received", ending.NoticeReceived, "requester", ending.notice_received),
    _of_request("start_hold", ending.StartHold, "custodian", ending.start_hold),
    _of_request("end_hold", kinds.HoldEnded, "custodian", _records("hold_ended")),
    _of_request("hand_over", kinds.HandedOver, "custodian", ending.hand_over),
    _of_request("relay", requests.Relay, "party", requests.relay, CUSTODY | REQUESTING),
    _of_request("cancel", kinds.Cancelled, "requester", _records("cancelled")),
    _of_request("cancel_received", kinds.Noted, "custodian", requests.cancel_received),
    _of_request("contest", kinds.Contested, "party", _records("contested")),
    _of_request("answer_contest", kinds.ContestAnswered, "party", requests.answer_contest, CUSTODY | REQUESTING),
    _of_request("make_document", documents.MakeDocument, "party", documents.make_document),
    _of_request("receive", kinds.Received, "party", chasing.receive, CUSTODY | REQUESTING),
    _of_request("answer_clock", kinds.ClockAnswered, "party", chasing.answer_clock, CUSTODY | REQUESTING),
    _of_request("consent", kinds.Consented, "custodian", chasing.consent),
    _of_request("state", kinds.Stated, "party", _records("stated")),
    _of_request("correct", kinds.Corrected, "party", corrections.correct, CUSTODY | REQUESTING),
    _of_request("close", kinds.Closed, "custodian", requests.close),
    Command("book", "stay", stays.Book, "owner", CUSTODY, stays.book, begins=True),
    _of_stay("charge", kinds.Charged, _records("charged")),
    _of_stay("appear_in_court", kinds.CourtAppeared, _records("court_appeared")),
    _of_stay("plan_release", kinds.ReleasePlanned, _records("release_planned")),
    _of_stay("release_due", kinds.ReleaseDue, stays.release_due),
    _of_stay("move", kinds.Moved, stays.move),
    _of_stay("transfer", kinds.Transferred, stays.transfer),
    _of_stay("release_check", stays.ReleaseCheck, stays.release_check),
    _of_stay("release", kinds.Released, stays.release),
    _of_stay("die", kinds.Noted, stays.die),
    _of_stay("escape", kinds.Noted, _records("escaped")),
    Command("state", "stay", kinds.Stated, "party", SPEAKING, _records("stated")),
    _of_stay("correct", kinds.Corrected, corrections.correct),
    Command("begin", "file", files.Begin, "owner", REQUESTING, files.begin, begins=True),
    Command("record", "file", files.Record, "owner", REQUESTING, files.record),
    Command("state", "file", kinds.Stated, "owner", REQUESTING, _records("stated")),
    Command("correct", "file", kinds.Corrected, "owner", REQUESTING, corrections.correct),
)

_BY_NAME: Final = {(command.stream, command.name): command for command in COMMANDS}

# What an agency must be to begin a stream of a kind.
BEGINNERS: Final[dict[StreamKind, frozenset[str]]] = {
    "request": frozenset({"requester"}),
    "stay": frozenset({"custodian", "court"}),
    "file": frozenset({"requester"}),
}


def named(stream: StreamKind, name: str) -> Command:
    """Return a command by the stream it acts on and its name. Raises KeyError for one that is not there."""
    return _BY_NAME[stream, name]
