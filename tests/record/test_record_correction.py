"""Which corrections may stand."""

from typing import Any

import pytest
from record_making import ICE, SHERIFF, following, record, some_id

from detainer.record.correction import objection
from detainer.record.event import Event
from detainer.record.kinds import Corrected


def events() -> list[Event]:
    told = record("request", "lodged", ("acknowledged", {"booking_number": "24-1"}), "notice_given")
    return [*told, following(told, "request", "corrected", {"corrects": str(told[2].id), "reason": "never sent", "void": True})]


def objected(of: int, says: Any = SHERIFF, **said: Any) -> tuple[str, str] | None:
    told = events()
    return objection(told, Corrected.model_validate({"corrects": told[of].id, "reason": "a slip", **said}), says)


def test_an_agency_corrects_what_it_said() -> None:
    assert objected(1, data={"booking_number": "24-2"}) is None
    assert objected(1, occurred="2024-01-30") is None
    assert objected(1, void=True) is None


def test_what_was_voided_can_be_brought_back() -> None:
    assert objected(2) is None


@pytest.mark.parametrize(
    ("of", "said", "field", "why"),
    [
        (1, {"says": ICE, "void": True}, "corrects", "another agency said that"),
        (3, {"void": True}, "corrects", "is itself a correction"),
        (0, {"says": ICE, "void": True}, "void", "begins this record"),
        (1, {"void": True, "occurred": "2024-01-30"}, "void", "say one of the two"),
        (1, {}, "data", "gives nothing that stands instead"),
        (1, {"data": {"booking": "24-2"}}, "data", "is not what a [acknowledged] carries"),
    ],
)
def test_a_correction_that_may_not_stand_is_told_why(of: int, said: dict[str, Any], field: str, why: str) -> None:
    found = objected(of, **said)
    assert found is not None
    assert found[0] == field
    assert why in found[1]


def test_a_correction_names_an_event_of_this_record() -> None:
    found = objection(events(), Corrected(corrects=some_id("elsewhere"), reason="a slip", void=True), SHERIFF)
    assert found is not None
    assert "is no event of this record" in found[1]
