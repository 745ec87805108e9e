"""The documents of a request: listed, made and kept, and the PDF of each."""

import datetime as dt
from http import HTTPStatus
from typing import Any, Final
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from pydantic import BaseModel, Field

from detainer.api import shapes
from detainer.api.commands import documented_command, done_reply, path_of, perform_said, said_by
from detainer.api.replies import answer, documented
from detainer.api.routes import router
from detainer.api.shaping import shaped
from detainer.api.tokens import actor_of, known_only, reading
from detainer.exchange import work
from detainer.exchange.commands import documents, named
from detainer.exchange.models import Document, Request, Stream
from detainer.exchange.refusals import Refused
from detainer.exchange.session import acting

COMMAND: Final = named("request", "make_document")
PATH: Final = path_of(COMMAND)
ROLES: Final = " or ".join(sorted(COMMAND.roles))


class DocumentShown(BaseModel):
    """A document as it was made for the caller's agency, without its bytes."""

    id: UUID
    request: UUID
    kind: str
    language: str
    sha256: str = Field(description="Of the PDF, in hex: the same as in the event [document_made].")
    made_at: dt.datetime
    emptied: bool = Field(description="A court's order destroyed the identity of the person, and the bytes with it.")


class Documents(BaseModel):
    """The documents of a request that the agency made, the latest first."""

    documents: list[DocumentShown]


class DocumentMade(shapes.Done):
    """What was made: no event where the record gives the document that the agency has already."""

    document: DocumentShown | None = Field(description="Null only in a reply that is given again, when the record has changed.")


def shown(row: Document) -> dict[str, Any]:
    """Return a document as a reply shows it."""
    return shaped(DocumentShown, row, request=row.stream_id, emptied=row.pdf is None)


@router.get(
    PATH,
    operation_id="request_documents",
    summary="The documents of a request",
    tags=["requests"],
    response={200: Documents},
    openapi_extra=documented(HTTPStatus.NOT_FOUND, HTTPStatus.UNPROCESSABLE_ENTITY),
)
@reading
def made(request: HttpRequest, id: UUID) -> HttpResponse:  # noqa: A002
    """What the caller's agency made of a request and kept. Another agency's are its own."""
    if not Request.objects.filter(pk=id).exists():
        raise Refused("not-found", f"there is no request [{id}]")
    rows = Document.objects.filter(stream=id, agency=actor_of(request).agency).order_by("-made_at", "-pk")
    return answer({"documents": [shown(row) for row in rows]})


@router.post(
    PATH,
    operation_id="request_make_document",
    summary="Make a document (request)",
    description=f"{COMMAND.says}\n\nTakes the role {ROLES}.",
    tags=["requests"],
    response={200: DocumentMade},
    openapi_extra=documented_command(COMMAND),
)
@known_only
def make(request: HttpRequest, id: UUID) -> HttpResponse:  # noqa: A002
    data, actor = said_by(request, COMMAND), actor_of(request)
    done = perform_said(request, COMMAND, data, id)
    with acting(actor.agency, actor.user):
        row = documents.of_event(done.events[0]) if done.events else _as_it_stands(id, actor.agency, data)
        return done_reply(done, HTTPStatus.OK, document=shown(row) if row else None)


def _as_it_stands(stream: UUID, agency: UUID, data: dict[str, Any]) -> Document | None:
    """Return the document that the agency had already; None when the record has changed since, for a reply given again."""
    parties = tuple(Stream.objects.get(pk=stream).parties)
    said = documents.MakeDocument(kind=data["kind"], language=data.get("language", "en"))
    return documents.same(stream, agency, documents.drawn(work.load(stream), parties, agency, said.kind, said.language))


@router.get(
    "/documents/{id}",
    operation_id="document",
    summary="A document (PDF)",
    tags=["requests"],
    openapi_extra={
        **documented(HTTPStatus.NOT_FOUND, HTTPStatus.UNPROCESSABLE_ENTITY),
        "responses": {
            **documented(HTTPStatus.NOT_FOUND, HTTPStatus.UNPROCESSABLE_ENTITY)["responses"],
            HTTPStatus.OK: {"description": "The PDF.", "content": {"application/pdf": {"schema": {"type": "string"}}}},
        },
    },
)
@reading
def document(request: HttpRequest, id: UUID) -> HttpResponse:  # noqa: A002, ARG001
    """The bytes of a document as it was made. One that was emptied under a court's order is not found."""
    return as_pdf(documents.kept(id))


def as_pdf(row: Document) -> HttpResponse:
    """Return the reply that is a document's PDF."""
    name = f"{row.kind.replace('_', '-')}-{row.language}-{row.sha256[:8]}.pdf"
    return HttpResponse(
        bytes(row.pdf), content_type="application/pdf", headers={"Content-Disposition": f'inline; filename="{name}"'}
    )
