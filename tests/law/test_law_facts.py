"""Facts: unknown is never false, a known fact never flips a decided answer, and what is not a fact is refused by name."""

import datetime as dt
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from random_facts import some_facts

from detainer import law
from detainer.law.facts import KINDS, QUESTIONS, Facts
from detainer.law.statements import STATEMENTS

PLACES = ["us/ma/essex", "us/ma", "us/ma/boston", "us/fl/monroe_county", "us/ny/suffolk_county", "us/pr"]
DAYS = [dt.date(2009, 4, 30), dt.date(2018, 1, 1), dt.date(2024, 1, 29), dt.date(2025, 6, 1), dt.date(2026, 9, 1)]


@settings(max_examples=150, deadline=None)
@given(some_facts, st.sampled_from(PLACES), st.sampled_from(law.ASKS), st.sampled_from(DAYS), st.data())
def test_adding_a_fact_never_flips_a_decided_answer(
    facts: dict[str, Any], place: str, ask: str, on: dt.date, data: st.DataObject
) -> None:
    known = data.draw(st.sets(st.sampled_from(sorted(facts)))) if facts else set()
    before = law.answer(place, ask, on, {name: facts[name] for name in known})
    after = law.answer(place, ask, on, facts)
    if before.value != "needs_facts":
        assert after.value == before.value
        assert after.missing == ()


@settings(max_examples=60, deadline=None)
@given(some_facts, st.sampled_from(PLACES), st.sampled_from(law.ASKS), st.sampled_from(DAYS))
def test_what_a_missing_fact_would_give_is_what_it_gives(facts: dict[str, Any], place: str, ask: str, on: dt.date) -> None:
    answer = law.answer(place, ask, on, facts)
    assert (answer.missing != ()) == (answer.value == "needs_facts")
    for missing in answer.missing:
        for one in missing.gives:
            assert law.answer(place, ask, on, {**facts, missing.fact: one.value}).value == one.answer


@settings(max_examples=25, deadline=None)
@given(st.lists(some_facts, min_size=2, max_size=4), st.sampled_from(PLACES), st.sampled_from(law.ASKS), st.sampled_from(DAYS))
def test_a_remembered_answer_is_the_answer_worked_out_afresh(
    several: list[dict[str, Any]], place: str, ask: str, on: dt.date
) -> None:
    remembered = [law.answer(place, ask, on, facts) for facts in several]
    law.library().books.clear()
    assert [law.answer(place, ask, on, facts) for facts in reversed(several)] == remembered[::-1]


def test_a_branch_that_is_already_decided_asks_for_nothing() -> None:
    facts = {"facility": "state_prison", "warrant": "I-200"}
    asked = {one.fact for one in law.answer("us/ma", "hold", dt.date(2026, 3, 1), facts).missing}
    assert "agreement_287g" in asked
    assert "custodian_government" not in asked


def test_every_fact_has_a_question_and_every_yes_or_no_fact_a_sentence() -> None:
    assert all(question.endswith("?") for question in QUESTIONS.values())
    assert {name for name, kind in KINDS.items() if kind == "yes_no"} == set(STATEMENTS)


@pytest.mark.parametrize(
    ("facts", "message"),
    [
        ({"facilty": "jail"}, "[facilty] is not a fact of Facts; nearest: facility"),
        ({"facility": "jale"}, "facility: [jale] is not a value of facility; known: jail, police, court"),
        ({"warrant": ["judical"]}, "warrant: [judical] is not a value of warrant"),
        ({"convictions": [{"ofence": "robbery"}]}, "[ofence] is not a fact of Offence; nearest: offence"),
        ({"arrested_on": "2024-02-30"}, "[2024-02-30] is not a day of the calendar"),
        ({"arrested_on": "30 Jan"}, "[30 Jan] is not a date; write 2024-01-29, or 2024-01 or 2024"),
        ({"final_order": "yes"}, "final_order: Input should be a valid boolean"),
    ],
)
def test_what_is_no_fact_is_refused_with_the_nearest_name(facts: dict[str, Any], message: str) -> None:
    with pytest.raises(law.LawError) as refused:
        law.answer("us/ma", "hold", dt.date(2024, 1, 29), facts)
    assert message in str(refused.value)


def test_an_unknown_ask_is_refused_with_the_nearest() -> None:
    with pytest.raises(law.LawError, match=r"\[hodl\] is not an ask; known: notify, hold, .*nearest: hold"):
        law.answer("us/ma", "hodl", dt.date(2024, 1, 29), {})


def test_none_is_known_to_be_none_and_a_missing_key_is_not() -> None:
    assert law.Facts.model_validate({"warrant": "none"}).warrant == ()
    assert law.Facts.model_validate({}).warrant is None
    assert law.Facts.model_validate({"requester_unit": "HSI"}).requester_unit == "criminal_investigation"


def test_a_day_before_any_law_is_answered_with_what_stands_without_dates() -> None:
    assert law.answer("us/ma/boston", "hold", dt.date(1900, 1, 1), {"facility": "police", "warrant": "none"}).value == "may"


@pytest.mark.parametrize(
    ("facts", "fact", "follows"),
    [
        ({"facility": "state_prison"}, "custodian_government", "state_executive"),
        ({"facility": "federal"}, "custodian_government", "federal"),
        ({"facility": "jail"}, "custodian_government", None),
        ({"facility": "court"}, "custodian_government", None),
        ({"agreement_287g": False}, "acts_under_287g", False),
        ({"agreement_287g": True}, "acts_under_287g", None),
        ({"acts_under_287g": True}, "agreement_287g", True),
    ],
)
def test_what_follows_from_a_fact_for_certain_is_known_and_nothing_else(facts: dict[str, Any], fact: str, follows: Any) -> None:
    assert getattr(law.Facts.model_validate(facts), fact) == follows


def test_facts_that_rule_each_other_out_are_refused() -> None:
    with pytest.raises(law.LawError, match=r"facility \[state_prison\] and custodian_government \[county\] cannot both be so"):
        law.answer("us/ma", "hold", dt.date(2024, 1, 29), {"facility": "state_prison", "custodian_government": "county"})


def test_nobody_asks_for_a_value_that_what_is_known_rules_out() -> None:
    answer = law.answer("us/ma", "notify", dt.date(2026, 1, 1), {"custodian_government": "county"})
    gives = {one.fact: [each.value for each in one.gives] for one in answer.missing}
    assert "jail" in gives["facility"]
    assert "state_prison" not in gives["facility"]


def test_a_word_of_the_vocabulary_is_known_in_any_case() -> None:
    told = Facts.model_validate({"form": "i-247a", "requester_agency": "ICE", "warrant": ["i-200"], "facility": "Jail"})
    assert (told.form, told.requester_agency, told.warrant, told.facility) == ("I-247A", "ice", ("I-200",), "jail")
