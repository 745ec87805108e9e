"""For which of their agencies a user works now."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from detainer.exchange.models import Membership
from detainer.exchange.refusals import Refused
from detainer.exchange.roles import Actor
from detainer.exchange.session import member
from detainer.web.access import signed_in
from detainer.web.middleware import SESSION_AGENCY


@require_POST
@signed_in()
def switch_agency(request: HttpRequest) -> HttpResponse:
    """Work for another of the user's agencies from now on. Raises Refused `not-allowed` for one that is none of theirs."""
    try:
        agency = UUID(request.POST.get("agency", ""))
    except ValueError:
        agency = None
    if agency is None or member(request.user.pk, agency) is None:
        raise Refused("not-allowed", "this account does not belong to that agency")
    request.session[SESSION_AGENCY] = str(agency)
    return redirect("board")


def agencies_of(actor: Actor) -> list[dict[str, object]]:
    """Return the agencies that a user may work for, in order of name, with which it is now; empty when there is only one."""
    rows = Membership.objects.filter(user=actor.user).values_list("agency_id", "agency__name").distinct().order_by("agency__name")
    told = [{"id": pk, "name": name, "now": pk == actor.agency} for pk, name in rows]
    return told if len(told) > 1 else []
