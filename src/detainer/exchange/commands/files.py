"""The commands on a file: the requester's own history of a person, one event after another."""

from typing import Literal
from uuid import UUID

from detainer.exchange import identities
from detainer.exchange.identities import PersonSaid
from detainer.exchange.models import new_id
from detainer.exchange.work import Work
from detainer.record.kinds import KINDS
from detainer.record.said import JsonObject, Payload
from detainer.record.views import FileView

FileKind = Literal[
    "encountered",
    "notice_to_appear_issued",
    "released_on_notice",
    "supervision_enrolled",
    "supervision_ended",
    "arrested",
    "taken_into_custody",
    "hearing",
    "ordered",
    "removed",
    "closed",
]


class Begin(Payload):
    """What a requester says to begin a file: who, and the first event."""

    person: PersonSaid
    kind: FileKind = "encountered"
    data: JsonObject = {}


class Record(Payload):
    """One more event of a file."""

    kind: FileKind
    data: JsonObject = {}


def begin(work: Work, said: Begin, occurred: str | None) -> UUID:
    """Begin a file with its first event."""
    person = new_id()
    stream = work.begin("file", [work.actor.agency])
    data = {**said.data, "person": str(person)} if "person" in KINDS["file"][said.kind].model_fields else said.data
    work.append(stream, said.kind, data, occurred=occurred)
    work.also(identities.row(person, said.person, agency=work.actor.agency, shared_by=work.actor.agency))
    return stream


def record(work: Work, view: FileView, said: Record, occurred: str | None) -> None:
    """Add an event to a file."""
    work.append(view.id, said.kind, said.data, occurred=occurred)
