"""What followed a stay, as the requester's file tells it: how many days from the arraignment to the requester's own arrest."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from detainer.exchange import work
from detainer.exchange.models import Facility, File, Request, Stay
from detainer.web.course import days_to_arrest


@dataclass(frozen=True)
class Afterwards:
    """An arrest by the requester after a stay: its event and file, when, local days since the arraignment, whether at large."""

    event: UUID
    file: UUID
    occurred: str
    days: int
    at_large: bool

    @property
    def words(self) -> str:
        """Say it: `59 days after the arraignment`."""
        return f"{self.days} day{'' if self.days == 1 else 's'} after the arraignment"


def afterwards(person: UUID | None) -> Afterwards | None:
    """Return the requester's first arrest of a person after an arraignment, from the files and stays that the session may see.

    None where no file or no arraignment is seen, or where either day is only roughly known.
    """
    file = File.objects.filter(person=person).first() if person else None
    if file is None:
        return None
    told = work.load(file.pk)
    days = days_to_arrest([*(work.load(stay) for stay in _stays_of(file.person)), told], zone_of_person(file.person))
    found = next((event for event in told if event.id in days), None)
    return Afterwards(found.id, file.pk, found.occurred, days[found.id], bool(found.data.get("at_large"))) if found else None


def _stays_of(person: UUID | None) -> Iterable[UUID]:
    own = Stay.objects.filter(person=person).values_list("pk", flat=True)
    linked = Request.objects.filter(person=person).exclude(stay=None).values_list("stay", flat=True)
    return dict.fromkeys([*own, *linked])


def zone_of_person(person: UUID | None) -> str:
    """Return the zone of the facility of a request about a person, for a file, which has no place of its own."""
    found = Request.objects.filter(person=person).values_list("facility", flat=True).first() if person else None
    return Facility.objects.filter(pk=found).values_list("zone", flat=True).first() or "UTC"
