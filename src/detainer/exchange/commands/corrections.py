"""The command that mends an event of any stream: what stands afterwards must still be a record of the same person and parties."""

from typing import Any

from detainer.exchange import refusals
from detainer.exchange.commands import stays
from detainer.exchange.models import Facility, Stay
from detainer.exchange.work import CLOCKS_DIFFER, Work
from detainer.record import kinds, when
from detainer.record.correction import objection
from detainer.record.views import RequestView, StayView


def correct(work: Work, view: Any, said: kinds.Corrected, occurred: str | None) -> None:
    """Mend a mistake in an event of the agency's own: it stays, and what stands instead is told."""
    held = work.held[view.id]
    found = objection(held.events, said, work.actor.agency)
    if found:
        raise refusals.one_field(*found)
    if said.occurred and when.is_after(when.parse(said.occurred), work.now + CLOCKS_DIFFER):
        raise refusals.one_field("occurred", f"[{said.occurred}] is in the future: an event has happened")
    work.append(view.id, "corrected", said, occurred=occurred)
    after = getattr(work, held.kind)(view.id)
    if after.person != view.person:
        raise refusals.one_field("data", f"a {held.kind} is about one person, and this names another")
    if isinstance(after, RequestView):
        _check_request(work, view, after)
    elif isinstance(after, StayView):
        _check_stay(work, view, after)


def _check_request(work: Work, before: RequestView, after: RequestView) -> None:
    facility = Facility.objects.filter(pk=after.facility).first()
    if facility is None or facility.agency_id != after.custodian or after.custodian not in work.held[after.id].parties:
        message = "a correction moves no request to another custodian: relay it, or cancel it and lodge another"
        raise refusals.one_field("data", message)
    is_linked_anew = after.stay not in (None, before.stay) and work.actor.agency == after.custodian
    if is_linked_anew and not Stay.objects.filter(pk=after.stay, custodian=after.custodian).exists():
        raise refusals.one_field("data", f"there is no stay [{after.stay}]")


def _check_stay(work: Work, before: StayView, after: StayView) -> None:
    if after.facility and after.facility != before.facility:
        stays.own_facility(work, after.facility)
    if after.booking_number and after.booking_number != before.booking_number:
        stays.check_free(work, after.booking_number)
