"""Every case file beside the law comes out as it says."""

import pytest

from detainer import law
from detainer.law.cases import Case, case_files, run

CASES = [(file.place, case) for file in case_files().values() for case in file.cases]


@pytest.mark.parametrize(("place", "case"), CASES, ids=[f"{place}: {case.name}" for place, case in CASES])
def test_the_case_comes_out_as_its_file_says(place: str, case: Case) -> None:
    assert run(case, place) == []


def test_every_file_of_law_has_cases() -> None:
    assert {f"{path}.cases.yaml" for path in law.library().layers} == set(case_files())


def test_every_rule_that_commands_or_forbids_governs_in_some_case() -> None:
    told = {rule for _, case in CASES for rule in (*case.rules, *case.not_rules)} | {
        word for _, case in CASES for word in (case.note or "").split()
    }
    binding = [
        rule.id
        for files in law.library().layers.values()
        for one in files
        for rule in one.rules
        if rule.effect in ("require", "forbid", "ask_counsel") and rule.binds.party == "custodian"
        if rule.binds.towards == "requester"
    ]
    assert [rule for rule in binding if rule not in told] == []
