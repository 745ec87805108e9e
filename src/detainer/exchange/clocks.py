"""The deadlines of a request: which clocks its own events and its stay's start, and when they run out."""

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

from detainer import clock
from detainer.exchange.models import Deadline, Stay
from detainer.record import when
from detainer.record.views import RequestView

# A form whose words on time are not known is given the shortest count, which no law exceeds.
SHORTEST: Final = "I-247A"


def hold_deadlines(form: str, release_due: str, zone: str) -> tuple[clock.Deadline, ...]:
    """Return the hold's deadlines under each counting rule; none for a form that asks for no hold.

    A moment of release that is only roughly known counts from its earliest instant.
    """
    start = when.parse(release_due, zone).from_
    if start is None:
        return ()
    return clock.hold_deadlines(start, zone=zone, form=form if form in clock.HOLD_RULES else SHORTEST)


def running(view: RequestView, stay: Stay | None, zone: str) -> list[dict[str, Any]]:
    """Return the rows of the deadlines that run for a request: the hold's, and the target of its notice."""
    asked = {ask.ask for ask in view.asks if ask.choice != "decline"}
    stay_view = stay.view if stay else {}
    found: list[clock.Deadline] = []
    if may_be_held(view) and stay_view.get("release_due"):
        found += hold_deadlines(view.form, stay_view["release_due"], zone)
    planned = when.parse(stay_view["release_planned"], zone) if stay_view.get("release_planned") else None
    acknowledged = when.parse(view.acknowledged, zone).to if view.acknowledged else None
    if "notify" in asked and planned and planned.from_ and acknowledged and view.release_notice is None:
        found.append(clock.notice_target(planned.from_, known_at=min(acknowledged, planned.from_), zone=zone))
    return [_row(deadline, view) for deadline in found]


def may_be_held(view: RequestView) -> bool:
    """Return whether a hold is on, decided, or still open: no clock runs for one that was declined or that the law forbids."""
    hold = next((ask for ask in view.asks if ask.ask == "hold"), None)
    if view.is_holding or hold is None:
        return view.is_holding
    forbidden = hold.answer is not None and hold.answer.value == "must_not"
    return hold.choice == "honour" or (hold.choice is None and not forbidden)


def _row(deadline: clock.Deadline, view: RequestView) -> dict[str, Any]:
    return {
        "stream_id": view.id,
        "agency_id": view.custodian,
        "kind": deadline.kind,
        "rule": deadline.rule,
        "label": deadline.label,
        "starts_at": deadline.starts_at,
        "due_at": deadline.due_at,
        "governs": deadline.governs,
        "open": view.is_holding or (view.is_live and view.hold_ended is None),
        "arithmetic": deadline.arithmetic,
    }


def write(view: RequestView, stay: Stay | None, zone: str) -> None:
    """Write a request's deadlines as they now stand, in its custodian's transaction."""
    rows = running(view, stay, zone)
    Deadline.objects.filter(stream=view.id).exclude(agency=view.custodian, rule__in=[row["rule"] for row in rows]).delete()
    if rows:
        Deadline.objects.bulk_create(
            [Deadline(**row) for row in rows],
            update_conflicts=True,
            unique_fields=["stream", "kind", "rule", "agency"],
            update_fields=["label", "starts_at", "due_at", "governs", "open", "arithmetic"],
        )


def stop(streams: Sequence[UUID]) -> None:
    """Stop the clocks of requests that are no longer live: whoever ended them may do so."""
    Deadline.objects.filter(stream__in=streams, open=True).update(open=False)
