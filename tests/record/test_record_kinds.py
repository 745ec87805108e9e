"""Payloads: what an event may say, and that it names nobody."""

import re
from collections.abc import Iterator
from typing import Any, get_args

import pytest
from hypothesis import given
from pydantic import BaseModel, ValidationError
from record_making import COURT, LEAST, PERSON, SHERIFF, least, record, streams

from detainer.record.event import Event, broken, payload_of
from detainer.record.kinds import KINDS
from detainer.record.plain import DEEPEST, LARGEST

ALL = [(stream, kind) for stream, kinds in KINDS.items() for kind in kinds]
IDENTITY = re.compile(
    r"(^|_)(name|names|surname|alias|birth|birthday|born|dob|sex|citizenship|nationality|a_number|alien_number|fbi|ssn|address|photo)(_|$)"
)


def fields_of(model: type[BaseModel], path: str = "") -> Iterator[str]:
    """Yield the path of every field of a model and of the models inside it."""
    for name, field in model.model_fields.items():
        yield f"{path}{name}"
        for inner in models_in(field.annotation):
            yield from fields_of(inner, f"{path}{name}.")


def models_in(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for inner in get_args(annotation):
        yield from models_in(inner)


@pytest.mark.parametrize(("stream", "kind"), ALL)
def test_no_field_of_an_event_is_for_who_a_person_is(stream: Any, kind: str) -> None:
    assert [path for path in fields_of(KINDS[stream][kind]) if IDENTITY.search(path.rsplit(".", 1)[-1])] == []


@given(streams())
def test_the_record_stays_whole_when_every_identity_is_destroyed(events: list[Event]) -> None:
    """A person is an id in the events and nothing else, so nothing of the chain stands on the identity row."""
    identities = {PERSON: "the row with the name, destroyed by order of a court"}
    identities.clear()
    assert broken(events) is None
    assert all("destroyed" not in event.model_dump_json() for event in events)


@pytest.mark.parametrize(("stream", "kind"), ALL)
def test_a_key_that_is_not_known_is_refused(stream: Any, kind: str) -> None:
    with pytest.raises(ValidationError, match="Extra inputs are not permitted"):
        payload_of(stream, kind, {**least(stream, kind), "name": "Doe"})


@pytest.mark.parametrize(("stream", "kind"), ALL)
def test_what_a_kind_says_comes_back_from_json_as_it_was(stream: Any, kind: str) -> None:
    said = payload_of(stream, kind, least(stream, kind))
    assert payload_of(stream, kind, said.model_dump(mode="json", exclude_none=True)) == said


@pytest.mark.parametrize(
    ("bad", "why"),
    [
        ("a\0b", "U\\+0000"),
        ("a\x1bb", "U\\+001B"),
        ("a\x85b", "U\\+0085"),
        ("\ud800", "."),
        ("  ", "at least 1"),
        ("x" * 4001, "at most 4000"),
    ],
)
def test_a_text_holds_no_controls_and_has_a_length(bad: str, why: str) -> None:
    with pytest.raises(ValidationError, match=why):
        payload_of("stay", "died", {"note": bad})


def test_a_text_keeps_lines_signs_and_markup_as_they_are() -> None:
    note = "<b>O'Neil</b>; DROP TABLE event; --\n\tčšž 拘留 👩‍👧"
    assert payload_of("stay", "died", {"note": note}).model_dump()["note"] == note
    assert payload_of("stay", "died", {"note": "one\r\ntwo"}).model_dump()["note"] == "one\ntwo"


def test_a_line_is_one_line() -> None:
    with pytest.raises(ValidationError, match="one line only"):
        payload_of("stay", "arrested", {"place": "Lynn\nBcc: everybody"})


@pytest.mark.parametrize(
    ("facts", "why"),
    [
        ({"age": 34.5}, r"\[age\] is 34.5, a number with a fraction"),
        ({"age": 34.0}, "a number with a fraction"),
        ({"age": float("nan")}, "a number with a fraction"),
        ({"a": [{"b": LARGEST + 1}]}, r"\[a\[0\].b\] is beyond"),
        ({"a": {"b": "x\0"}}, r"\[a.b\] holds the control character U\+0000"),
        ({"x\0": 1}, "control character"),
        ({"a": "\ud800"}, "U\\+D800"),
        ({"a": {1: 2}}, "a key is a text"),
        ({"a": {1, 2}}, "is a set: only what JSON can say"),
    ],
)
def test_facts_hold_only_what_every_reader_of_json_gives_back_the_same(facts: dict[str, Any], why: str) -> None:
    with pytest.raises(ValidationError, match=why):
        payload_of("request", "answered", {**LEAST["answered"], "facts": facts})


def test_facts_are_not_nested_without_end() -> None:
    deep: Any = 1
    for _ in range(DEEPEST + 1):
        deep = [deep]
    with pytest.raises(ValidationError, match=f"deeper than {DEEPEST} levels"):
        payload_of("request", "answered", {**LEAST["answered"], "facts": {"a": deep}})


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"asks": []}, "at least 1"),
        ({"asks": ["detain"]}, "Input should be 'notify'"),
        ({"asks": ["hold", "notify", "hold"]}, r"asks for \[hold\] twice"),
        ({"form": "I-999"}, "Input should be 'I-247A'"),
        ({"facility": "Franklin County Jail"}, "pattern"),
        ({"prepared_on": "last week"}, "is not a date"),
        ({"person": "John Doe"}, "valid UUID"),
    ],
)
def test_a_request_that_makes_no_sense_is_not_lodged(change: dict[str, Any], why: str) -> None:
    with pytest.raises(ValidationError, match=why):
        payload_of("request", "lodged", {**LEAST["lodged"], **change})


def test_the_answer_part_of_the_form_can_be_returned() -> None:
    said = {
        "booking_number": "24-1",
        "estimated_release": "2024-02-01",
        "latest_charge": "larceny",
        "latest_charge_on": "2024-01",
        "matched_on": ["fingerprints"],
    }
    assert payload_of("request", "acknowledged", said).model_dump(mode="json", exclude_none=True) == said


def test_the_real_case_can_be_said_with_these_kinds() -> None:
    by = {"by_agency": SHERIFF, "says": COURT, "occurred": "2024-01-29/2024-03-28"}
    assert record(
        "stay",
        ("arrested", {"place": "Lynn, MA", "charges": ["rape"]}),
        ("court_appeared", {"what": "arraignment"}),
        ("released", {"notice_given": False, **by}),
    )
    assert record(
        "file",
        "encountered",
        "notice_to_appear_issued",
        "released_on_notice",
        ("supervision_enrolled", {"program": "Alternatives to Detention"}),
    )
    assert record("file", ("arrested", {"at_large": True}), ("taken_into_custody", {"pending": "removal proceedings"}))
