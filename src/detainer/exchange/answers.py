"""The law's answer to each ask of a request, on the facts that the record holds."""

import datetime as dt
from collections.abc import Mapping
from typing import Any, Final

from pydantic import ValidationError

from detainer import law
from detainer.exchange import law_layers, refusals
from detainer.exchange.models import Facility
from detainer.record.kinds import Answered
from detainer.record.said import AnswerSaid, Basis, LimitSaid, RuleSaid

PURPOSE: Final = {"civil_enforcement": "civil_immigration", "criminal_investigation": "criminal"}
FACT_OF_BOX: Final = {"final_order": "final_order", "pending_proceedings": "pending_removal_proceedings"}


def facts_of(facility: Facility, *, form: str, basis: Basis, requester_unit: str, said: Mapping[str, Any]) -> dict[str, Any]:
    """Return the facts that the request itself tells, and over them what the custodian has said. Unknown ones are absent."""
    told: dict[str, Any] = {
        "facility": facility.kind,
        "form": form,
        "requester_unit": requester_unit,
        "purpose": PURPOSE[requester_unit],
        "on_request": True,  # an answer to a request, not the custodian's own initiative
        "in_writing": True,
        "person_named": True,
    }
    if basis.warrant is not None:
        told["warrant"] = [] if basis.warrant == "none" else [basis.warrant_form or basis.warrant]
    if basis.probable_cause is not None:
        told["probable_cause_stated"] = bool(basis.probable_cause)
        told |= {FACT_OF_BOX[box]: True for box in basis.probable_cause if box in FACT_OF_BOX}
    return {**told, **said}


def answered(facility: Facility, asks: tuple[str, ...], facts: Mapping[str, Any], on: dt.date) -> Answered:
    """Return the payload of an `answered` event: every ask's answer at this facility on this day, its agency's layers included.

    Raises Refused `invalid` for a fact that the law does not know.
    """
    try:
        known = law.Facts.model_validate(dict(facts))
    except ValidationError as error:
        raise refusals.invalid(error) from error
    library, layers = law_layers.law_at(facility, on)
    place = facility.jurisdiction or "us"
    try:
        answers = {ask: law.answer(place=place, ask=ask, on=on, facts=known, library=library) for ask in asks}
    except law.PlaceUnknown as error:
        message = f"the directory has [{facility.code}] at a place whose law cannot be told: {error}"
        raise refusals.one_field("facility", message) from error
    versions = next(iter(answers.values())).versions
    return Answered(
        on=on.isoformat(),
        place=place,
        facts=dict(facts),
        answers={ask: said(answer) for ask, answer in answers.items()},  # type: ignore[misc]
        # `law` names all texts together; `layers` those of the agency's own, which the exchange keeps (`law_layer`).
        versions={key: str(value) for key, value in dict(versions).items()} | ({"layers": " ".join(layers)} if layers else {}),
    )


def said(answer: law.Answer) -> AnswerSaid:
    """Return an answer as the record keeps it: value, governing rules with citation, what is missing, notes."""
    return AnswerSaid(
        value=answer.value,
        rules=tuple(
            RuleSaid(id=rule.id, cite=rule.cite, source=rule.source, confidence=rule.confidence, sentence=rule.sentence)
            for rule in answer.rules
        ),
        missing=tuple(missing.fact for missing in answer.missing),
        notes=answer.notes,
        limits=tuple(_limit(limit.role, limit) for limit in answer.time_limits if limit.applies == "yes")
        + tuple(_limit(duty.kind, duty) for duty in answer.duties if duty.applies == "yes" and duty.clock),
    )


def _limit(what: str, shown: law.answers.TimeLimitShown | law.answers.DutyShown) -> LimitSaid:
    """Return a limit of time, or a duty with one, as the record keeps it."""
    assert shown.clock is not None  # noqa: S101  (only those with a clock are kept)
    told = shown.clock.model_dump(exclude_none=True)
    return LimitSaid(id=shown.id, what=what, actor=shown.actor, text=shown.text, cite=shown.cite, source=shown.source, **told)


def now_with_questions(facility: Facility, ask: str, facts: Mapping[str, Any], on: dt.date) -> law.Answer:
    """Return the whole answer, with its trace and the questions that would decide it, for a page."""
    library, _ = law_layers.law_at(facility, on)
    known = law.Facts.model_validate(dict(facts))
    return law.answer(place=facility.jurisdiction or "us", ask=ask, on=on, facts=known, library=library)
