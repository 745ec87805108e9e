"""What every page passes through: security headers, the agency of the session, refusals as pages."""

from collections.abc import Callable
from uuid import UUID

from django.http import HttpRequest, HttpResponse

from detainer.exchange.refusals import Refused
from detainer.exchange.session import acting as acting_as
from detainer.exchange.session import member
from detainer.web import problems

Next = Callable[[HttpRequest], HttpResponse]

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
SESSION_AGENCY = "agency"  # which of their agencies a user works for now


class Refusals:
    """Shows a refusal that a page's view raised as a page that says what is wrong and what would be right."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Return the page of a refusal; None leaves other exceptions to Django (handler500)."""
        return problems.page(request, exception) if isinstance(exception, Refused) else None


refusals = Refusals


def security_headers(get_response: Next) -> Next:
    """Set the headers that let a page load from here alone, and keep it out of every cache: jail desks are shared."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        response.headers.setdefault("Content-Security-Policy", POLICY)
        response.headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
        response.headers.setdefault("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
        if not request.path.startswith("/static/"):
            response.headers.setdefault("Cache-Control", "no-store")
        return response

    return middleware


def acting(get_response: Next) -> Next:
    """Give the request its actor, and a reading page its agency's transaction. A command opens its own (commands.perform)."""

    def middleware(request: HttpRequest) -> HttpResponse:
        request.actor = None  # type: ignore[attr-defined]
        if request.path.startswith(("/api/", "/static/", "/livez", "/readyz")) or not request.user.is_authenticated:
            return get_response(request)
        chosen = request.session.get(SESSION_AGENCY)
        actor = (member(request.user.pk, UUID(chosen)) if chosen else None) or member(request.user.pk)
        request.actor = actor  # type: ignore[attr-defined]
        if actor is None or request.method not in ("GET", "HEAD"):
            return get_response(request)
        with acting_as(actor.agency, actor.user):
            return get_response(request)

    return middleware
