"""The check of a whole library passes on ours and names file, line and rule on others."""

import datetime as dt

from law_of_ozland import library, rule

from detainer import law
from detainer.law.cases import case_files
from detainer.law.check import faults


def found(*rules: str) -> list[str]:
    return [fault for fault in faults(library(state=rules), {}) if "no cases" not in fault]


def test_our_own_library_has_no_fault() -> None:
    assert list(faults(law.library(), case_files())) == []


def test_a_file_without_cases_is_named() -> None:
    assert "us/ma.yaml:1: no cases; write us/ma.cases.yaml beside it" in list(faults(library(state=()), {}))


def test_a_word_that_no_file_defines_is_named_with_the_nearest() -> None:
    (fault,) = found(rule("ban", "forbid", "unless: [agrement_287g]"))
    assert fault.startswith("us/ma.yaml:8: [ban]: [agrement_287g] is neither a yes/no fact nor a word defined here or above")
    assert "nearest: agreement_287g" in fault


def test_an_offence_list_that_does_not_exist_is_named() -> None:
    (fault,) = found(rule("ban", "forbid", "unless: {conviction: {of: [violent]}}"))
    assert "[ban]: offence list [violent] is in no file here or above" in fault


def test_a_place_in_a_rule_must_exist_and_be_written_in_full() -> None:
    (fault,) = found(rule("ban", "forbid", "binds: {places: [us/ma/essex]}"))
    assert "[us/ma/essex] is short for us/ma/essex_county; write that" in fault


def test_a_bare_contradiction_inside_a_layer_is_named() -> None:
    (fault,) = found(rule("must", "require"), rule("ban", "forbid"))
    assert "[ban] contradicts [must] without any condition" in fault


def test_a_rule_that_always_yields_is_named() -> None:
    (fault,) = found(rule("ban", "forbid"), rule("door", "permit", "instead_of: [ban]"))
    assert "[ban] can never govern: [door] always stands instead of it" in fault


def test_old_checks_go_stale_only_when_a_day_is_given() -> None:
    made = library(state=(rule("ban", "forbid", "last_checked_on: 2020-01-01"),))
    stale = [fault for fault in faults(made, {}, on=dt.date(2024, 1, 29)) if "last checked" in fault]
    assert stale == ["us/ma.yaml:8: [ban] was last checked on 2020-01-01, more than 730 days before 2024-01-29"]
