"""What the law at a facility answers on given facts, as rows of a page."""

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any, Final

from detainer.exchange import answers
from detainer.exchange.models import Facility
from detainer.law import PlaceUnknown
from detainer.record.said import Ask, Basis

# What most requests are: form I-247A with an administrative warrant (I-200), for civil enforcement.
USUAL_FORM: Final = "I-247A"
USUAL_BASIS: Final = Basis(warrant="administrative", warrant_form="I-200")
USUAL_ASKS: Final[tuple[Ask, ...]] = ("hold", "notify")

AnswerRow = dict[str, Any]


def answers_here(
    facility: Facility,
    on: dt.date,
    *,
    asks: tuple[Ask, ...] = USUAL_ASKS,
    form: str = USUAL_FORM,
    basis: Basis = USUAL_BASIS,
    requester_unit: str = "civil_enforcement",
    said: Mapping[str, Any] | None = None,
) -> list[AnswerRow]:
    """Return, for each ask, the law's answer at a facility on a day: rows of `ask` and `answer` (value, rules, missing, notes).

    Without more said, on the facts of the usual request. An empty list when the facility's place is not known to the law.
    Raises Refused `invalid` for a fact that the law does not know.
    """
    facts = answers.facts_of(facility, form=form, basis=basis, requester_unit=requester_unit, said=said or {})
    try:
        told = answers.answered(facility, asks, facts, on)
    except PlaceUnknown:
        return []
    return [{"ask": ask, "answer": told.answers[ask]} for ask in asks]


def shown(answers: Iterable[AnswerRow]) -> dict[str, Any]:
    """Return answers as web/answers_here.html shows them: `answers`, and each of their `notes` once."""
    told = list(answers)
    return {"answers": told, "notes": list(dict.fromkeys(note for row in told for note in row["answer"].notes))}
