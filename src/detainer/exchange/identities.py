"""Who a person is, as each agency knows it: kept apart from the record, shared with a request, destroyed by a court's order."""

import datetime as dt
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from detainer.exchange.models import Document, Identity
from detainer.exchange.refusals import Refused
from detainer.exchange.roles import Actor
from detainer.record.said import Line, Payload

Number = Literal["a_number", "fbi", "sid", "fingerprint", "subject_id", "other"]


class PersonSaid(Payload):
    """A person as an agency names them. It is written to an identity row, never to an event."""

    name: Line
    date_of_birth: dt.date | None = None
    sex: Annotated[Line, Field(max_length=20)] | None = None
    citizenship: Annotated[Line, Field(max_length=100)] | None = None
    numbers: dict[Number, Line] = Field(default_factory=dict)


def row(person: UUID, said: PersonSaid, *, agency: UUID, shared_by: UUID) -> Identity:
    """Return the identity row that an agency gets (or keeps for itself, when `shared_by` is the same)."""
    return Identity(
        person=person,
        agency_id=agency,
        shared_by_id=shared_by,
        name=said.name,
        date_of_birth=said.date_of_birth,
        sex=said.sex or "",
        citizenship=said.citizenship or "",
        numbers=dict(said.numbers),
    )


def copy(person: UUID, *, of: UUID, to: UUID) -> Identity | None:
    """Return the row that shares an agency's own identity of a person with another; None when it has none (any more)."""
    own = Identity.objects.filter(person=person, agency=of, destroyed_at=None).first()
    if own is None:
        return None
    return Identity(
        person=person,
        agency_id=to,
        shared_by_id=of,
        name=own.name,
        date_of_birth=own.date_of_birth,
        sex=own.sex,
        citizenship=own.citizenship,
        numbers=own.numbers,
    )


def expunge(actor: Actor, person: UUID, order: str, now: dt.datetime) -> None:
    """Destroy an agency's identity of a person under a court's order. The events stay, their hashes hold, they name nobody.

    Its documents about the person are emptied with it: their hashes stay.

    Raises Refused `not-found` where the agency has none, `not-allowed` for who is not a supervisor.
    """
    if "supervisor" not in actor.roles:
        raise Refused("not-allowed", "destroying an identity takes a supervisor")
    changed = Identity.objects.filter(person=person, agency=actor.agency, destroyed_at=None).update(
        name="", date_of_birth=None, sex="", citizenship="", numbers={}, destroyed_at=now, destroyed_under=order
    )
    if not changed:
        raise Refused("not-found", f"there is no identity of the person [{person}]")
    Document.objects.filter(person=person, agency=actor.agency).update(pdf=None)
