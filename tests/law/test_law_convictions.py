"""Convictions: level, list, look-back, and what cancels them, in three truth values."""

import datetime as dt
from typing import Any

import pytest

from detainer import law
from detainer.law.conditions import Offences
from detainer.law.facts import Facts
from detainer.law.offences import offences_test
from detainer.law.rules import OffenceList
from detainer.law.truth import FALSE, TRUE, UNKNOWN, Truth

ON = dt.date(2024, 1, 29)
VIOLENT = OffenceList.model_validate(
    {
        "title": "a violent crime",
        "statutes": ["Cal. Penal Code 211"],
        "offences": ["robbery"],
        "complete": True,
        "source": "made up",
        "confidence": "low",
    }
)
FIVE_YEARS = {"is": "conviction", "of": ["violent"], "within_years": 5}


def holds(condition: dict[str, Any], offence: dict[str, Any], **facts: Any) -> Truth:
    known = Facts.model_validate({"convictions": [offence], **facts})
    return offences_test(Offences.model_validate(condition), {"violent": VIOLENT})(vars(known), ON)


@pytest.mark.parametrize(
    ("on", "found"),
    [("2019-01-29", TRUE), ("2019-01-28", FALSE), ("2019-01", UNKNOWN), ("2018", FALSE), ("2020", TRUE), (None, UNKNOWN)],
)
def test_a_look_back_of_five_years_from_both_sides_and_by_rough_dates(on: str | None, found: Truth) -> None:
    assert holds(FIVE_YEARS, {"offence": "robbery", "on": on}) == found


def test_a_look_back_can_run_from_the_arrest_and_leave_out_time_inside() -> None:
    condition = {**FIVE_YEARS, "counted_to": "arrested_on", "time_inside": "does_not_count"}
    old = {"offence": "robbery", "on": "2017-01-29"}
    assert holds(condition, old) == UNKNOWN
    assert holds(condition, old, arrested_on="2024-01-01") == UNKNOWN
    assert holds(condition, {**old, "days_inside_since": 0}, arrested_on="2024-01-01") == FALSE
    assert holds(condition, {**old, "days_inside_since": 800}, arrested_on="2024-01-01") == TRUE


@pytest.mark.parametrize(
    ("offence", "found"),
    [
        ({"offence": "robbery"}, TRUE),
        ({"statute": "Cal. Penal Code § 211(a)"}, TRUE),
        ({"offence": "violent"}, TRUE),
        ({"offence": "theft", "statute": "Cal. Penal Code 484"}, FALSE),
        ({"offence": "theft"}, UNKNOWN),
        ({"statute": "Cal. Penal Code 2110"}, UNKNOWN),
        ({}, UNKNOWN),
    ],
)
def test_an_offence_is_in_a_list_by_word_or_by_statute(offence: dict[str, Any], found: Truth) -> None:
    assert holds({"is": "conviction", "of": ["violent"]}, offence) == found


@pytest.mark.parametrize(
    ("offence", "found"),
    [
        ({"offence": "battery"}, TRUE),
        ({"offence": "simple battery"}, FALSE),
        ({"offence": "battery", "statute": "PC 242"}, FALSE),
        ({"statute": "PC 243(e)(1)"}, FALSE),
        ({"statute": "PC 243(d)"}, TRUE),
        ({"offence": "mayhem", "statute": "PC 203"}, UNKNOWN),
    ],
)
def test_what_never_belongs_to_an_open_list_is_known_to_be_outside(offence: dict[str, Any], found: Truth) -> None:
    battery = OffenceList.model_validate(
        {
            "title": "battery",
            "statutes": ["Cal. Penal Code 243"],
            "offences": ["battery"],
            "not_statutes": ["Cal. Penal Code 242", "Cal. Penal Code 243(e)"],
            "not_offences": ["simple battery"],
            "source": "made up",
            "confidence": "low",
        }
    )
    known = Facts.model_validate({"convictions": [offence]})
    test = offences_test(Offences.model_validate({"is": "conviction", "of": ["battery"]}), {"battery": battery})
    assert test(vars(known), ON) == found


def test_a_reduced_conviction_cancels_and_a_juvenile_finding_counts_only_where_the_law_says() -> None:
    felony = {"is": "conviction", "of": ["any"], "level": ["felony"], "cancelled_by": ["reduced"]}
    assert holds(felony, {"class": "felony", "reduced": True}) == FALSE
    assert holds(felony, {"class": "felony", "reduced": False}) == TRUE
    assert holds(felony, {"class": "misdemeanor", "reduced": False}) == FALSE
    juvenile = {"class": "felony", "finding": "juvenile_adjudication"}
    assert holds({"is": "conviction", "of": ["any"]}, juvenile) == FALSE
    assert holds({"is": "conviction", "of": ["any"], "findings": ["conviction", "juvenile_adjudication"]}, juvenile) == TRUE


def test_the_list_of_convictions_can_be_known_to_be_empty() -> None:
    assert law.Facts.model_validate({"convictions": []}).convictions == ()
