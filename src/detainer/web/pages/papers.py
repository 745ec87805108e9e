"""The papers of a request: which there are, each looked at before it is kept, and those that were kept."""

import base64
import datetime as dt
from typing import Any, Final
from uuid import UUID

from django.contrib import messages
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from detainer import documents
from detainer.documents import languages
from detainer.exchange import papers, work
from detainer.exchange.commands import documents as documents_made
from detainer.exchange.commands import named, perform
from detainer.exchange.models import Document, Stream
from detainer.exchange.refusals import Refused
from detainer.exchange.roles import Actor
from detainer.record import views
from detainer.record.event import Event
from detainer.web.access import signed_in
from detainer.web.board_rows import people_of
from detainer.web.templatetags.detainer import moment

# kind -> what it is for, in a sentence.
FOR: Final = {
    "request_sheet": "The request with every field of its form, to read, to file, or to serve on the person.",
    "answer_letter": "Your answer to the requester: a row for each part, with the rule and its citation.",
    "notice_to_person": "Tells the person what was asked, what the law says, what was decided, and how to contest it.",
    "proof_of_service": "Who gave the person which papers, when and how; to be signed.",
    "release_notice": "The notice of the release (or of a transfer, a hospital, a death), and what the requester replied.",
    "consent_form": "Asks the person whether they agree to an interview; to be signed.",
    "hold_log": "The hold from the moment of release on, its clocks and their arithmetic.",
    "hand_over_record": "Who was handed over to whom, where and on which papers; to be signed by both.",
}
DOTS_PER_INCH: Final = 96


@require_GET
@signed_in()
def show(request: HttpRequest, request_id: UUID) -> HttpResponse:
    """Show which papers of a request there are for this agency, and those that it kept."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    events, parties = _request(actor, request_id)
    view = views.request(events)
    zone = papers.zone_of(view)
    kept = Document.objects.filter(stream=request_id, agency=actor.agency).annotate(emptied=Q(pdf=None))
    context = {
        **_about(actor, view),
        "papers": [
            {"kind": paper.kind, "title": languages.title(paper.kind, "en"), "what": FOR[paper.kind]}
            for paper in papers.papers_of(view, actor.agency, parties)
        ],
        "languages": _languages(),
        "kept": [_row(row, zone) for row in kept.defer("pdf").order_by("-made_at", "-pk")],
    }
    return render(request, "papers/list.html", context)


def _row(row: Document, zone: str) -> dict[str, Any]:
    return {
        "document": row,
        "title": languages.title(row.kind, "en"),
        "language": languages.name(row.language),
        "made": moment(row.made_at, zone),
    }


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in()
def paper(request: HttpRequest, request_id: UUID, kind: str) -> HttpResponse:
    """Show a paper as the record now gives it, in the language asked for; a POST keeps and records it."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    _check_kind(kind)
    language = _language(request)
    if request.method == "POST":
        said = {"kind": kind, "language": language}
        done = perform(actor, named("request", "make_document"), said, now=dt.datetime.now(dt.UTC), stream=request_id)
        title = languages.title(kind, "en")
        messages.success(request, f"{title}: kept and recorded." if done.events else f"{title}: this very paper was kept before.")
        return redirect("request-papers", request_id)
    drawn = _drawn(actor, request_id, kind, language)
    pages = documents.pictures(kind, papers.PAPERS[kind].filled(drawn.seen), language, dots_per_inch=DOTS_PER_INCH)
    context = {
        **_about(actor, drawn.seen.view),
        "kind": kind,
        "title": languages.title(kind, "en"),
        "what": FOR[kind],
        "language": language,
        "languages": _languages(),
        "pages": [base64.b64encode(page).decode() for page in pages],
        "same": documents_made.same(request_id, actor.agency, drawn),
        "sha256": drawn.sha256,
        "may_keep": bool(actor.roles & named("request", "make_document").roles),
    }
    return render(request, "papers/paper.html", context)


@require_GET
@signed_in()
def drawn_pdf(request: HttpRequest, request_id: UUID, kind: str) -> HttpResponse:
    """Return the PDF of a paper as the record now gives it. Nothing is kept."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    language = _language(request)
    return _pdf(_drawn(actor, request_id, kind, language).pdf, f"{kind}-{language}")


@require_GET
@signed_in()
def kept_pdf(request: HttpRequest, document: UUID) -> HttpResponse:  # noqa: ARG001
    """Return the PDF of a paper as it was kept."""
    row = documents_made.kept(document)
    return _pdf(bytes(row.pdf), f"{row.kind}-{row.language}-{row.sha256[:8]}")


def _pdf(content: bytes, name: str) -> HttpResponse:
    disposition = f'inline; filename="{name.replace("_", "-")}.pdf"'
    return HttpResponse(content, content_type="application/pdf", headers={"Content-Disposition": disposition})


def _drawn(actor: Actor, request_id: UUID, kind: str, language: str) -> documents_made.Drawn:
    _check_kind(kind)
    events, parties = _request(actor, request_id)
    return documents_made.drawn(events, parties, actor.agency, kind, language)


def _check_kind(kind: str) -> None:
    if kind not in papers.PAPERS:
        raise Refused("not-found", f"there is no paper [{kind}]")


def _request(actor: Actor, request_id: UUID) -> tuple[list[Event], tuple[UUID, ...]]:
    """Return the events of a request and its parties. Raises Refused: `not-found`; `not-allowed` for who only reads it."""
    stream = Stream.objects.filter(pk=request_id, kind="request").first()
    if stream is None:
        raise Refused("not-found", f"there is no request [{request_id}]")
    if actor.agency not in stream.parties:
        raise Refused("not-allowed", "papers name a person: only the agencies that take part in a request make them")
    return work.load(request_id), tuple(stream.parties)


def _about(actor: Actor, view: views.RequestView) -> dict[str, Any]:
    return {"request_id": view.id, "view": view, "person": people_of([view.person], actor).get(view.person)}


def _language(request: HttpRequest) -> str:
    """Return the language that is asked for. Raises Refused `invalid` for one that there is not."""
    language = request.POST.get("language") or request.GET.get("language") or "en"
    if language not in documents.LANGUAGES:
        raise Refused("invalid", f"there are no papers in [{language[:20]}]: choose one of {', '.join(documents.LANGUAGES)}")
    return language


def _languages() -> list[tuple[str, str]]:
    return [(code, languages.name(code)) for code in documents.LANGUAGES]
