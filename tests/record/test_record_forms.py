"""A request that contradicts its own form is told so, field by field."""

from typing import Any

import pytest
from record_making import LEAST

from detainer.record.forms import contradictions
from detainer.record.kinds import Lodged
from detainer.record.said import FORMS, NOTIFY_ONLY


def contradicted(**said: Any) -> list[tuple[str, str]]:
    return contradictions(Lodged.model_validate({**LEAST["lodged"], "asks": ["notify"], **said}))


@pytest.mark.parametrize("form", FORMS)
def test_a_request_for_notice_contradicts_no_form(form: str) -> None:
    assert contradicted(form=form) == []


@pytest.mark.parametrize("form", sorted(NOTIFY_ONLY))
@pytest.mark.parametrize("ask", ["hold", "transfer"])
def test_a_notify_only_form_asks_for_no_hold_and_no_transfer(form: str, ask: str) -> None:
    [(field, message)] = contradicted(form=form, asks=["notify", ask])
    assert field == "asks"
    assert f"[{ask}] is not asked by the form {form}" in message


@pytest.mark.parametrize("form", sorted(set(FORMS) - NOTIFY_ONLY))
def test_the_other_forms_can_ask_for_a_hold(form: str) -> None:
    assert contradicted(form=form, asks=["notify", "hold", "transfer"]) == []


def test_part_one_and_part_two_are_never_both_filled() -> None:
    [(field, message)] = contradicted(basis={"probable_cause": ["biometric"], "dhs_transferred_custody": True})
    assert field == "basis.probable_cause"
    assert "never both" in message
    assert contradicted(basis={"probable_cause": [], "dhs_transferred_custody": True}) == []
    assert contradicted(basis={"probable_cause": ["biometric"]}) == []


@pytest.mark.parametrize("warrant", ["none", "judicial_civil", "judicial_criminal"])
def test_an_administrative_form_is_no_other_warrant(warrant: str) -> None:
    assert contradicted(basis={"warrant": warrant, "warrant_form": "I-200"})[0][0] == "basis.warrant_form"
    assert contradicted(basis={"warrant": "administrative", "warrant_form": "I-200"}) == []
    assert contradicted(basis={"warrant_form": "I-205"}) == []


def test_there_is_no_signature_on_no_warrant() -> None:
    assert contradicted(basis={"warrant": "none", "warrant_dated": "2024-01-29"})[0][0] == "basis.warrant"


def test_every_contradiction_is_told_at_once() -> None:
    basis = {
        "warrant": "none",
        "warrant_form": "I-200",
        "warrant_signed_by": "an officer",
        "probable_cause": ["statements"],
        "dhs_transferred_custody": True,
    }
    fields = [field for field, _ in contradicted(form="I-247G", asks=["hold", "transfer"], basis=basis)]
    assert fields == ["asks", "asks", "basis.probable_cause", "basis.warrant_form", "basis.warrant"]
