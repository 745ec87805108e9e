"""The command that makes a document from the record as it stands and keeps it: the same record is the same document."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from pydantic import Field, field_validator

from detainer import documents
from detainer.exchange import papers
from detainer.exchange.models import Document, Identity, new_id
from detainer.exchange.models import Event as EventRow
from detainer.exchange.refusals import Refused
from detainer.exchange.work import Work
from detainer.record import kinds
from detainer.record.event import Event
from detainer.record.said import Payload
from detainer.record.views import RequestView

Kind = Literal[
    "request_sheet",
    "answer_letter",
    "notice_to_person",
    "proof_of_service",
    "release_notice",
    "consent_form",
    "hold_log",
    "hand_over_record",
]


class MakeDocument(Payload):
    """Which document, and in which language."""

    kind: Kind
    language: str = Field("en", max_length=10, description="A language that documents are made in: en, es.")

    @field_validator("language")
    @classmethod
    def _is_there(cls, language: str) -> str:
        if language not in documents.LANGUAGES:
            raise ValueError(f"choose one of {', '.join(documents.LANGUAGES)}")
        return language


@dataclass(frozen=True)
class Drawn:
    """A document as the record now gives it, not kept yet: its bytes and their hash, and what it was drawn from."""

    kind: str
    language: str
    pdf: bytes
    sha256: str
    seen: papers.Seen


def drawn(events: Sequence[Event], parties: tuple[UUID, ...], agency: UUID, kind: str, language: str) -> Drawn:
    """Return a document of the request that these events add up to. Raises Refused where it is not this agency's to make."""
    seen = papers.seen_of(events, agency)
    if kind not in {paper.kind for paper in papers.papers_of(seen.view, agency, parties)}:
        raise Refused("not-allowed", f"[{kind}] is made by the custodian who has the request now")
    pdf = documents.made(kind, papers.PAPERS[kind].filled(seen), language)
    return Drawn(kind, language, pdf, hashlib.sha256(pdf).hexdigest(), seen)


def make_document(work: Work, view: RequestView, said: MakeDocument, occurred: str | None) -> None:
    """Make a document from the record as it stands, and keep it with its hash. Made again it is the same one."""
    held, agency = work.held[view.id], work.actor.agency
    made = drawn(held.all_events, held.parties, agency, said.kind, said.language)
    if any(document.sha256 == made.sha256 for document in work.documents) or same(view.id, agency, made):
        return
    document = Document(
        id=new_id(),
        agency_id=agency,
        stream_id=view.id,
        person=view.person,
        kind=said.kind,
        language=said.language,
        sha256=made.sha256,
        pdf=made.pdf,
        made_at=work.now,
    )
    told = kinds.DocumentMade(
        document=document.id,
        what=said.kind,
        language=said.language,
        sha256=made.sha256,
        of_version=made.seen.as_of.version,
    )
    work.append(view.id, "document_made", told, occurred=occurred, zone=made.seen.facility.zone)
    work.keep(document)
    identity = made.seen.identity
    if identity is not None:
        work.holds_if(lambda: _is_named(identity.pk))


def _is_named(identity: UUID) -> bool:
    """Return whether the person is still named, and keep it so until the commit: a court's order waits, and then empties it."""
    return Identity.objects.select_for_update().filter(pk=identity, destroyed_at=None).exists()


def same(request: UUID, agency: UUID, made: Drawn) -> Document | None:
    """Return the document that the agency has with these very bytes, without them."""
    return Document.objects.defer("pdf").filter(agency=agency, stream=request, sha256=made.sha256).first()


def kept(document: UUID) -> Document:
    """Return a document that the session may see. Raises Refused `not-found`, also for one that was emptied."""
    row = Document.objects.filter(pk=document).first()
    if row is None or row.pdf is None:
        why = "was emptied when the identity was destroyed under a court's order" if row else "is not there"
        raise Refused("not-found", f"the document [{document}] {why}")
    return row


def of_event(event: UUID) -> Document:
    """Return the document that an event says was made."""
    return Document.objects.get(pk=EventRow.objects.get(pk=event).data["document"])
