"""What every page's template gets beside its own."""

from functools import cache
from typing import Any

from django.conf import settings
from django.http import HttpRequest

from detainer import __version__
from detainer.exchange import cases
from detainer.exchange.models import Agency, Delivery


def page(request: HttpRequest) -> dict[str, Any]:
    """Return the signed-in agency and who adopted its rules, what waits in its inbox, the version, a demo's accounts."""
    actor = getattr(request, "actor", None)
    told: dict[str, Any] = {"actor": actor, "agency": None, "version": __version__, "is_demo": settings.DEMO}
    if settings.DEMO and actor is None:
        told["demo_accounts"] = demo_accounts()
    if actor is not None and request.method in ("GET", "HEAD"):
        agency = Agency.objects.filter(pk=actor.agency).first()
        unopened = Delivery.objects.filter(to_agency=actor.agency, opened_at=None, delivered_at__isnull=False).count()
        told |= {"agency": agency, "adopted_by": agency.rules_adopted_by if agency else "", "nav_counts": {"inbox": unopened}}
    return told


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
