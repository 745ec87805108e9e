"""What followed a stay, as the requester's file tells it: how many days from the arraignment to the requester's own arrest."""

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from detainer.exchange.models import Event as EventRow
from detainer.exchange.models import Facility, File, Request, Stay
from detainer.exchange.work import of_row
from detainer.record import when
from detainer.record.event import effective

_ARREST: Final = ("arrested", "taken_into_custody")


@dataclass(frozen=True)
class Afterwards:
    """An arrest by the requester after a stay: its event, when, whole local days since the arraignment, and whether at large."""

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
    if person is None:
        return None
    file = File.objects.filter(person=person).first()
    stays = list(Stay.objects.filter(stream__in=_stays_of(person)).select_related("facility"))
    if file is None or not stays:
        return None
    arraigned = _first(stays)
    return _after(file.pk, *arraigned) if arraigned else None


def _stays_of(person: UUID) -> list[UUID]:
    own = list(Stay.objects.filter(person=person).values_list("pk", flat=True))
    linked = Request.objects.filter(person=person).exclude(stay=None).values_list("stay", flat=True)
    return [*own, *(stay for stay in linked if stay)]


def _first(stays: list[Stay]) -> tuple[when.When, str] | None:
    """Return the first arraignment of these stays, and the zone of its place."""
    rows = EventRow.objects.filter(stream__in=[stay.pk for stay in stays]).order_by("stream_id", "version")
    zones = {stay.pk: stay.facility.zone if stay.facility else "UTC" for stay in stays}
    told = [
        (when.parse(event.occurred, zones[event.stream]), zones[event.stream])
        for event in effective(of_row(row) for row in rows)
        if event.kind == "court_appeared" and event.data.get("what") == "arraignment"
    ]
    dated = [(at, zone) for at, zone in told if at.from_ is not None and not at.is_rough]
    return min(dated, key=lambda item: item[0].from_, default=None) if dated else None  # type: ignore[return-value, arg-type]


def _after(file: UUID, arraigned: when.When, zone: str) -> Afterwards | None:
    rows = EventRow.objects.filter(stream=file).order_by("version")
    for event in effective(of_row(row) for row in rows):
        if event.kind not in _ARREST:
            continue
        days = when.days_between(arraigned, when.parse(event.occurred, zone), zone)
        if days is not None and days >= 0:
            return Afterwards(event.id, file, event.occurred, days, bool(event.data.get("at_large")))
    return None


def zone_of_person(person: UUID | None) -> str:
    """Return the zone of the facility of a request about a person, for a file, which has no place of its own."""
    found = Request.objects.filter(person=person).values_list("facility", flat=True).first() if person else None
    return Facility.objects.filter(pk=found).values_list("zone", flat=True).first() or "UTC"
