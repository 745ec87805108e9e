"""Enters the account of a case: events as somebody told them, of a past in which the exchange took no part."""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from detainer.exchange import answers, refusals
from detainer.exchange.case_file import Case, Told, located, stream_id
from detainer.exchange.models import Agency, Facility, Identity, Stream
from detainer.exchange.refusals import Refused
from detainer.exchange.roles import Actor
from detainer.exchange.work import Work
from detainer.record import when
from detainer.record.kinds import KINDS
from detainer.record.said import Basis
from detainer.record.said import Stream as StreamKind

UNNAMED: Final = "Not named in the source"
_AGENCY_FIELDS: Final = ("custodian", "to", "to_agency")  # fields of payloads that a case fills with an agency's key
_HAD_THE_PERSON: Final = ("booked", "released", "transferred", "died", "escaped")


def tell(case: Case, known: Mapping[str, Agency], now: dt.datetime) -> dict[str, UUID]:
    """Enter a case's account and return its streams by kind; what is already there is left as it is.

    Nothing of it is delivered today. Raises Refused with the number of the event that cannot be entered.
    """
    streams = {kind: stream_id(case.case, kind) for kind in dict.fromkeys(event.stream for event in case.events)}
    if Stream.objects.filter(pk__in=streams.values()).exists():
        return dict(streams)
    _check_agencies(case, known)
    for kind in streams:
        told = [(number, event) for number, event in enumerate(case.events, start=1) if event.stream == kind]
        _tell_stream(case, kind, streams, told, known, now)
    return dict(streams)


def _check_agencies(case: Case, known: Mapping[str, Agency]) -> None:
    for number, event in enumerate(case.events, start=1):
        for field in ("by", "says"):
            if getattr(event, field) not in known:
                message = f"the case names the agency [{getattr(event, field)}], which neither it nor the directory describes"
                raise located("events", number, refusals.one_field(field, message))


def _tell_stream(
    case: Case,
    kind: StreamKind,
    streams: Mapping[StreamKind, UUID],
    told: Sequence[tuple[int, Told]],
    known: Mapping[str, Agency],
    now: dt.datetime,
) -> None:
    person = stream_id(case.case, "person")
    parties = _parties(kind, [event for _, event in told], known)
    work = Work(Actor(agency=parties[0], user=None, roles=frozenset()), now)
    work.begin(kind, parties, streams[kind])
    for number, event in told:
        try:
            _tell_event(work, case, streams, event, person, known)
        except Refused as refused:
            raise located("events", number, refused) from refused
    named = set(Identity.objects.filter(person=person, agency__in=parties).values_list("agency_id", flat=True))
    for agency in parties:
        if agency not in named:
            work.also(Identity(person=person, agency_id=agency, shared_by_id=agency, name=UNNAMED))
    work.commit(deliver=False)


def _parties(kind: StreamKind, told: Sequence[Told], known: Mapping[str, Agency]) -> list[UUID]:
    """Return whose stream it is, the owner first, then who is told to have acted or spoken; who takes no part is left out."""
    keys = dict.fromkeys(key for key in _of_stream(kind, told) if key in known)
    parties = [known[key].id for key in keys if known[key].enrolled]
    if not parties:
        raise Refused("not-enrolled", f"none of the agencies of the {kind} takes part in the exchange")
    return parties


def _of_stream(kind: StreamKind, told: Sequence[Told]) -> Iterator[str]:
    """Yield a stream's agencies: of a file who tells it; of a stay who had the person; of a request the two it is between."""
    if kind == "file":
        yield told[0].says
        return
    if kind == "stay":
        yield from (event.by for event in reversed(told) if event.kind in _HAD_THE_PERSON)
    for event in told:
        yield event.by
        yield from (str(event.data[field]) for field in ("custodian",) if field in event.data)
        yield event.says


def _tell_event(
    work: Work, case: Case, streams: Mapping[StreamKind, UUID], event: Told, person: UUID, known: Mapping[str, Agency]
) -> None:
    data = _data(event, streams, person, known)
    facility = Facility.objects.select_related("agency").filter(pk=data.get("facility", "")).first()
    if "facility" in data and facility is None:
        raise refusals.one_field("facility", f"no facility has the code [{data['facility']}]", kind="facility-unknown")
    by, says = known[event.by].id, known[event.says].id
    work.append(streams[event.stream], event.kind, data, occurred=event.occurred, zone=case.zone, by_agency=by, says=says)
    if event.kind == "lodged" and facility:
        _answer(work, streams["request"], event.occurred, says, facility, data)


def _data(event: Told, streams: Mapping[StreamKind, UUID], person: UUID, known: Mapping[str, Agency]) -> dict[str, Any]:
    ids = {f"${kind}": str(stream) for kind, stream in streams.items()}
    data = {key: ids.get(value, value) if isinstance(value, str) else value for key, value in event.data.items()}
    for field in _AGENCY_FIELDS:
        if data.get(field) in known:
            data[field] = str(known[data[field]].id)
    if event.note is not None:
        data["note"] = event.note
    kinds = KINDS[event.stream]
    if event.kind in kinds and "person" in kinds[event.kind].model_fields:
        data.setdefault("person", str(person))
    return data


def _answer(work: Work, stream: UUID, occurred: str, says: UUID, facility: Facility, lodged: Mapping[str, Any]) -> None:
    """Add what the law then said to each ask, on what the account tells: the answer that nobody was given."""
    unit = lodged.get("requester_unit", "civil_enforcement")
    basis = Basis.model_validate(lodged.get("basis", {}))
    facts = answers.facts_of(facility, form=lodged["form"], basis=basis, requester_unit=unit, said={})
    on = (when.parse(occurred, facility.zone).from_ or work.now).astimezone(ZoneInfo(facility.zone)).date()
    answered = answers.answered(facility, tuple(lodged["asks"]), facts, on)
    work.append(stream, "answered", answered, occurred=occurred, zone=facility.zone, by_agency=says, says=says)
