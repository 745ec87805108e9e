"""The quick way to an answer equals the slow and obvious one, and what is made late equals what is made at once."""

import copy
import datetime as dt
import pickle
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from law_of_ozland import library, rule, text
from naive import Naive
from pydantic import TypeAdapter
from random_facts import some_facts

from detainer import law
from detainer.law import written
from detainer.law.answering import book_of
from detainer.law.docket import weighed
from detainer.law.facts import Facts
from detainer.law.known import known_from
from detainer.law.library import Library, library_of

OFFENCES = """\
offences:
  serious:
    title: a serious crime
    offences: [robbery]
    statutes: [Cal. Penal Code 211]
    complete: true
    source: made up
    confidence: low
  open_list:
    title: an open list
    offences: [arson]
    source: made up
    confidence: low
definitions:
  judicial_warrant:
    english: a federal judge signed a warrant
    means: {all_of: [{warrant: [judicial]}, {judge: [federal_judge]}]}
"""
# One rule at least for each kind of condition, in two layers that contradict each other.
HARD = library_of(
    {
        "us.yaml": text("us", rule("u", "ask_counsel", "when: exigent", "might: [require]", "note: unsettled")),
        "us/ma.yaml": text(
            "us/ma",
            rule(
                "ban",
                "forbid",
                "when: {warrant: {only: [administrative]}}",
                "unless: [{conviction: {of: [serious, open_list], level: [felony], within_years: 5, cancelled_by: [reduced]}},"
                " {conviction: {of: [serious], within_years: 3, counted_to: arrested_on, time_inside: does_not_count}},"
                " {pending_charge: {of: [any], probable_cause_found: true}}, judicial_warrant]",
                spans="[{from: 2017-07, until: 2020-02-29}, {from: 2020-03-01, until: 2026-01-28, state: stayed},"
                " {from: 2026-01-28}]",
            ),
            rule("door", "permit", "when: [agreement_287g, {age: {at_least: 18, under: 65}}]", "instead_of: [ban]"),
            rule("bar", "bars_restriction", "when: {not: {issuing_office: [perc]}}", "binds: {facilities: [jail, police]}"),
            rule("must", "require", "when: {offence_on: {since: 2020, before: 2026-01-28}}", "unless_for: {hold: [no_cost]}"),
            rule("soft", "require", "strength: soft", "binds: {governments: [county], custodian_roles: [jail_staff]}"),
            before=OFFENCES,
        ),
        "us/ma/essex_county.yaml": text(
            "us/ma/essex_county",
            rule("county", "forbid", "when: {released_from_sentence_on: {within_years: 5}}", spans="[{from: 2018}]"),
            rule("decree", "forbid", "authority: court_order", "when: {place: [us/ma/essex_county]}", "unless: [charged]"),
            rule("requester", "forbid", "binds: {party: requester}", "when: {not: neutral_review}"),
        ),
    }
)
days = st.dates(dt.date(2016, 1, 1), dt.date(2026, 12, 31)) | st.sampled_from(
    [dt.date(2017, 7, 1), dt.date(2017, 7, 31), dt.date(2020, 2, 29), dt.date(2026, 1, 27), dt.date(2026, 1, 28)]
)
NAMES = {
    written.NOT_MET: "not_met",
    written.EXCEPTED: "excepted",
    written.DISPLACED: "displaced",
    written.NOT_BOUND: "not_bound",
    written.NOT_IN_FORCE: "not_in_force",
    written.APPLIES: "applies",
}
ours = st.sampled_from(sorted({*law.library().layers, "us/ma/essex", "us/fl/monroe_county", "us/pr"}))


def outcomes(made: Library, place: str, ask: str, on: dt.date, facts: dict[str, Any]) -> dict[str, str]:
    asked = weighed(book_of(made, place, ask), place, on, known_from(facts))
    return {
        entry.rule.id: NAMES.get(outcome, "unknown") for entry, outcome in zip(asked.docket.entries, asked.found, strict=True)
    }


@settings(max_examples=120, deadline=None)
@given(some_facts, st.sampled_from(["us/ma/essex", "us/ma"]), days)
def test_on_made_up_law_with_every_kind_of_condition_the_engine_equals_the_naive_evaluator(
    facts: dict[str, Any], place: str, on: dt.date
) -> None:
    naive = Naive(HARD, place, "hold", on, facts)
    assert outcomes(HARD, place, "hold", on, facts) == naive.outcomes()
    assert law.value(place, "hold", on, facts, HARD) == naive.value()


@settings(max_examples=120, deadline=None)
@given(some_facts, ours, st.sampled_from(law.ASKS), days)
def test_on_our_own_law_the_engine_equals_the_naive_evaluator(facts: dict[str, Any], place: str, ask: str, on: dt.date) -> None:
    naive = Naive(law.library(), place, ask, on, facts)
    assert outcomes(law.library(), place, ask, on, facts) == naive.outcomes()
    assert law.answer(place, ask, on, facts).value == law.value(place, ask, on, facts) == naive.value()


@settings(max_examples=100, deadline=None)
@given(some_facts)
def test_facts_read_quickly_are_the_facts_of_the_model(facts: dict[str, Any]) -> None:
    assert known_from(facts) == vars(Facts.model_validate(facts))


@settings(max_examples=60, deadline=None)
@given(some_facts, ours, st.sampled_from(law.ASKS), days)
def test_an_answer_dumps_the_same_whether_or_not_its_parts_were_looked_at(
    facts: dict[str, Any], place: str, ask: str, on: dt.date
) -> None:
    looked_at = law.answer(place, ask, on, facts)
    assert looked_at.notes is not None
    assert looked_at.missing is not None
    whole = law.answer(place, ask, on, facts).model_dump_json()
    assert looked_at.model_dump_json() == whole
    assert law.Answer.model_validate_json(whole).model_dump_json() == whole


def test_whatever_looks_at_a_whole_answer_sees_all_of_it() -> None:
    def fresh() -> law.Answer:
        return law.answer("us/ma", "hold", dt.date(2024, 1, 29), {"facility": "jail"})

    told = law.Answer.model_validate(fresh().model_dump())
    assert fresh() == told
    assert told == fresh()
    assert repr(fresh()) == repr(told)
    assert dict(fresh()) == dict(told)
    assert copy.deepcopy(fresh()) == copy.copy(fresh()) == pickle.loads(pickle.dumps(fresh())) == told
    assert fresh().model_copy(update={"place": "us"}).missing == told.missing
    assert TypeAdapter(list[law.Answer]).dump_json([fresh()]) == TypeAdapter(list[law.Answer]).dump_json([told])
    assert fresh().model_dump(exclude_unset=True) == told.model_dump()


def test_the_answer_names_who_adopted_the_local_layer_and_nobody_for_the_packages_own() -> None:
    local = text(
        "us/ma/essex_county",
        rule("policy", "forbid", asks="[notify]"),
        before="adopted_by: {agency: Sheriff, person: A. Person, on: 2024-01-01}\n",
    )
    facts = {"facility": "jail"}
    assert law.answer("us/ma/essex", "notify", dt.date(2024, 1, 29), facts).adopted_by is None
    adopted = law.answer(
        "us/ma/essex", "notify", dt.date(2024, 1, 29), facts, law.with_layer(law.library(), local, "p.yaml")
    ).adopted_by
    assert adopted is not None
    assert adopted.model_dump() == {"agency": "Sheriff", "person": "A. Person", "on": "2024-01-01"}


def test_a_sheet_of_law_without_rules_is_answered() -> None:
    assert law.value("us/ma", "hold", dt.date(2024, 1, 29), {}, library()) == "may"
