"""What the tests of the pages sign in with, and what they fill a record with."""

import contextlib
import datetime as dt
import re
from collections.abc import Mapping
from typing import Any
from uuid import UUID, uuid4

from django.apps import apps
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

PERSON = {"name": "Ana Maria Example", "date_of_birth": "1990-05-01"}
ADMINISTRATIVE = {"warrant": "administrative", "warrant_form": "I-200"}


def do(actor: Any, name: str, data: Mapping[str, Any] | None = None, on: UUID | None = None) -> UUID:
    """Give a command (`request.decide`) now, as a door does; return the id of its stream."""
    from detainer.exchange import commands

    kind, _, command = name.partition(".")
    done = commands.perform_once(actor, commands.named(kind, command), data or {}, now=now(), stream=on, key=None)
    return done.stream


def table(name: str) -> Any:
    """A table of the exchange."""
    return apps.get_model("exchange", name)


def acting(agency: UUID) -> contextlib.AbstractContextManager[None]:
    """A block that sees what an agency may see."""
    from detainer.exchange import session

    return session.acting(agency)


def now() -> dt.datetime:
    """The present: pages have no other."""
    return dt.datetime.now(dt.UTC)


def lodge(requester: Any, custodian: Any, *asks: str, **more: Any) -> UUID:
    """Lodge a request for these asks (notify and hold) at a custodian's facility; return its id."""
    told = {"facility": custodian.facility, "asks": list(asks or ("notify", "hold")), "form": "I-247A", "person": PERSON}
    return do(requester.officer, "request.lodge", {**told, "basis": ADMINISTRATIVE, **more})


def acknowledged(requester: Any, custodian: Any, *asks: str, **more: Any) -> UUID:
    """Lodge a request and acknowledge it; return its id."""
    request = lodge(requester, custodian, *asks, **more)
    do(custodian.clerk, "request.acknowledge", {}, request)
    return request


def booked(custodian: Any, **more: Any) -> UUID:
    """Book a person at a custodian's facility; return the stay's id."""
    told = {"facility": custodian.facility, "booking_number": str(uuid4()), "person": PERSON, **more}
    return do(custodian.clerk, "stay.book", told)


def signed_in(actor: Any) -> Client:
    """A browser in which the actor's user is signed in."""
    client = Client()
    client.force_login(table("User").objects.get(pk=actor.user), backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


def text(client: Client, address: str, status: int = 200) -> str:
    """The page at an address, which must answer with this status."""
    response = client.get(address)
    assert response.status_code == status, f"{address}: {response.status_code} {response.content.decode()[:500]}"
    return response.content.decode()


def typed(client: Client, address: str, **fields: Any) -> Any:
    """Send a form as a browser without JavaScript does: what stands in it, and these fields over it (`__` for a dot)."""
    page = text(client, address)
    hidden = dict(re.findall(r'<input type="hidden" name="(version|key|ask|corrects)" value="([^"]*)"', page))
    return client.post(address, {**hidden, **{name.replace("__", "."): value for name, value in fields.items()}})


def queries_of(client: Client, address: str) -> int:
    """How often a page asks the database."""
    with CaptureQueriesContext(connection) as queries:
        text(client, address)
    return len(queries)
