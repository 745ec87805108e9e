"""What every page's template gets beside its own."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest

from detainer import __version__
from detainer.exchange.models import Agency


def page(request: HttpRequest) -> dict[str, Any]:
    """Return the signed-in agency, the version, and in a demo its accounts."""
    actor = getattr(request, "actor", None)
    agency = Agency.objects.filter(pk=actor.agency).first() if actor else None
    return {"actor": actor, "agency": agency, "version": __version__, "is_demo": settings.DEMO}
