"""Errors as a person sees them: a page that says what is wrong and what would be right; as a machine does: problem+json."""

import json
import sys
from typing import Any

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from detainer.exchange.refusals import Refused

UNFORESEEN = "nothing was written; the operator's log tells more"


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


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001  (Django's signature)
    """Return 400 for what is no request of ours: a host that DETAINER_HOSTS does not name, a body that is cut off."""
    if request.path.startswith("/api/"):
        return _plain_problem(400, "Not a request that can be read", "see that the host and the body are as docs/api.md says")
    return render(None, "400.html", status=400)  # type: ignore[arg-type]  (no request: its host cannot be trusted)


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
        return machine(unavailable()) if down else _plain_problem(500, "Something went wrong here", UNFORESEEN)
    template, status = ("503.html", 503) if down else ("500.html", 500)
    return render(None, template, status=status)  # type: ignore[arg-type]  (no request: its context would ask the database)


def unavailable() -> Refused:
    """Return the refusal of a command that found no database: nothing was written, and the same key can be sent again."""
    return Refused(
        "unavailable", "the database cannot be reached; nothing was written: send the same again, with the same Idempotency-Key"
    )


def _plain_problem(status: int, title: str, detail: str) -> HttpResponse:
    body = {"type": "about:blank", "title": title, "status": status, "detail": detail}
    return HttpResponse(json.dumps(body), status=status, content_type="application/problem+json")
