"""The real case: Lynn, January 2024. What the law said on day one."""

import datetime as dt
import json

import pytest
import rfc8785

from detainer import law

ARRAIGNED = dt.date(2024, 1, 29)
REQUEST = {"warrant": "administrative", "form": "I-247A", "requester_unit": "civil_enforcement", "purpose": "civil_immigration"}


def asked(ask: str, facility: str) -> law.Answer:
    return law.answer("us/ma/essex", ask, ARRAIGNED, {"facility": facility, **REQUEST})


@pytest.mark.parametrize("facility", ["jail", "court"])
def test_the_hold_was_forbidden_by_lunn(facility: str) -> None:
    answer = asked("hold", facility)
    assert answer.value == "must_not"
    assert [rule.id for rule in answer.rules] == ["lunn-2017"]
    assert "477 Mass. 517" in answer.rules[0].cite


@pytest.mark.parametrize("facility", ["jail", "court"])
def test_the_notice_was_not_forbidden(facility: str) -> None:
    assert asked("notify", facility).value == "may"


def test_irrelevant_facts_are_not_asked_for() -> None:
    answer = law.answer("us/ma/essex", "hold", ARRAIGNED, {"facility": "jail", "warrant": "administrative"})
    assert answer.value == "must_not"
    assert answer.missing == ()


def test_while_the_warrant_is_unknown_it_is_the_one_thing_to_ask_and_each_value_is_shown() -> None:
    answer = law.answer("us/ma/essex", "hold", ARRAIGNED, {"facility": "jail"})
    assert answer.value == "needs_facts"
    assert answer.deciding_sets == (("warrant",),)
    (missing,) = answer.missing
    assert missing.question == "Which warrant came with the request?"
    gives = {json.dumps(one.value): one.answer for one in missing.gives}
    assert gives['["administrative"]'] == "must_not"
    assert gives['["judicial_criminal"]'] == "may"
    assert gives["[]"] == "must_not"


def test_a_judges_criminal_warrant_opens_the_hold() -> None:
    answer = law.answer("us/ma/essex", "hold", ARRAIGNED, {"facility": "jail", "warrant": "judicial_criminal"})
    assert answer.value == "may"


def test_the_refusal_carries_the_duty_to_release_and_no_time_limit() -> None:
    answer = asked("hold", "jail")
    assert "ma-release-at-once" in [duty.id for duty in answer.duties]
    assert answer.time_limits == ()
    assert "us-serve-copy" not in [duty.id for duty in answer.duties]


def test_the_court_policy_of_2025_is_in_the_trace_as_not_yet_in_force() -> None:
    steps = {step.id: step for step in asked("notify", "court").trace}
    assert steps["ma-trialcourt-no-initiate"].applied == "no"
    assert "not in force on that day: in force from 2025-05-01" in steps["ma-trialcourt-no-initiate"].why


def test_the_answer_says_that_no_local_rule_is_known() -> None:
    assert "no local rule is known for us/ma/essex" in asked("hold", "jail").notes


def test_an_answer_is_plain_json_that_can_be_canonicalised_and_derived_again() -> None:
    dumped = asked("hold", "jail").model_dump(mode="json")
    assert rfc8785.dumps(dumped) == rfc8785.dumps(asked("hold", "jail").model_dump(mode="json"))
    assert law.Answer.model_validate(dumped) == asked("hold", "jail")
    assert set(dumped["versions"]) == {"schema", "law", "code"}
    assert "not legal advice" in dumped["notice"]


def test_the_answer_can_be_read_as_english_down_to_each_rule_looked_at() -> None:
    said = law.explain(asked("hold", "court"))
    assert said.startswith("us/ma/essex, 2024-01-29, hold: must_not\nThe custodian must not keep the person past release.\n")
    assert "ma-trialcourt-no-hold does not apply: not in force on that day" in said
    asking = law.explain(law.answer("us/ma/essex", "hold", ARRAIGNED, {"facility": "jail"}))
    assert 'Which warrant came with the request? [warrant] [] gives must_not; ["administrative"] gives must_not' in asking
