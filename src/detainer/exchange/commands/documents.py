"""The command that makes a document from the record as it stands and keeps it: the same record is the same document."""

import hashlib
from typing import Any, Literal

from pydantic import Field, field_validator

from detainer import documents
from detainer.exchange import papers
from detainer.exchange.models import Document, Identity, new_id
from detainer.exchange.refusals import Refused
from detainer.exchange.work import Work
from detainer.record import kinds
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


def make_document(work: Work, view: RequestView, said: MakeDocument, occurred: str | None) -> None:
    """Make a document from the record as it stands, and keep it with its hash. Made again it is the same one."""
    held = work.held[view.id]
    if said.kind not in {paper.kind for paper in papers.papers_of(view, work.actor.agency, held.parties)}:
        raise Refused("not-allowed", f"[{said.kind}] is made by the custodian who has the request now")
    seen = papers.seen_of(held.all_events, work.actor.agency)
    pdf = documents.made(said.kind, papers.PAPERS[said.kind].filled(seen), said.language)
    sha256 = hashlib.sha256(pdf).hexdigest()
    if kept(view, work, sha256):
        return
    document = Document(
        id=new_id(),
        agency_id=work.actor.agency,
        stream_id=view.id,
        person=view.person,
        kind=said.kind,
        language=said.language,
        sha256=sha256,
        pdf=pdf,
        made_at=work.now,
    )
    told = kinds.DocumentMade(
        document=document.id, what=said.kind, language=said.language, sha256=sha256, of_version=seen.as_of.version
    )
    work.append(view.id, "document_made", told, occurred=occurred, zone=seen.facility.zone)
    work.keep(document)
    if seen.identity is not None:
        work.holds_if(lambda: _is_named(seen.identity))


def kept(view: RequestView, work: Work, sha256: str) -> bool:
    """Return whether the agency has this document, or this unit of work is about to keep it."""
    return any(document.sha256 == sha256 for document in work.documents) or (
        Document.objects.filter(agency=work.actor.agency, stream=view.id, sha256=sha256).exists()
    )


def _is_named(identity: Any) -> bool:
    """Return whether the person is still named, and keep it so until the commit: a court's order waits, and then empties it."""
    return Identity.objects.select_for_update().filter(pk=identity.pk, destroyed_at=None).exists()
