"""The commands with which a custodian takes a request up: acknowledge, link the stay, record facts; the law answers again."""

import datetime as dt
from zoneinfo import ZoneInfo

from detainer.exchange import answers, refusals
from detainer.exchange.models import Facility, Stay
from detainer.exchange.refusals import Refused
from detainer.exchange.work import Work
from detainer.record import kinds, when
from detainer.record.said import JsonObject, Payload
from detainer.record.views import RequestView


class RecordFacts(Payload):
    """Facts that the law's answer turns on, as the custodian knows them. What is left out stays as it was."""

    facts: JsonObject


def acknowledge(work: Work, view: RequestView, said: kinds.Acknowledged, occurred: str | None) -> None:
    """Say that the custodian has the request, and link it to the stay of the person when that is known."""
    facility = facility_of(view)
    stay = _own_stay(work, said)
    if stay:
        work.rest_on("stay", stay.pk)  # a release at the same moment would leave a live request with nobody to close it
    told = said.model_copy(update={"stay": stay.pk, "booking_number": stay.booking_number or None}) if stay else said
    work.append(view.id, "acknowledged", told, occurred=occurred, zone=facility.zone)
    facts = {**view.facts, **(charges_as_facts(stay) if stay else {})}
    if facts != view.facts:
        answer_again(work, view, facts, facility, occurred)


def _own_stay(work: Work, said: kinds.Acknowledged) -> Stay | None:
    """Return the custodian's stay that is named by id or booking number. Raises Refused for one that is not there or is over."""
    if said.stay is None and said.booking_number is None:
        return None
    own = Stay.objects.filter(custodian=work.actor.agency)
    stay = own.filter(pk=said.stay).first() if said.stay else own.filter(booking_number=said.booking_number).first()
    if stay is None:
        if said.stay is None:
            return None  # a custodian that keeps no stays here gives its own number
        raise refusals.one_field("stay", f"there is no stay [{said.stay}]")
    if not stay.in_custody:
        raise Refused(
            "state",
            f"the stay [{stay.pk}] is [{stay.state}]: the person is no longer here; say so with not_here",
            state=stay.state,
        )
    return stay


def charges_as_facts(stay: Stay) -> dict[str, list[dict[str, object]]]:
    """Return a stay's charges as the law's `pending_charges`; nothing when none were said (unknown, not none)."""
    charges = stay.view.get("charges") or []
    told: list[dict[str, object]] = []
    for charge in charges:
        fact = {"offence": charge["offence"], "statute": charge.get("statute"), "class": charge.get("level")}
        fact["probable_cause_found"] = charge.get("probable_cause_found")
        told.append({key: value for key, value in fact.items() if value is not None})
    return {"pending_charges": told} if told else {}


def record_facts(work: Work, view: RequestView, said: RecordFacts, occurred: str | None) -> None:
    """Record facts, and answer every ask again on them."""
    facility = facility_of(view)
    facts = {key: value for key, value in {**view.facts, **said.facts}.items() if value is not None}
    answer_again(work, view, facts, facility, occurred)


def answer_again(work: Work, view: RequestView, facts: JsonObject, facility: Facility, occurred: str | None) -> None:
    asks = tuple(ask.ask for ask in view.asks)
    answered = answers.answered(facility, asks, facts, local_day(occurred, work.now, facility.zone))
    work.append(view.id, "answered", answered, occurred=occurred, zone=facility.zone)


def answer_if_it_matters(work: Work, view: RequestView, more: JsonObject, occurred: str | None) -> None:
    """Answer every ask again where the law turns on what has become known, and not where it says the same."""
    facility, asks = facility_of(view), tuple(ask.ask for ask in view.asks)
    on, facts = local_day(occurred, work.now, facility.zone), {**view.facts, **more}
    told = answers.answered(facility, asks, facts, on)
    if facts != view.facts and told.answers != answers.answered(facility, asks, view.facts, on).answers:
        work.append(view.id, "answered", told, zone=facility.zone)  # now: what became known may be older than the request


def local_day(occurred: str | None, now: dt.datetime, zone: str) -> dt.date:
    """Return the local day whose law applies: that of the event, where it is known from a first day on; today otherwise."""
    started = parsed(occurred, zone).from_ if occurred else None
    return (started or now).astimezone(ZoneInfo(zone)).date()


def parsed(occurred: str, zone: str) -> when.When:
    try:
        return when.parse(occurred, zone)
    except ValueError as error:
        raise refusals.one_field("occurred", str(error)) from error


def facility_of(view: RequestView) -> Facility:
    return Facility.objects.select_related("agency").get(pk=view.facility)


def linked_stay(view: RequestView) -> Stay | None:
    return Stay.objects.filter(pk=view.stay).first() if view.stay else None
