"""The commands around the release: give notice, hold, hand over; what the end of a stay does to the requests that wait on it."""

from collections.abc import Sequence
from typing import Literal
from uuid import UUID

from django.db.models import Q
from pydantic import Field

from detainer.exchange import clocks, refusals
from detainer.exchange.commands.acknowledging import facility_of, linked_stay
from detainer.exchange.commands.deciding import decided_to_honour
from detainer.exchange.models import Request
from detainer.exchange.refusals import FieldError, Refused
from detainer.exchange.work import Work
from detainer.record import kinds, release_check, when
from detainer.record.release_check import Beside, Finding
from detainer.record.said import Occurred, Payload, Text
from detainer.record.views import RequestView, StayView

HoldEndReason = Literal["handed_over", "other"]  # of the reasons of `hold_ended`, those that follow from another command


class StartHold(Payload):
    """Keep the person past the moment of release."""

    note: Text | None = None


class NoticeReceived(Payload):
    """The requester has the notice; the last one unless another is named."""

    notice: UUID | None = None
    will_come: bool | None = None
    comes_at: Occurred | None = Field(None, description="When somebody will be there to take custody.")
    note: Text | None = None


def give_notice(work: Work, view: RequestView, said: kinds.NoticeGiven, occurred: str | None) -> None:
    """Tell the requester of a release (or a transfer, a death) ahead of it; the time is the stay's unless said."""
    if said.of == "release":
        decided_to_honour(view, "notify")
    stay = linked_stay(view)
    at = said.at or ((stay.view.get("release_due") or stay.release_planned) if stay else None) or None
    work.append(view.id, "notice_given", said.model_copy(update={"at": at}), occurred=occurred, zone=facility_of(view).zone)


def notice_received(work: Work, view: RequestView, said: NoticeReceived, occurred: str | None) -> None:
    """Say, as the requester, that a notice arrived, and whether somebody will come."""
    if not view.notices or (said.notice and said.notice not in view.notices):
        raise refusals.one_field("notice", "no such notice was given")
    told = kinds.NoticeReceived(**said.model_dump(exclude={"notice"}), notice=said.notice or view.notices[-1])
    work.append(view.id, "notice_received", told, occurred=occurred)


def start_hold(work: Work, view: RequestView, said: StartHold, occurred: str | None) -> None:
    """Start a hold. It takes a decision to honour, a copy served on the person, and a release that is due."""
    decided_to_honour(view, "hold")
    if view.served is None:
        raise Refused(
            "state",
            "the copy is not served on the person: on its own words the request takes no effect as to the hold until it is",
        )
    stay = linked_stay(view)
    release_due = stay.view.get("release_due") if stay else None
    if stay is None or not stay.in_custody or release_due is None:
        raise Refused(
            "state", "a hold starts when the release is due: record on the person's stay the moment and its cause first"
        )
    facility = facility_of(view)
    zone = facility.zone
    deadlines = tuple(
        kinds.DeadlineSaid(
            kind=item.kind, rule=item.rule, due_at=when.instant(item.due_at), governs=item.governs, arithmetic=item.arithmetic
        )
        for item in clocks.of_hold(view, stay.view, clocks.place_at(facility), is_held=True)
    )
    work.append(
        view.id,
        "hold_started",
        kinds.HoldStarted(release_due=release_due, deadlines=deadlines, note=said.note),
        occurred=occurred,
        zone=zone,
    )


def hand_over(work: Work, view: RequestView, said: kinds.HandedOver, occurred: str | None) -> None:
    """Record that the requester took custody: it ends the stay, and what other requests wait on it."""
    transfer = next((ask for ask in view.asks if ask.ask == "transfer"), None)
    if transfer and transfer.choice != "honour":
        raise Refused(
            "state", f"the transfer is [{transfer.choice or 'undecided'}]: decide to honour it before the person is handed over"
        )
    stay = linked_stay(view)
    if stay and not stay.in_custody:
        raise Refused("state", f"the person cannot be handed over: the stay is [{stay.state}]", state=stay.state)
    zone = facility_of(view).zone
    others = waiting_on(work, stay.pk, view.id) if stay else []
    looked = release_check.check(StayView.model_validate(stay.view), [view, *others], Beside(now=work.now)) if stay else None
    go_on(release_check.at_hand_over(looked.findings if looked else (), view.id), said.against_duty, said.over_warrants)
    held = view.hold_started is not None
    end_hold(work, view, "handed_over", occurred, zone)
    work.append(view.id, "handed_over", said.model_copy(update={"held": held}), occurred=occurred, zone=zone)
    if stay:
        work.stay(stay.pk)
        work.append(stay.pk, "transferred", kinds.Transferred(to_agency=view.requester), occurred=occurred, zone=zone)
        close_others(work, stay.pk, view.id, kinds.Closed(cause="passed_on", stay=stay.pk), occurred)


def go_on(duties: Sequence[Finding], reason: str | None, warrants: Sequence[UUID] | None) -> None:
    """Let a person leave although something is owed, with a reason for it. Raises Refused `invalid` where it is not told."""
    wrong = release_check.not_told(duties, reason, warrants or ())
    if wrong:
        errors = [FieldError(field, message) for field, message in wrong]
        raise Refused("invalid", "; ".join(f"{error.field}: {error.message}" for error in errors), errors=errors)


def close_others(work: Work, stay: UUID, but: UUID | None, closed: kinds.Closed, occurred: str | None) -> None:
    """Close every live request that waits on a stay, but one."""
    for view in waiting_on(work, stay, but):
        end_hold(work, view, "other", occurred)
        if view.is_live:
            work.append(view.id, "closed", closed, occurred=occurred)


def waiting_on(work: Work, stay: UUID, but: UUID | None = None) -> list[RequestView]:
    """Return the agency's requests that wait on a stay: live ones, and those that ended while the person was still held."""
    rows = Request.objects.filter(Q(live=True) | Q(holding=True), stay=stay, custodian=work.actor.agency).exclude(pk=but)
    found = set(rows.values_list("pk", flat=True))
    work.holds_if(lambda: set(rows.values_list("pk", flat=True)) == found)
    return [work.request(pk) for pk in sorted(found)]


def end_hold(work: Work, view: RequestView, reason: HoldEndReason, occurred: str | None, zone: str = "UTC") -> None:
    """End the hold of a request, if the person is held under it."""
    if view.is_holding:
        work.append(view.id, "hold_ended", kinds.HoldEnded(reason=reason), occurred=occurred, zone=zone)
