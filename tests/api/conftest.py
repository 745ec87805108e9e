"""What the tests of the API stand on: tokens of agencies made for a test, and callers who use them."""

import datetime as dt
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest

from .scene import Caller, Scene


@pytest.fixture
def token(database: Any, as_worker: Any) -> Callable[..., str]:
    """Makes a token of an agency: `token(agency, "custody")`; returns its secret."""

    def make(agency: UUID, *scopes: str, user: UUID | None = None, days: int = 1) -> str:
        from detainer.exchange.models import Token
        from detainer.exchange.session import new_secret, secret_hash

        secret, now = new_secret(), dt.datetime.now(dt.UTC)
        with as_worker():
            Token.objects.create(
                agency_id=agency,
                user_id=user,
                name="of a test",
                scopes=list(scopes),
                secret_hash=secret_hash(secret),
                created_at=now - dt.timedelta(days=2),
                expires_at=now + dt.timedelta(days=days),
            )
        return secret

    return make


@pytest.fixture
def caller(token: Callable[..., str]) -> Callable[..., Caller]:
    """Makes a caller for an agency: `caller(agency, "custody")`; with no scopes given, one without a token."""
    return lambda agency=None, *scopes, **more: Caller(token(agency, *scopes, **more) if agency else None)


@pytest.fixture
def scene(party: Any, caller: Callable[..., Caller]) -> Scene:
    """A new requester, a new custodian (a jail in Essex County, Massachusetts), and an agency that has no part in anything."""
    requester, custodian, stranger = party("requester"), party("custodian"), party("requester", "custodian", "court")
    return Scene(
        requester,
        custodian,
        stranger,
        officer=caller(requester.id, "request", "supervise", user=requester.supervisor.user),
        clerk=caller(custodian.id, "custody", "supervise", user=custodian.supervisor.user),
        other=caller(stranger.id, "custody", "request", "supervise", user=stranger.supervisor.user),
    )


@pytest.fixture
def deliver(as_worker: Any) -> Callable[[], None]:
    """Carries every waiting delivery, as the worker's job does."""

    def carry() -> None:
        from detainer.exchange.jobs import deliver
        from detainer.exchange.models import Delivery

        now = dt.datetime.now(dt.UTC)
        with as_worker():  # other tests of the process live in years to come
            waiting = Delivery.objects.filter(delivered_at=None, created_at__lte=now).order_by("created_at")
            for pk in waiting.values_list("pk", flat=True):
                deliver(pk, now)

    return carry
