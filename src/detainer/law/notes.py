"""The notes of an answer: what was not found, what is without effect, what binds the other side, what may have changed."""

import datetime as dt
from collections.abc import Iterator, Sequence

from detainer.law import gazetteer
from detainer.law.combine import contributes
from detainer.law.docket import Asked, Docket, Entry, Found, made_once
from detainer.law.english import DOING, span_text
from detainer.law.words import Value
from detainer.law.written import APPLIES


def _unknown_places(docket: Docket, asked: str) -> Iterator[str]:
    with_file = {one.path for one in docket.book.chain}
    for path in gazetteer.layers_above(docket.book.place):
        if path in with_file or path in gazetteer.ONE_WITH:
            continue
        if path.count("/") == 1:
            name = gazetteer.name_of(path)
            yield f"no state law is known for {path} ({name}): the library has no file of it, so this answer is not complete"
        else:
            yield f"no local rule is known for {asked}"


def _nothing_found(docket: Docket, rests_on: Sequence[Entry], value: Value) -> Iterator[str]:
    if value != "may":
        return
    asked = DOING[docket.book.ask]
    if not rests_on:
        yield f"no rule found: nothing here says whether a custodian may {asked}"
    elif all(entry.place == "us" for entry in rests_on):
        below = [f"{one.name} ({one.path})" for one in docket.book.chain if one.path != "us"]
        if below:
            yield f"no rule found in {' or '.join(below)} that applies; federal law leaves it to the custodian"


def _without_effect(docket: Docket, found: Found, value: Value) -> Iterator[str]:
    contrary = {"must": ("forbid",), "must_not": ("require", "permit", "bars_restriction"), "may": ("forbid", "require")}.get(
        value, ()
    )
    for entry, outcome in zip(docket.entries, found, strict=True):
        rule = entry.rule
        if outcome != APPLIES or rule.binds.party == "requester" or rule.strength == "soft":
            continue
        weaker = rule.effect == "permit" and entry.place == "us"
        if entry.weight.effect in contrary and not weaker:
            yield f"without effect here: {rule.id} ({entry.place}): {entry.sentence}"


def _other_rules(docket: Docket, found: Found, on: dt.date) -> Iterator[str]:
    for entry, outcome in zip(docket.entries, found, strict=True):
        rule = entry.rule
        if outcome != APPLIES:
            continue
        if rule.binds.party == "requester" and rule.effect != "permit":
            yield f"binds the requester: {rule.id}: {entry.sentence} ({rule.cite})"
        if rule.strength == "soft":
            yield f"should: {rule.id} ({entry.place}): {entry.sentence} ({rule.cite})"
        if rule.effect == "ask_counsel":
            yield f"unsettled: {rule.id} ({entry.place}): {rule.note}"
        if entry.standing == "doubtful":
            roughly = f"the dates of {rule.id} are known only roughly ({span_text(entry.span)})"
            yield f"{roughly}; whether it stands on {on} is not known"


def _cautions(docket: Docket, on: dt.date, facility: str | None) -> Iterator[str]:
    for one in docket.book.chain:
        if one.adopted_by:
            who = one.adopted_by
            yield f"local layer of {one.path}: adopted by {who.agency} ({who.person}) on {who.on}"
        for caution in one.cautions:
            over = caution.until is not None and caution.until.first <= on
            elsewhere = facility is not None and caution.facilities and facility not in caution.facilities
            if docket.book.ask in caution.asks and caution.from_.first <= on and not over and not elsewhere:
                yield f"caution: {caution.text}"
        if one.as_of.last < on:
            yield f"the file of {one.name} ({one.path}) rests on sources up to {one.as_of}; a later change is not in this answer"


def _notes(asked: Asked, facility: str | None) -> tuple[str, ...]:
    docket, found, value = asked.docket, asked.found, asked.value
    rests_on = [
        entry
        for entry, outcome in zip(docket.entries, found, strict=True)
        if outcome == APPLIES and entry.rule.binds.party == "custodian" and contributes(entry.weight, value)
    ]
    return (
        *_nothing_found(docket, rests_on, value),
        *_unknown_places(docket, asked.place),
        *_without_effect(docket, found, value),
        *_other_rules(docket, found, asked.on),
        *_cautions(docket, asked.on, facility),
    )


def notes_of(asked: Asked) -> tuple[str, ...]:
    """Return the notes in the order a reader needs them."""
    facility: str | None = asked.known["facility"]
    return made_once(asked.docket, ("notes", asked.place, asked.on, facility, asked.found), lambda: _notes(asked, facility))
