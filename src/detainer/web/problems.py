"""Errors as a person sees them: a page that says what is wrong and what would be right; as a machine does: problem+json."""

import json
import sys
from typing import Any

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from detainer.exchange.refusals import Refused


def machine(refused: Refused) -> HttpResponse:
    """Return a refusal as problem+json (RFC 9457)."""
    return HttpResponse(json.dumps(refused.problem()), status=refused.status, content_type="application/problem+json")


def page(request: HttpRequest, refused: Refused) -> HttpResponse:
    """Return a refusal as a page."""
    return render(request, "problem.html", {"problem": refused.problem(), "errors": refused.errors}, status=refused.status)


def shown(request: HttpRequest, refused: Refused) -> HttpResponse:
    """Return a refusal in the form that its reader takes."""
    return machine(refused) if request.path.startswith("/api/") else page(request, refused)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001  (Django's signature)
    """Return the page of an address that leads nowhere."""
    return shown(request, Refused("not-found", "there is nothing at this address"))


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001  (Django's signature)
    """Return the page of what this user may not see."""
    return shown(request, Refused("not-allowed", "this account may not see that"))


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:  # noqa: ARG001  (Django's signature)
    """Return the page of a form whose token is missing or old."""
    return shown(request, Refused("not-allowed", "the form is too old or came from elsewhere: reload the page and send it again"))


def server_error(request: HttpRequest) -> HttpResponse:
    """Return 503 when the database could not be reached, 500 for what nobody foresaw. Neither needs the database to be shown."""
    error: Any = sys.exc_info()[1]
    if isinstance(error, Refused):
        return shown(request, error)
    down = isinstance(error, OperationalError | InterfaceError)
    if request.path.startswith("/api/"):
        return machine(unavailable()) if down else _plain_problem()
    template, status = ("503.html", 503) if down else ("500.html", 500)
    return render(None, template, status=status)  # type: ignore[arg-type]  (no request: its context would ask the database)


def unavailable() -> Refused:
    """Return the refusal of a command that found no database: nothing was written, and the same key can be sent again."""
    return Refused(
        "unavailable", "the database cannot be reached; nothing was written: send the same again, with the same Idempotency-Key"
    )


def _plain_problem() -> HttpResponse:
    body = {
        "type": "about:blank",
        "title": "Something went wrong here",
        "status": 500,
        "detail": "nothing was written; the operator's log tells more",
    }
    return HttpResponse(json.dumps(body), status=500, content_type="application/problem+json")
