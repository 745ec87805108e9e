"""Stays as the pages read them: one that the session may see, its zone, the requests about it, what is still owed."""

from uuid import UUID

from django.db.models import Q

from detainer.exchange.models import Facility, Request, Stay
from detainer.exchange.refusals import Refused


def found_stay(stream: UUID) -> Stay:
    """Return a stay that the session may see. Raises Refused `not-found`, the same for one that is not there."""
    found = Stay.objects.select_related("facility", "custodian").filter(pk=stream).first()
    if found is None:
        raise Refused("not-found", f"there is no stay [{stream}]")
    return found


def facility_of(found: Stay) -> Facility | None:
    """Return the facility of a stay; where an account of it names none, the first jail (or other place) of its custodian."""
    if found.facility is not None:
        return found.facility
    own = Facility.objects.filter(agency=found.custodian_id).order_by("code")
    return own.filter(kind="jail").first() or own.first()


def zone_of(found: Stay) -> str:
    """Return the zone of the facility of a stay, UTC when no facility is known."""
    facility = facility_of(found)
    return facility.zone if facility else "UTC"


def requests_of(found: Stay) -> list[Request]:
    """Return the requests about a stay: linked to it, or about the same person as the record knows them."""
    about = Q(stay=found.pk) | (Q(person=found.person) if found.person else Q())
    return list(
        Request.objects.filter(about).select_related("facility", "requester", "custodian").order_by("-live", "-lodged_at")
    )


def owes_notice(item: Request) -> bool:
    """Return whether a request was promised a notice that is not given yet."""
    return not item.view["notices"] and any(ask["ask"] == "notify" and ask["choice"] == "honour" for ask in item.asks)


def facilities_of(agency: UUID) -> list[tuple[str, str]]:
    """Return an agency's own facilities as choices of a form."""
    found = Facility.objects.filter(agency=agency).order_by("name", "code")
    return [(item.code, f"{item.name}, {item.county} {item.state} ({item.code})") for item in found]
