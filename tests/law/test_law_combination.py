"""How the layers of law combine, on made-up law."""

import datetime as dt
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st
from law_of_ozland import library, rule, text

from detainer import law
from detainer.law.combine import Weight, combine, possible, value_of
from detainer.law.library import Library
from detainer.law.truth import FALSE, TRUE, UNKNOWN, Truth
from detainer.law.words import Effect

ON = dt.date(2024, 1, 29)


def ask(given_library: Library, on: dt.date = ON, **facts: object) -> law.Answer:
    return law.answer("us/ma/essex", "hold", on, facts, given_library)


def test_no_rule_at_all_is_may_and_says_so() -> None:
    answer = ask(library())
    assert answer.value == "may"
    assert any(note.startswith("no rule found") for note in answer.notes)


def test_a_higher_forbid_binds_and_a_local_permission_is_shown_as_without_effect() -> None:
    answer = ask(library(state=(rule("s", "forbid"),), county=(rule("c", "permit"),)))
    assert answer.value == "must_not"
    assert [one.id for one in answer.rules] == ["s"]
    assert any(note.startswith("without effect here: c") for note in answer.notes)


def test_a_higher_require_voids_a_local_forbid_and_says_so() -> None:
    answer = ask(library(state=(rule("s", "require"),), county=(rule("c", "forbid"),)))
    assert answer.value == "must"
    assert any(note.startswith("without effect here: c") for note in answer.notes)


def test_a_higher_permission_leaves_it_to_the_next_layer_down() -> None:
    assert ask(library(state=(rule("s", "permit"),), county=(rule("c", "forbid"),))).value == "must_not"


def test_a_policy_bar_voids_a_local_forbid_without_commanding() -> None:
    answer = ask(library(state=(rule("s", "bars_restriction"),), county=(rule("c", "forbid"),)))
    assert answer.value == "may"
    assert [one.id for one in answer.rules] == ["s"]
    assert any(note.startswith("without effect here: c") for note in answer.notes)


def test_a_policy_bar_does_not_void_its_own_layers_forbid() -> None:
    assert ask(library(state=(rule("s", "bars_restriction"), rule("t", "forbid")))).value == "must_not"


def test_require_and_forbid_of_one_layer_are_a_conflict_shown_with_both() -> None:
    answer = ask(library(state=(rule("s", "require"), rule("t", "forbid"))))
    assert answer.value == "conflict"
    assert {one.id for one in answer.rules} == {"s", "t"}


def test_a_court_order_to_the_agency_conflicts_with_the_states_command() -> None:
    decree = rule("decree", "forbid", "authority: court_order")
    answer = ask(library(state=(rule("s", "require"),), county=(decree,)))
    assert answer.value == "conflict"
    assert {one.cite for one in answer.rules} == {"Book of s", "Book of decree"}


def test_a_soft_duty_is_may_and_the_answer_says_should() -> None:
    answer = ask(library(state=(rule("s", "require", "strength: soft"),)))
    assert answer.value == "may"
    assert any(note.startswith("should: s") for note in answer.notes)


def test_an_exception_written_as_a_permission_stands_instead_of_the_ban() -> None:
    made = library(state=(rule("ban", "forbid"), rule("door", "permit", "when: final_order", "instead_of: [ban]")))
    assert ask(made, final_order=True).value == "may"
    assert ask(made, final_order=False).value == "must_not"
    assert ask(made).value == "needs_facts"


def test_what_is_unsettled_is_for_counsel_and_a_lower_ban_still_bans() -> None:
    doubt = rule("doubt", "ask_counsel", "might: [forbid, permit]", "note: not decided", "instead_of: [ban]")
    assert ask(library(state=(rule("ban", "forbid"), doubt))).value == "ask_counsel"
    assert ask(library(state=(rule("ban", "forbid"), doubt), county=(rule("c", "forbid"),))).value == "must_not"


def test_a_doubtful_command_leaves_a_lower_ban_in_doubt() -> None:
    doubt = rule("doubt", "ask_counsel", "might: [require]", "note: not decided")
    assert ask(library(state=(doubt,), county=(rule("c", "forbid"),))).value == "ask_counsel"


def test_a_rule_that_binds_the_requester_is_said_and_weighs_nothing() -> None:
    answer = ask(library(us=(rule("u", "forbid", "binds: {party: requester}"),)))
    assert answer.value == "may"
    assert any(note.startswith("binds the requester: u") for note in answer.notes)


@pytest.mark.parametrize("state", ["enjoined", "stayed", "repealed", "pending"])
def test_a_span_that_is_suspended_does_not_bind_while_it_is(state: str) -> None:
    spans = f"[{{from: 2017-09-01, until: 2017-09-25, state: {state}}}, {{from: 2017-09-25}}]"
    made = library(state=(rule("sb4", "require", spans=spans),))
    values = [ask(made, dt.date(2017, *day)).value for day in ((8, 31), (9, 1), (9, 24), (9, 25))]
    assert values == ["may", "may", "may", "must"]
    steps = ask(made, dt.date(2017, 9, 24)).trace
    assert steps[0].why == f"not in force on that day: {state} from 2017-09-01 until 2017-09-25"


def test_within_a_month_known_only_roughly_the_answer_is_for_counsel() -> None:
    made = library(state=(rule("s", "forbid", spans="[{from: 2018-08}]"),))
    values = [ask(made, dt.date(2018, *day)).value for day in ((7, 31), (8, 1), (8, 31), (9, 1))]
    assert values == ["may", "ask_counsel", "must_not", "must_not"]


def test_a_local_layer_adds_a_ban_and_names_who_adopted_it_and_takes_nothing_away() -> None:
    local = text(
        "us/ma/essex_county",
        rule("policy", "forbid", asks="[notify]"),
        before="adopted_by: {agency: Sheriff, person: A. Person, on: 2024-01-01}\n",
    )
    made = law.with_layer(law.library(), local, "policy.yaml")
    answer = law.answer("us/ma/essex", "notify", ON, {"facility": "jail"}, made)
    assert answer.value == "must_not"
    assert "local layer of us/ma/essex_county: adopted by Sheriff (A. Person) on 2024-01-01" in answer.notes
    assert {step.id for step in answer.trace} > {"ma-sheriff-notify", "us-1357-g-10"}
    assert answer.versions.law != law.library().hash


def test_a_local_layer_that_permits_what_the_state_forbids_is_accepted_and_without_effect() -> None:
    local = text(
        "us/ma/essex_county",
        rule("policy", "permit"),
        before="adopted_by: {agency: Sheriff, person: A. Person, on: 2024-01-01}\n",
    )
    made = law.with_layer(law.library(), local, "policy.yaml")
    answer = law.answer("us/ma/essex", "hold", ON, {"facility": "jail", "warrant": "administrative"}, made)
    assert answer.value == "must_not"
    assert any(note.startswith("without effect here: policy (us/ma/essex_county)") for note in answer.notes)


effects: st.SearchStrategy[Effect] = st.sampled_from(["require", "permit", "forbid", "bars_restriction", "ask_counsel"])
weights = st.lists(
    st.builds(
        Weight,
        layer=st.integers(0, 3),
        effect=effects,
        soft=st.booleans(),
        court_order=st.booleans(),
        might=st.sampled_from([("forbid",), ("require",), ("permit", "forbid")]),
    ),
    max_size=7,
)


@given(weights, st.data())
def test_learning_more_never_flips_a_decided_answer(rules: list[Weight], data: st.DataObject) -> None:
    applies: list[Truth] = [data.draw(st.sampled_from([FALSE, UNKNOWN, TRUE])) for _ in rules]
    before = possible(combine(rules, applies))
    for learned in product(*((value,) if value != UNKNOWN else (FALSE, TRUE) for value in applies)):
        assert possible(combine(rules, list(learned))) <= before


@given(weights, st.data())
def test_a_command_and_a_ban_never_both_bind_in_silence(rules: list[Weight], data: st.DataObject) -> None:
    applies: list[Truth] = [data.draw(st.sampled_from([FALSE, TRUE])) for _ in rules]
    found = combine(rules, applies)
    if found.require == TRUE and found.forbid == TRUE:
        assert value_of(found) == "conflict"
    assert value_of(found) != "needs_facts"
