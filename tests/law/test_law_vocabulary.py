"""The vocabulary carries the hard states: their conditions, written as a file would, mean what the statute says."""

import datetime as dt
from typing import Any

import pytest
from law_of_ozland import rule, text

from detainer import law
from detainer.law.library import library_of

ON = dt.date(2026, 6, 15)
LISTS = """\
offences:
  serious:
    title: a serious crime
    offences: [robbery]
    statutes: [Cal. Penal Code 211]
    complete: true
    source: made up
    confidence: low
definitions:
  judicial_warrant:
    english: a federal judge or magistrate signed a warrant
    means: {all_of: [{warrant: [judicial]}, {judge: [federal_judge, federal_magistrate]}]}
  citizen:
    english: citizenship is proved
    means: {citizenship: [proved_us]}
  minor:
    english: under 18
    means: {age: {under: 18}}
"""


def value(condition: str, facts: dict[str, Any]) -> str:
    """Ask for a hold under a ban that has only this exception."""
    made = library_of(
        {"us.yaml": text("us"), "us/ma.yaml": text("us/ma", rule("ban", "forbid", f"unless: {condition}"), before=LISTS)}
    )
    return law.answer("us/ma", "hold", ON, facts, made).value


ROBBERY = {"offence": "robbery", "class": "felony", "finding": "conviction", "reduced": False}


@pytest.mark.parametrize(
    ("condition", "opens", "does_not"),
    [
        (  # California: a listed felony of the last 15 years that Proposition 47 has not reduced
            "{conviction: {of: [serious], level: [felony], within_years: 15, cancelled_by: [reduced]}}",
            {"convictions": [{**ROBBERY, "on": "2012-05-01"}]},
            {"convictions": [{**ROBBERY, "on": "2012-05-01", "reduced": True}]},
        ),
        (  # California: a wobbler of the last five years that was a misdemeanor
            "{conviction: {of: [serious], level: [misdemeanor], within_years: 5, wobbler: true}}",
            {"convictions": [{**ROBBERY, "class": "misdemeanor", "on": "2024-01-01", "wobbler": True}]},
            {"convictions": [{**ROBBERY, "class": "misdemeanor", "on": "2024-01-01", "wobbler": False}]},
        ),
        (  # California: a pending charge with the magistrate's finding
            "{pending_charge: {of: [serious], probable_cause_found: true}}",
            {"pending_charges": [{"offence": "robbery", "probable_cause_found": True}]},
            {"pending_charges": [{"offence": "robbery", "probable_cause_found": False}]},
        ),
        (  # New York City: a judge's warrant AND a recent conviction counted back from the arrest
            "[{all_of: [judicial_warrant, {conviction: {of: [serious], within_years: 5, counted_to: arrested_on}}]}]",
            {
                "warrant": "judicial",
                "judge": "federal_judge",
                "arrested_on": "2024-01-01",
                "convictions": [{**ROBBERY, "on": "2020-01-01"}],
            },
            {"warrant": "none", "convictions": [{**ROBBERY, "on": "2026-01-01"}]},
        ),
        (  # New Jersey: juvenile findings count; the removal order must be signed by a federal judge
            (
                "[{conviction: {of: [serious], findings: [conviction, juvenile_adjudication]}},"
                " {final_order_signed_by: [federal_judge]}]"
            ),
            {"convictions": [{**ROBBERY, "finding": "juvenile_adjudication"}]},
            {"convictions": [], "final_order": True, "final_order_signed_by": "immigration_judge"},
        ),
        (  # North Carolina: charged, both papers, an order of a judicial official, for offences from a day on
            (
                "[{all_of: [charged, {form: [I-247A]}, {warrant: [administrative]}, judicial_identity_order,"
                " {offence_on: {since: 2024-12-01}}]}]"
            ),
            {"charged": True, "form": "I-247A", "warrant": "I-200", "judicial_identity_order": True, "offence_on": "2024-12-01"},
            {"charged": True, "form": "I-247A", "warrant": "I-200", "judicial_identity_order": True, "offence_on": "2024-11-30"},
        ),
        ("{warrant: [I-205]}", {"warrant": "I-205"}, {"warrant": "I-200"}),  # Maryland: I-205 apart from I-200
        ("[citizen]", {"citizenship": "proved_us"}, {"citizenship": "claims_us"}),  # Texas: proof, not a claim
        ("[minor]", {"age": 17}, {"age": 18}),
        ("{days_before_release: {at_most: 5}}", {"days_before_release": 5}, {"days_before_release": 6}),
        ("{custodian_role: [patrol]}", {"custodian_role": "patrol"}, {"custodian_role": "jail_staff"}),
        (
            "{released_from_sentence_on: {within_years: 5}}",
            {"released_from_sentence_on": "2024"},
            {"released_from_sentence_on": "2020"},
        ),
        ("{issuing_office: [PERC]}", {"issuing_office": "perc"}, {"issuing_office": "Boston"}),
        ("[possible_and_safe]", {"possible_and_safe": True}, {"possible_and_safe": False}),
        ("{place: [us/ma]}", {}, None),
        ("{place: [us/ma/essex_county]}", None, {}),
    ],
)
def test_an_exception_of_a_hard_state_from_both_sides(
    condition: str, opens: dict[str, Any] | None, does_not: dict[str, Any] | None
) -> None:
    if opens is not None:
        assert value(condition, opens) == "may"
    if does_not is not None:
        assert value(condition, does_not) == "must_not"


def test_a_vague_warrant_is_unknown_to_a_rule_that_needs_the_exact_one() -> None:
    answer_value = value("{warrant: [I-205]}", {"warrant": "administrative"})
    assert answer_value == "needs_facts"
    assert value("{warrant: [administrative]}", {"warrant": "I-200"}) == "may"


def test_a_word_means_what_the_nearest_file_says() -> None:
    assert value("[judicial_warrant]", {"warrant": "judicial", "judge": "federal_magistrate"}) == "may"
    assert value("[judicial_warrant]", {"warrant": "judicial", "judge": "state_judge"}) == "must_not"
    assert value("[judicial_warrant]", {"warrant": "judicial"}) == "needs_facts"


def test_when_many_facts_could_open_a_door_each_is_asked_for_with_what_it_gives() -> None:
    condition = "[public_information, registered_sex_offender, outstanding_federal_felony_warrant, {conviction: {of: [serious]}}]"
    made = library_of(
        {"us.yaml": text("us"), "us/ma.yaml": text("us/ma", rule("ban", "forbid", f"unless: {condition}"), before=LISTS)}
    )
    answer = law.answer("us/ma", "hold", ON, {}, made)
    gives = {one.fact: [give.answer for give in one.gives] for one in answer.missing}
    assert gives["public_information"] == ["may", "needs_facts"]
    assert gives["convictions"] == ["needs_facts", "may"]
    assert answer.deciding_sets == (
        ("convictions", "outstanding_federal_felony_warrant", "public_information", "registered_sex_offender"),
    )


def test_an_exception_for_one_ask_only() -> None:
    ban = rule("ban", "forbid", "unless_for: {notify: [public_information]}", asks="[notify, transfer]")
    made = library_of({"us.yaml": text("us"), "us/ma.yaml": text("us/ma", ban)})
    assert law.answer("us/ma", "notify", ON, {"public_information": True}, made).value == "may"
    assert law.answer("us/ma", "transfer", ON, {"public_information": True}, made).value == "must_not"


def test_the_sentence_of_a_rule_reads_as_english() -> None:
    answer = law.answer("us/ma/essex", "hold", dt.date(2024, 1, 29), {"facility": "jail", "warrant": "I-200"})
    assert answer.rules[0].sentence.endswith(
        "must not keep the person past release if there is no warrant, or none but an administrative warrant (I-200 or I-205),"
        " unless a judge signed a criminal warrant."
    )


def test_the_facts_and_the_answer_have_json_schemas() -> None:
    assert law.Facts.model_json_schema()["properties"]["facility"]["description"] == "In what kind of place is the person held?"
    assert "value" in law.Answer.model_json_schema(mode="serialization")["properties"]
