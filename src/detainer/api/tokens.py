"""Who calls: a machine's token, and nothing else; the session of a page's user opens nothing here."""

import datetime as dt
import functools
import inspect
from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja.security import HttpBearer

from detainer.exchange.refusals import FieldError, Refused
from detainer.exchange.roles import Actor
from detainer.exchange.session import acting, machine


class Token(HttpBearer):
    """`Authorization: Bearer dtn_...`, as `detainer token add` made it."""

    def authenticate(self, request: HttpRequest, token: str) -> Actor | None:  # noqa: ARG002  (ninja's signature)
        """Return the actor that the token stands for, None for one that opens nothing (any more)."""
        return machine(token, dt.datetime.now(dt.UTC))


def actor_of(request: HttpRequest) -> Actor:
    """Return who calls."""
    actor: Actor = request.auth  # type: ignore[attr-defined]  (set by ninja from Token)
    return actor


def known_only(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Refuse a parameter that the view does not take: a filter that is misspelt must not mean everything."""
    taken = frozenset(inspect.signature(view).parameters)

    @functools.wraps(view)
    def checked(request: HttpRequest, **said: Any) -> HttpResponse:
        unknown = [FieldError(name, "not a parameter of this address") for name in request.GET if name not in taken]
        if unknown:
            raise Refused("invalid", f"[{unknown[0].field}] is not a parameter of this address", errors=unknown)
        return view(request, **said)

    return checked


def reading(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Run a view that reads in a transaction of the caller's agency."""

    @functools.wraps(view)
    def in_transaction(request: HttpRequest, **said: Any) -> HttpResponse:
        actor = actor_of(request)
        with acting(actor.agency, actor.user):
            return view(request, **said)

    return known_only(in_transaction)
