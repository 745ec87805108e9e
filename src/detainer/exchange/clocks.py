"""The deadlines of a request: which clocks its events, its stay's and the agreement start, when they run out and fire next."""

import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final, NamedTuple
from uuid import UUID

from django.db.models import Q

from detainer import clock
from detainer.exchange import agreements, law_clocks
from detainer.exchange.agreements import Terms
from detainer.exchange.law_clocks import StayTold
from detainer.exchange.models import Deadline, Facility, Stay
from detainer.record import lifecycle, when
from detainer.record.views import RequestView

# A form whose words on time are not known is given the shortest count, which no law exceeds.
SHORTEST: Final = "I-247A"

# The clocks that need the stay, which its custodian alone sees. The others follow from the request alone.
OF_STAY: Final[frozenset[clock.Kind]] = frozenset({"hold_expiry", "notice_lead", "notice_due"})
OF_NOTICE: Final[frozenset[clock.Kind]] = frozenset({"notice_lead", "notice_due"})


class Place(NamedTuple):
    """A facility's time zone, and the calendar of the courts of its state by path."""

    zone: str = "UTC"
    calendar: str = "us"


def place_at(facility: Facility) -> Place:
    """Return a facility's zone and calendar."""
    return placed(facility.zone, facility.jurisdiction)


def placed(zone: str | None, jurisdiction: str | None) -> Place:
    """Return a zone, and the calendar of the state that a place is in: of `us/ca/los_angeles_county` that of `us/ca`."""
    return Place(zone or "UTC", "/".join((jurisdiction or "us").split("/")[:2]))


class Running(NamedTuple):
    """A clock that runs: whose it is, and the deadline."""

    agency: UUID
    deadline: clock.Deadline


TermsAt = Callable[[dt.datetime], Terms]  # what two agencies had agreed on at an instant


def terms_of(view: RequestView) -> TermsAt:
    """Return what tells the terms between a request's custodian and requester: asked of the database once, and only if needed."""
    found: list[Sequence[Terms]] = []

    def at(instant: dt.datetime) -> Terms:
        if not found:
            found.append(agreements.agreed(view.custodian, view.requester))
        return agreements.in_force(found[0], instant)

    return at


def unagreed(_instant: dt.datetime) -> Terms:
    """Return the exchange's own measure."""
    return agreements.DEFAULT


def hold_deadlines(form: str, release_due: str, zone: str) -> tuple[clock.Deadline, ...]:
    """Return the hold's deadlines under each counting rule of the form; none for a form that asks for no hold.

    A moment of release that is only roughly known counts from its earliest instant.
    """
    start = when.parse(release_due, zone).from_
    if start is None:
        return ()
    return clock.hold_deadlines(start, zone=zone, form=form if form in clock.HOLD_RULES else SHORTEST)


# --- the clocks that need the stay -------------------------------------------------------------------------------------


def of_hold(view: RequestView, stay: StayTold, place: Place, *, is_held: bool) -> tuple[clock.Deadline, ...]:
    """Return until when a person may be held: under the form's counting rules and the law's limits; the earliest governs.

    There are none before the release is due, nor for a person who is no longer here. The federal limits are the form's own.
    What the law says of letting a person out (Colorado's six hours after the bond) runs whether or not anybody is held;
    where it is at once, only a hold can be over it.
    """
    if not stay.get("release_due") or stay.get("state") not in lifecycle.IN_CUSTODY:
        return ()
    may_hold = is_held or may_be_held(view)
    found = list(hold_deadlines(view.form, stay["release_due"], place.zone)) if may_hold else []
    for limit in law_clocks.limits(view, stay, *place):
        is_of_law = limit.kind == "hold_expiry" and not limit.said.id.startswith("us-")
        at_once = limit.said.hours == 0
        if is_of_law and (is_held or (may_hold if limit.said.what != "release_when" else not at_once)):
            found.append(clock.deadline("hold_expiry", limit.starts_at, limit.rule, zone=place.zone))
    return clock.governed(found)


def may_be_held(view: RequestView) -> bool:
    """Return whether a hold is on, decided, or still open: no clock runs for one that was declined or that the law forbids."""
    hold = next((ask for ask in view.asks if ask.ask == "hold"), None)
    if view.is_holding or hold is None:
        return view.is_holding
    forbidden = hold.answer is not None and hold.answer.value == "must_not"
    return hold.choice == "honour" or (hold.choice is None and not forbidden)


def of_notice(view: RequestView, stay: StayTold, place: Place) -> Iterator[clock.Deadline]:
    """Yield until when the requester is told of a release: as the form asks, and as the law wants it; none once it is told."""
    asked = any(ask.ask == "notify" and ask.choice != "decline" for ask in view.asks)
    if not asked or not view.is_live or view.release_notice is not None:
        return
    acknowledged = when.parse(view.acknowledged, place.zone).to if view.acknowledged else None
    planned = when.parse(stay["release_planned"], place.zone).from_ if stay.get("release_planned") else None
    if planned and acknowledged:
        yield clock.notice_target(planned, known_at=min(acknowledged, planned), zone=place.zone)
    found: list[clock.Deadline] = []
    for limit in law_clocks.limits(view, stay, *place):
        if limit.kind == "notice_due" and law_clocks.is_window(limit.said):
            found.append(clock.window("notice_due", limit.starts_at, limit.rule, zone=place.zone))
        elif limit.kind == "notice_due":
            known = min(acknowledged, limit.starts_at) if acknowledged else None
            found.append(clock.deadline("notice_due", limit.starts_at, limit.rule, zone=place.zone, known_at=known))
    yield from clock.governed(found)


def of_stay(view: RequestView, stay: StayTold, place: Place) -> list[Running]:
    """Return the clocks that need the stay. All are the custodian's."""
    found = [*of_hold(view, stay, place, is_held=view.is_holding), *of_notice(view, stay, place)]
    return [Running(view.custodian, deadline) for deadline in found]


# --- the clocks that the request alone starts --------------------------------------------------------------------------


def of_request(view: RequestView, place: Place, terms_at: TermsAt) -> list[Running]:
    """Return the clocks that follow from the request alone, whoever's they are."""
    makers = (_answer_due, _receipts_due, _claims_due, _service_due, _pick_up, _consent_ends, _held_without_request)
    return [running for made in makers for running in made(view, place, terms_at)]


def _answer_due(view: RequestView, place: Place, terms_at: TermsAt) -> Iterator[Running]:
    """From the arrival until every ask is decided; until the moment at which the custodian said that it will answer."""
    arrived = _first(law_clocks.received(view), place)
    if arrived is None or not view.is_live or not view.undecided:
        return
    terms = terms_at(arrived)
    is_urgent = view.chase.priority == "urgent"
    minutes = terms.urgent_minutes if is_urgent else terms.routine_minutes
    label = f"an answer to every ask ({view.chase.priority})"
    due = clock.deadline("answer_due", arrived, _agreed("exchange/answer", label, terms, minutes=minutes), zone=place.zone)
    by = _last(view.chase.will_answer_by, place)
    if by and by > due.due_at:
        due = clock.put_off(due, by, words="until when the custodian said that it will answer", zone=place.zone)
    yield Running(view.custodian, due)


_RECEIPTS: Final = {
    "cancelled": "receipt of the cancellation",
    "relayed": "receipt of the request that was passed on",
    "contested": "receipt of the claim",
}


def _receipts_due(view: RequestView, place: Place, terms_at: TermsAt) -> Iterator[Running]:
    """From the arrival of what demands a receipt until it is given; a request that has ended still wants its cancellation's."""
    for owed in view.chase.owed:
        arrived = _first(owed.arrived, place)
        if arrived and (view.is_live or owed.kind == "cancelled"):
            terms = terms_at(arrived)
            rule = _agreed(f"exchange/receipt/{owed.event}", _RECEIPTS[owed.kind], terms, minutes=terms.receipt_minutes)
            yield Running(owed.to, clock.deadline("receipt_due", arrived, rule, zone=place.zone))


def _claims_due(view: RequestView, place: Place, terms_at: TermsAt) -> Iterator[Running]:
    for claim in view.chase.claims if view.is_live else ():
        terms = terms_at(claim.since)
        rule = _agreed(
            f"exchange/claim/{claim.event}", f"an answer to the claim ({claim.ground})", terms, hours=terms.contest_hours
        )
        yield Running(claim.to, clock.deadline("contest_due", claim.since, rule, zone=place.zone))


def _service_due(view: RequestView, place: Place, _terms_at: TermsAt) -> Iterator[Running]:
    if view.is_live and view.served is None:
        for limit in law_clocks.limits(view, {}, *place):
            if limit.kind == "service_due":
                yield Running(view.custodian, clock.deadline("service_due", limit.starts_at, limit.rule, zone=place.zone))


def _pick_up(view: RequestView, place: Place, _terms_at: TermsAt) -> Iterator[Running]:
    at, since = _last(view.chase.comes_at, place), view.chase.coming_since
    if view.is_live and at and since and view.will_come is not False:
        yield Running(view.requester, _promised("pick_up", at, since, "the requester said that it comes", place))


def _consent_ends(view: RequestView, place: Place, _terms_at: TermsAt) -> Iterator[Running]:
    at, since = _last(view.chase.consent_until, place), view.chase.consent_since
    if view.is_live and at and since:
        yield Running(view.custodian, _promised("consent_expiry", at, since, "until when the person consented", place))


def _held_without_request(view: RequestView, place: Place, _terms_at: TermsAt) -> Iterator[Running]:
    since = view.chase.cancelled_since
    if view.is_holding and not view.is_live and since:
        words = "the request ended while the person was held"
        yield Running(view.custodian, _promised("hold_without_request", since, since, words, place))


def _promised(kind: clock.Kind, at: dt.datetime, since: dt.datetime, words: str, place: Place) -> clock.Deadline:
    return clock.promised(kind, at, since=since, words=words, rule=f"exchange/{kind}", zone=place.zone)


def _agreed(rule: str, label: str, terms: Terms, *, minutes: int | None = None, hours: int | None = None) -> clock.CountingRule:
    return clock.CountingRule(rule=rule, label=label, minutes=minutes, hours=hours, cite=terms.cite, source="")


def _first(text: str | None, place: Place) -> dt.datetime | None:
    return when.parse(text, place.zone).from_ if text else None


def _last(text: str | None, place: Place) -> dt.datetime | None:
    return when.parse(text, place.zone).to if text else None


# --- rows --------------------------------------------------------------------------------------------------------------


def all_of(view: RequestView, stay: StayTold, place: Place, terms_at: TermsAt) -> list[Running]:
    """Return every clock that runs for a request."""
    has_ended = not (view.is_live or view.is_holding)
    return ([] if has_ended else of_stay(view, stay, place)) + of_request(view, place, terms_at)


def running(view: RequestView, stay: Stay | None, place: Place, terms_at: TermsAt = unagreed) -> list[dict[str, Any]]:
    """Return the rows of the clocks that run for a request, as they stand in `deadline`."""
    return [row(each, view) for each in all_of(view, stay.view if stay else {}, place, terms_at)]


def row(running: Running, view: RequestView) -> dict[str, Any]:
    """Return a clock that runs as its row: how often it has fired follows from the events, when it next does from that."""
    deadline = running.deadline
    is_open = deadline.kind not in OF_STAY or view.is_holding or (view.is_live and view.hold_ended is None)
    firing = next_firing(deadline, view) if is_open else None
    return {
        "stream_id": view.id,
        "agency_id": running.agency,
        "kind": deadline.kind,
        "rule": deadline.rule,
        "label": deadline.label,
        "starts_at": deadline.starts_at,
        "due_at": deadline.due_at,
        "governs": deadline.governs,
        "open": is_open,
        "arithmetic": deadline.arithmetic,
        "cite": deadline.cite,
        "source": deadline.source,
        "fired": fired(deadline, view).number,
        "next_fire_at": firing.instant if firing else None,
    }


class FiredSoFar(NamedTuple):
    """How often a clock has fired for the moment at which it is now due, when it last did, when somebody saw to it."""

    number: int = 0
    at: dt.datetime | None = None
    answered_at: dt.datetime | None = None


def fired(deadline: clock.Deadline, view: RequestView) -> FiredSoFar:
    """Return how often a clock has fired so far, as the events tell it."""
    key = (deadline.kind, deadline.rule, when.instant(deadline.due_at))
    found = next((one for one in view.chase.fired if (one.clock, one.rule, one.due_at) == key), None)
    return FiredSoFar(found.number, found.at, found.answered_at) if found else FiredSoFar()


def next_firing(deadline: clock.Deadline, view: RequestView) -> clock.Firing | None:
    """Return what a clock does next. Of several for one thing only the one that governs fires."""
    return clock.next_firing(deadline, *fired(deadline, view)) if deadline.governs else None


def fires_now(deadline: clock.Deadline, view: RequestView, now: dt.datetime) -> clock.Firing | None:
    """Return what a clock does now, if it is due and has not fired for it."""
    return clock.fires_now(deadline, *fired(deadline, view), now) if deadline.governs else None


COLUMNS: Final = (*("label", "starts_at", "due_at", "governs", "open", "arithmetic", "cite", "source", "fired", "next_fire_at"),)


def write(view: RequestView, found: Sequence[Running], *, sees_stay: bool) -> None:
    """Write a request's clocks as they now stand. Who does not see the stay leaves alone those that need it.

    The clocks of a request that has ended are stopped, and stay as they ran.
    """
    rows = [row(each, view) for each in found]
    old = Deadline.objects.filter(stream=view.id)
    for agency in {each["agency_id"] for each in rows}:
        old = old.exclude(agency=agency, rule__in=[each["rule"] for each in rows if each["agency_id"] == agency])
    if not (view.is_live or view.is_holding):
        old.filter(open=True).update(open=False, next_fire_at=None)
    else:
        gone = Q() if sees_stay else ~Q(kind__in=OF_STAY)
        old.filter(gone if view.is_live else gone | Q(kind__in=OF_NOTICE)).delete()
    if rows:
        Deadline.objects.bulk_create(
            [Deadline(**each) for each in rows],
            update_conflicts=True,
            unique_fields=["stream", "kind", "rule", "agency"],
            update_fields=COLUMNS,
        )


def mark_fired(view: RequestView, found: Sequence[Running]) -> None:
    """Write how often clocks of a request have fired and when they do next: of a firing nothing else changes."""
    for each in found:
        now = row(each, view)
        same = {name: now[name] for name in ("stream_id", "agency_id", "kind", "rule")}
        Deadline.objects.filter(**same).update(fired=now["fired"], next_fire_at=now["next_fire_at"])
