"""What every page's template gets beside its own."""

import datetime as dt
from contextlib import nullcontext
from functools import cache
from typing import Any, Final

from django.conf import settings
from django.db import connection
from django.http import HttpRequest
from django.urls import reverse

from detainer import __version__
from detainer.exchange import cases
from detainer.exchange.models import Agency, Delivery
from detainer.exchange.roles import Actor
from detainer.exchange.session import acting
from detainer.web.alarming import alarming

TOLD: Final = frozenset({"custodian", "court", "requester"})  # kinds of agency that are sent something


def page(request: HttpRequest) -> dict[str, Any]:
    """Return the signed-in agency and who adopted its rules, what waits in its inbox, the version, a demo's accounts."""
    actor = getattr(request, "actor", None)
    told: dict[str, Any] = {"actor": actor, "agency": None, "version": __version__, "is_demo": settings.DEMO}
    told["rules_url"] = reverse("law")
    told["outcomes_url"] = reverse("outcomes") if settings.OUTCOMES else ""
    if settings.DEMO and actor is None:
        told["demo_accounts"] = demo_accounts()
    if actor is not None:
        # A page that a POST shows again is drawn outside the transaction of a reading page.
        with nullcontext() if connection.in_atomic_block else acting(actor.agency, actor.user):
            told |= _of_agency(actor)
    return told


def _of_agency(actor: Actor) -> dict[str, Any]:
    agency = Agency.objects.filter(pk=actor.agency).first()
    unopened = Delivery.objects.filter(to_agency=actor.agency, channel="inbox", opened_at=None, delivered_at__isnull=False)
    own = alarming(dt.datetime.now(dt.UTC)).filter(agency=actor.agency)
    counts = {
        "inbox": unopened.count(),
        "board": own.values("stream").distinct().count(),
        "deliveries": Delivery.objects.filter(from_agency=actor.agency, needs_person=True).count(),
    }
    return {
        "agency": agency,
        "adopted_by": agency.rules_adopted_by if agency else "",
        "nav_counts": counts,
        "has_channels": bool(actor.kinds & TOLD),
    }


@cache
def demo_accounts() -> list[dict[str, str]]:
    """Return the demo's accounts as the sign-in page shows them."""
    demo = cases.read(cases.examples() / "demo.yaml")
    names = {agency.key: agency.name for agency in demo.agencies}
    return [
        {
            "login": account.username,
            "password": account.password,
            "agency": names.get(account.agency, account.agency),
            "role": ", ".join(account.roles),
            "note": account.says,
        }
        for account in demo.accounts
    ]
