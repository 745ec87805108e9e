"""Forms made from commands: every command has one, nothing typed is lost, and errors stand next to their fields."""

from typing import Any

import pytest


@pytest.fixture
def forms(database: Any) -> Any:
    """The module, with Django set up."""
    from detainer.web import forms

    return forms


@pytest.fixture
def named(database: Any) -> Any:
    """Finds a command."""
    from detainer.exchange.commands import named

    return named


def test_every_command_has_a_form_and_a_heading(forms: Any) -> None:
    from detainer.exchange.commands import COMMANDS
    from detainer.web import labels

    for command in COMMANDS:
        page = forms.form_for(command)().as_p()
        assert 'name="key"' in page
        assert labels.COMMANDS[f"{command.stream}.{command.name}"].hint


def test_each_form_shown_has_a_key_of_its_own(forms: Any, named: Any) -> None:
    form = forms.form_for(named("request", "decide"))
    assert form()["key"].value() != form()["key"].value()


def test_flat_fields_become_what_the_command_takes(forms: Any, named: Any) -> None:
    typed = {"facility": "ESSEXMA", "form": "I-247A", "asks": ["notify"], "person.name": " A B ", "person.numbers.fbi": "7"}
    typed |= {"basis.warrant": "administrative", "basis.warrant_dated": "2026-02-01", "requester_unit": "civil_enforcement"}
    form = forms.form_for(named("request", "lodge"))(typed)
    assert form.is_valid(), form.errors
    said = forms.said(form)
    assert said["person"] == {"name": "A B", "numbers": {"fbi": "7"}}
    assert said["basis"] == {"warrant": "administrative", "warrant_dated": "2026-02-01"}
    named("request", "lodge").takes.model_validate({key: value for key, value in said.items() if key != "version"})


def test_what_is_left_empty_is_left_out(forms: Any, named: Any) -> None:
    form = forms.form_for(named("request", "serve"))({"how": "in_person", "note": "  ", "interpreter": ""})
    assert form.is_valid()
    assert forms.said(form) == {"how": "in_person"}


def test_yes_no_and_not_known_are_three_answers(forms: Any, named: Any) -> None:
    kind = forms.form_for(named("request", "notice_received"))
    for typed, said in (("true", {"will_come": True}), ("false", {"will_come": False}), ("", {})):
        form = kind({"will_come": typed})
        assert form.is_valid()
        assert forms.said(form) == said


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("2024-01-29 09:30", "2024-01-29T09:30:00-05:00"),
        ("2024-07-01T9:30", "2024-07-01T09:30:00-04:00"),
        ("2024-11-03 01:30", "2024-11-03T01:30:00-04:00"),  # that hour comes twice: the first, so that a hold is the shorter
        ("2024-01-29", "2024-01-29"),
        ("2024-01-29T09:30-08:00", "2024-01-29T09:30-08:00"),
        ("2024-02-30 09:30", "2024-02-30 09:30"),
        ("yesterday", "yesterday"),
    ],
)
def test_a_local_time_is_read_in_the_zone_of_the_facility(database: Any, typed: str, said: str) -> None:
    from detainer.web.fields import at_facility

    assert at_facility(typed, "America/New_York") == said


def test_an_error_in_a_row_stands_in_the_row_where_it_was_typed(forms: Any, named: Any) -> None:
    from detainer.exchange.refusals import FieldError, Refused

    typed = {"charges.0.offence": "", "charges.2.offence": "larceny", "charges.2.statute": "c. 266"}
    form = forms.form_for(named("stay", "charge"))(typed)
    assert form.is_valid()
    assert forms.said(form) == {"charges": [{"offence": "larceny", "statute": "c. 266"}]}
    top = forms.refuse(form, Refused("invalid", "x", errors=[FieldError("charges.0.statute", "is wrong")]))
    assert form.errors == {"charges.2.statute": ["Is wrong."]}
    assert top == ""


def test_an_error_of_a_part_stands_at_its_first_field_and_one_of_no_field_at_the_top(forms: Any, named: Any) -> None:
    from detainer.exchange.refusals import FieldError, Refused

    form = forms.form_for(named("request", "lodge"))(
        {"facility": "X", "form": "I-247A", "asks": ["notify"], "requester_unit": "civil_enforcement"}
    )
    assert form.is_valid(), form.errors
    top = forms.refuse(form, Refused("invalid", "person: say who", errors=[FieldError("person", "say who")]))
    assert form.errors["person.name"] == ["Say who."]
    assert top == ""
    assert "Say why" in forms.refuse(form, Refused("state", "say why"))
