"""An agency's own layers of law: adopted by a supervisor, dated, kept in all their versions, and put below the package's law."""

import datetime as dt
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Annotated, Final
from uuid import UUID

from pydantic import AfterValidator, Field, StringConstraints

from detainer import law
from detainer.exchange import refusals
from detainer.exchange.law_layer_texts import Adoption, faults_of, whole_text
from detainer.exchange.models import Agency, Facility, LawLayer
from detainer.exchange.refusals import FieldError, Refused
from detainer.exchange.roles import CONFIRMING, Actor
from detainer.law import gazetteer
from detainer.law.compiled import digest
from detainer.law.reading import LayerShown
from detainer.law.voided import Voided, voided
from detainer.record.plain import line_ends, printable
from detainer.record.said import Line, Payload, Text

LONGEST: Final = 200_000  # characters of a layer; the longest file of the package has a fifth of it
CUSTODIANS: Final = frozenset({"custodian", "court"})
FILE: Final = "layer"  # what messages call a text that has no file name
_LINE: Final = re.compile(rf"(?:\S*:)?{FILE}:(\d+): (.*)", re.DOTALL)

LayerText = Annotated[
    str, StringConstraints(min_length=1, max_length=LONGEST), AfterValidator(line_ends), AfterValidator(printable)
]
Day = Annotated[dt.date, Field(ge=dt.date(1900, 1, 1), le=dt.date(2199, 12, 31))]


class AdoptLayer(Payload):
    """A layer of law as an agency puts it in force for itself, instead of the one that it had for that place."""

    text: LayerText = Field(description="A file of law (YAML), as docs/law/adding-a-jurisdiction.md describes it.")
    from_day: Day = Field(description="The first day on which it is in force; what stood for the place ends then.")
    person: Line = Field(description="Who adopted it: the office or the person that may.")
    note: Text | None = None


class WithdrawLayer(Payload):
    """A layer that an agency takes out of force; it stays in the history and in the answers that it was part of."""

    place: Line = Field(description="The place whose layer it is: us/ma/essex_county.")
    from_day: Day = Field(description="The first day on which it is no more in force.")
    person: Line = Field(description="Who withdrew it.")
    note: Text | None = None


@dataclass(frozen=True)
class Looked:
    """A layer that was looked at and not adopted: its whole text, how a page shows it, what of it is without effect."""

    place: str
    text: str
    shown: LayerShown
    voided: tuple[Voided, ...]


# --- which layers bind where -------------------------------------------------------------------------------------------


def places_of(facility: Facility) -> tuple[str, ...]:
    """Return the places whose layer can bind at a facility, the highest first: its own place, and the city it stands in."""
    try:
        own = gazetteer.canonical(facility.jurisdiction, law.library().layers)
    except law.PlaceUnknown:
        return ()
    local = [path for path in gazetteer.layers_above(own) if path.count("/") == 2] or [own]
    state = own.split("/")[1] if "/" in own else ""
    city = "_".join("".join(letter if letter.isalnum() else " " for letter in facility.city.lower()).split())
    if state and city and city.isascii():
        local.append(f"us/{state}/{city}")
    return tuple(dict.fromkeys(path for path in local if path != "us"))


def _at(facility: Facility) -> str:
    return gazetteer.canonical(facility.jurisdiction, law.library().layers)


def in_force(agency: UUID, on: dt.date) -> dict[str, LawLayer]:
    """Return an agency's layers on a day by place: of each the version entered last among those whose first day has come."""
    rows = LawLayer.objects.filter(agency=agency, from_day__lte=on).defer("text", "note")
    latest = rows.order_by("place", "-recorded_at", "-id").distinct("place")
    return {row.place: row for row in latest if row.hash}


def history(agency: UUID) -> Sequence[LawLayer]:
    """Return everything that an agency ever entered, the latest first."""
    return list(LawLayer.objects.filter(agency=agency).order_by("-recorded_at", "-id"))


def law_at(facility: Facility, on: dt.date) -> tuple[law.Library, tuple[str, ...]]:
    """Return the law that a facility is answered under on a day, and the SHA-256 of each of its agency's layers in it.

    Raises Refused `invalid` where a layer that was adopted no longer fits the package's law: nothing is answered without it.
    """
    stand = in_force(facility.agency_id, on) if facility.agency_id else {}
    hashes = tuple(stand[place].hash for place in places_of(facility) if place in stand) if stand else ()
    if not hashes:
        return law.library(), ()
    try:
        return _library(law.library().hash, _at(facility), hashes), hashes
    except law.LawError as error:
        message = f"the local layer of [{facility.code}] does not fit this version's law; its agency must adopt it anew: {error}"
        raise refusals.one_field("facility", message) from error


@lru_cache(maxsize=128)
def _library(package: str, at: str, hashes: tuple[str, ...]) -> law.Library:  # noqa: ARG001  (a part of what it is kept under)
    """Return the law with these layers at a place. What was compiled of it is kept under what the texts are."""
    texts = _texts(hashes)
    return _stacked(at, [(one, texts[one]) for one in hashes])


def _texts(hashes: Iterable[str]) -> dict[str, str]:
    return dict(LawLayer.objects.filter(hash__in=list(hashes)).values_list("hash", "text"))


def _stacked(at: str, layers: Iterable[tuple[str, str]]) -> law.Library:
    """Return the law with layers (name and text) at a place, the highest first."""
    found = law.library()
    for name, text in layers:
        found = law.with_layer(found, text, name, at)
    return found


# --- adopting ----------------------------------------------------------------------------------------------------------


def may_adopt(actor: Actor) -> bool:
    """Say whether an actor may change the agency's own law."""
    return bool(actor.roles & CONFIRMING and actor.kinds & CUSTODIANS)


def check_who(actor: Actor) -> None:
    """Raises Refused `not-allowed` for who may not."""
    if not may_adopt(actor):
        raise Refused("not-allowed", "an agency's own law is its supervisor's to change, at a custodian or a court")


def look(agency: UUID, said: AdoptLayer) -> Looked:
    """Return a layer as it would stand. Raises Refused `invalid` with each fault by its line, and writes nothing."""
    who = Adoption(agency=Agency.objects.get(pk=agency).name, person=said.person, on=said.from_day)
    try:
        text, one = whole_text(said.text, who, FILE)
    except law.LawError as error:
        raise _faulty(str(error).splitlines()) from error
    bound = _bound(agency, one.path)
    stand = in_force(agency, said.from_day)
    found: dict[tuple[str, str, str], Voided] = {}
    shown: list[LayerShown] = []
    for under, places in bound:
        hashes = {place: stand[place].hash for place in places if place in stand and place != one.path}
        texts = {**_texts(hashes.values()), FILE: text}
        try:
            library = _stacked(under, [(name, texts[name]) for name in map({**hashes, one.path: FILE}.get, places) if name])
            layer = next(each for each in reversed(library.layers[under]) if each.path == one.path)
            faults = list(faults_of(library, under, layer))
        except law.LawError as error:
            raise _faulty(str(error).splitlines()) from error
        if faults:
            raise _faulty(faults)
        found |= {(each.id, each.ask, each.by): each for each in voided(library, under, layer, said.from_day)}
        shown += [each for each in law.show(under, said.from_day, library).layers if each.path == one.path][-1:]
    return Looked(one.path, text, shown[0], tuple(found.values()))


def _bound(agency: UUID, path: str) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Return where a layer of this path binds facilities of the agency, each with all places whose layers bind there.

    Raises Refused `invalid` where it binds none.
    """
    facilities = list(Facility.objects.filter(agency=agency).order_by("code"))
    own = {facility.code: places_of(facility) for facility in facilities}
    found = dict.fromkeys((_at(facility), own[facility.code]) for facility in facilities if path in own[facility.code])
    if not found:
        places = sorted({place for places in own.values() for place in places})
        yours = f"yours {'are' if len(places) > 1 else 'is'} {', '.join(places)}" if places else "yours have no place in the law"
        raise refusals.one_field("text", f"[{path}] is not the place of a facility of this agency, nor of its city: {yours}")
    return tuple(found)


def _faulty(faults: Iterable[str]) -> Refused:
    """Return the refusal that tells each fault by its line: `line 12: rules.effect [no-hold]: [forbids] is not one of ...`."""
    told = [FieldError("text", f"line {line}: {fault}" if line else fault) for line, fault in sorted(set(map(_located, faults)))]
    return Refused("invalid", "; ".join(f"text: {one.message}" for one in told[:5]), errors=told)


def _located(fault: str) -> tuple[int, str]:
    """Return the line of a fault, 0 for one that is of no line of this text, and what is wrong."""
    found = _LINE.match(fault)
    return (int(found[1]), found[2]) if found else (0, fault)


def adopt(actor: Actor, said: AdoptLayer, now: dt.datetime) -> LawLayer:
    """Put a layer in force for the actor's agency from a day on, and return its entry; the same again is the same entry.

    Raises Refused: `not-allowed` for who is no supervisor of a custodian, `invalid` with each fault by its line.
    """
    check_who(actor)
    looked = look(actor.agency, said)
    return _entered(actor, now, looked.place, looked.text, said)


def withdraw(actor: Actor, said: WithdrawLayer, now: dt.datetime) -> LawLayer:
    """Take a layer out of force from a day on, and return the entry that says so; what was is still told.

    Raises Refused: `not-allowed`, and `invalid` for a place that has no layer in force on that day.
    """
    check_who(actor)
    latest = LawLayer.objects.filter(agency=actor.agency, place=said.place).order_by("-recorded_at", "-id").first()
    if said.place not in in_force(actor.agency, said.from_day) and not (latest and _same(latest, "", said)):
        raise refusals.one_field("place", f"this agency has no layer of [{said.place}] in force on {said.from_day}")
    return _entered(actor, now, said.place, "", said)


def _same(row: LawLayer, text: str, said: AdoptLayer | WithdrawLayer) -> bool:
    return (row.text, row.from_day, row.adopted_by, row.note) == (text, said.from_day, said.person, said.note or "")


def _entered(actor: Actor, now: dt.datetime, place: str, text: str, said: AdoptLayer | WithdrawLayer) -> LawLayer:
    latest = LawLayer.objects.filter(agency=actor.agency, place=place).order_by("-recorded_at", "-id").first()
    if latest and _same(latest, text, said):
        return latest
    return LawLayer.objects.create(
        agency_id=actor.agency,
        place=place,
        from_day=said.from_day,
        text=text,
        hash=digest(text) if text else "",
        adopted_by=said.person,
        note=said.note or "",
        recorded_at=now,
        by_user=actor.user,
    )
