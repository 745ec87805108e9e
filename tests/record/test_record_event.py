"""The chain: whole when nothing was touched, and the touched event is found and named."""

import datetime as dt
import hashlib
import json
from typing import Any
from uuid import UUID

import pytest
import rfc8785
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError
from record_making import ICE, SHERIFF, START, following, plain, record, resealed, some_id, streams

from detainer.record import views
from detainer.record.event import GENESIS, Event, broken, effective, hash_of, known_at, payload_of, sealed


@given(streams())
def test_a_stream_as_recorded_is_whole(events: list[Event]) -> None:
    assert broken(events) is None


def test_no_events_are_whole() -> None:
    assert broken([]) is None


def otherwise(value: Any) -> list[Any]:
    """Return values of the same type that differ in one place."""
    match value:
        case UUID():
            changed: list[Any] = [UUID(int=value.int ^ (1 << bit)) for bit in (0, 64, 127)]
        case dt.datetime():
            changed = [value + dt.timedelta(microseconds=1)]
        case int():
            changed = [value + 1, value - 1]
        case str():
            changed = [value[:at] + chr(ord(value[at]) ^ 1) + value[at + 1 :] for at in range(len(value))] + [value + " "]
        case dict():
            changed = [{**value, "more": 1}, *({**value, key: part} for key, item in value.items() for part in otherwise(item))]
        case list():
            changed = [
                [*value, 1],
                *([*value[:at], part, *value[at + 1 :]] for at, item in enumerate(value) for part in otherwise(item)),
            ]
        case _:
            changed = [some_id("somebody")]
    return changed


@settings(max_examples=40, deadline=None)
@given(streams(longest=5), st.data())
def test_a_change_of_any_field_of_any_event_is_found_and_named(events: list[Event], data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(events) - 1))
    field = data.draw(st.sampled_from(sorted(Event.model_fields)))
    changed = data.draw(st.sampled_from(otherwise(getattr(events[at], field))))
    tampered = [*events[:at], events[at].model_copy(update={field: changed}), *events[at + 1 :]]
    found = broken(tampered)
    assert found is not None
    assert found.version == tampered[at].version
    assert found.event == tampered[at].id
    assert found.why


def test_a_change_of_any_byte_of_an_event_is_found() -> None:
    events = record("request", "lodged", "delivered", "acknowledged")
    for field in Event.model_fields:
        for changed in otherwise(getattr(events[1], field)):
            found = broken([events[0], events[1].model_copy(update={field: changed}), events[2]])
            assert found is not None, (field, changed)
            assert found.event == (changed if field == "id" else events[1].id)


@given(streams(longest=8).filter(lambda events: len(events) > 1), st.data())
def test_a_deleted_event_is_found(events: list[Event], data: st.DataObject) -> None:
    gone = data.draw(st.integers(0, len(events) - 2))
    found = broken([*events[:gone], *events[gone + 1 :]])
    assert found is not None
    assert found.event == events[gone + 1].id
    assert found.why == f"version {gone + 1} is missing: found {gone + 2}"


@given(streams(longest=8).filter(lambda events: len(events) > 1), st.data())
def test_events_in_another_order_are_found(events: list[Event], data: st.DataObject) -> None:
    order = data.draw(st.permutations(events).filter(lambda other: other != events))
    assert broken(order) is not None


@given(streams(longest=6), st.data())
def test_an_event_that_was_put_in_is_found_even_when_those_behind_it_are_numbered_anew(
    events: list[Event], data: st.DataObject
) -> None:
    at = data.draw(st.integers(0, len(events) - 1))
    extra = following(events[:at], "stay", "stated", {"claim": "no_comment"}, stream=events[0].stream)
    behind = [event.model_copy(update={"version": event.version + 1}) for event in events[at:]]
    found = broken([*events[:at], extra, *behind])
    assert found is not None
    assert found.event == events[at].id


def test_an_event_of_another_stream_is_found() -> None:
    ours = record("request", "lodged", "delivered")
    theirs = ours[1].model_copy(update={"stream": some_id("another")})
    found = broken(resealed([ours[0], theirs]))
    assert found is not None
    assert "belongs to another stream" in found.why


def test_an_event_that_says_what_its_kind_does_not_carry_is_found_though_its_hash_fits() -> None:
    events = record("request", "lodged", "delivered")
    forged = resealed([events[0], events[1].model_copy(update={"data": {"channel": "carrier pigeon"}})])
    found = broken(forged)
    assert found is not None
    assert "does not carry what a [delivered] carries" in found.why


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("occurred", "nonsense"),
        ("kind", "teleported"),
        ("stream_kind", "ship"),
        ("data", {"age": float("nan")}),
        ("version", "1"),
    ],
)
def test_rows_that_no_door_would_write_are_named_not_stumbled_over(field: str, value: Any) -> None:
    event = record("request", "lodged")[0]
    found = broken([Event.model_construct(**{**dict(event), field: value})])
    assert found is not None
    assert found.event == event.id


@given(st.dictionaries(st.text(st.characters(exclude_categories=["Cs"]), max_size=5), plain, max_size=5), st.randoms())
def test_the_canonical_json_does_not_depend_on_the_order_of_keys(data: dict[str, Any], random: Any) -> None:
    keys = list(data)
    random.shuffle(keys)
    assert hash_of({"data": data}) == hash_of({"data": {key: data[key] for key in keys}})
    assert hash_of({"a": 1, "b": 2}) == hash_of({"b": 2, "a": 1})


def as_jsonb(value: Any) -> Any:
    """Return a JSON value as PostgreSQL's jsonb gives it back: keys by length and bytes, text in UTF-8 without NUL."""
    if isinstance(value, dict):
        return {key: as_jsonb(value[key]) for key in sorted(value, key=lambda key: (len(key.encode()), key.encode()))}
    return [as_jsonb(item) for item in value] if isinstance(value, list) else value


@given(st.dictionaries(st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=5), plain, max_size=5))
def test_a_hash_survives_the_way_through_json_and_the_database(facts: dict[str, Any]) -> None:
    said = {"on": "2024-01-29", "place": "us/ma", "facts": facts, "answers": {}, "versions": {}}
    events = [*record("request", "lodged"), following(record("request", "lodged"), "request", "answered", said)]
    stored = json.loads(json.dumps([event.model_dump(mode="json") for event in events]))
    back = [Event.model_validate({**row, "data": as_jsonb(row["data"])}) for row in stored]
    assert back == events
    assert broken(back) is None


def test_a_hash_does_not_depend_on_the_time_zone_in_which_the_database_gives_an_instant_back() -> None:
    event = record("request", "lodged")[0]
    elsewhere = event.recorded_at.astimezone(dt.timezone(dt.timedelta(hours=-5)))
    assert broken([event.model_copy(update={"recorded_at": elsewhere})]) is None


def test_ids_written_otherwise_seal_to_the_same_event() -> None:
    event = record("request", "lodged")[0]
    said = {key: value for key, value in dict(event).items() if key != "hash"}
    assert sealed(**{**said, "id": str(event.id).upper(), "says": event.says.hex}) == event


def test_an_event_is_not_sealed_without_a_time_zone() -> None:
    said = {key: value for key, value in dict(record("request", "lodged")[0]).items() if key != "hash"}
    with pytest.raises(ValidationError, match="timezone"):
        sealed(**{**said, "recorded_at": dt.datetime(2024, 1, 29)})  # noqa: DTZ001


def test_the_hash_is_the_sha_256_of_the_canonical_json_so_that_anybody_can_follow_it() -> None:
    event = record("request", "lodged")[0]
    said = {**event.model_dump(mode="json", exclude={"hash"}), "algorithm": "sha256-rfc8785-1"}
    said["recorded_at"] = "2024-01-29T15:00:00.000000+00:00"

    assert hashlib.sha256(rfc8785.dumps(said)).hexdigest() == event.hash
    assert event.prev == GENESIS


@given(streams(), st.integers(-1, 20))
def test_what_was_known_at_a_time_is_a_beginning_of_the_stream_and_folds(events: list[Event], hour: int) -> None:
    known = known_at(events, START + dt.timedelta(hours=hour))
    assert list(known) == events[: len(known)]
    if known:
        {"request": views.request, "stay": views.stay, "file": views.file}[events[0].stream_kind](known)
        assert broken(known) is None


def test_an_event_was_not_known_before_the_one_that_it_follows_even_if_a_clock_stepped_back() -> None:
    events = record("request", "lodged", ("delivered", {"recorded_at": START + dt.timedelta(days=9)}), "acknowledged")
    assert known_at(events, START + dt.timedelta(days=1)) == (events[0],)


def test_an_unknown_kind_is_refused_with_those_that_there_are() -> None:
    with pytest.raises(ValueError, match=r"\[teleported\] is no event of a stay: it has arrested, booked"):
        payload_of("stay", "teleported", {})


def test_an_event_gives_its_payload_as_the_model_of_its_kind() -> None:
    event = record("request", "lodged")[0]
    assert event.payload() == payload_of("request", "lodged", event.data)


def test_an_event_is_confirmed_when_the_agency_that_did_it_says_so() -> None:
    own, told = record("request", "lodged", ("closed", {"by_agency": SHERIFF, "says": ICE}))
    assert own.is_confirmed
    assert not told.is_confirmed


def corrected(events: list[Event], of: int, **said: Any) -> list[Event]:
    """Return the stream with a correction of one of its events."""
    return [*events, following(events, "request", "corrected", {"corrects": str(events[of].id), "reason": "a slip", **said})]


def test_without_corrections_the_events_stand_as_they_were() -> None:
    events = record("request", "lodged", "delivered")
    assert effective(events) == tuple(events)


def test_a_voided_event_does_not_stand_and_can_be_brought_back() -> None:
    events = corrected(record("request", "lodged", "delivered", "acknowledged"), 2, void=True)
    assert [event.kind for event in effective(events)] == ["lodged", "delivered"]
    assert [event.kind for event in effective(corrected(events, 2))] == ["lodged", "delivered", "acknowledged"]


def test_a_later_correction_adds_to_an_earlier_one_and_rules_over_it() -> None:
    events = record("request", "lodged", ("acknowledged", {"booking_number": "24-1"}))
    events = corrected(events, 1, occurred="2024-01-30")
    events = corrected(events, 1, data={"booking_number": "24-2"})
    stands = effective(events)[1]
    assert (stands.occurred, stands.data) == ("2024-01-30", {"booking_number": "24-2"})
    assert effective(corrected(events, 1, occurred="2024-01-31"))[1].occurred == "2024-01-31"


def test_what_was_corrected_keeps_its_own_hash_and_place() -> None:
    events = corrected(record("request", "lodged", "delivered"), 1, occurred="2024-01-30")
    assert broken(events) is None
    assert (effective(events)[1].id, effective(events)[1].version) == (events[1].id, 2)


def test_the_event_that_begins_a_stream_always_stands() -> None:
    events = corrected(record("request", "lodged", "delivered"), 0, void=True)
    assert [event.kind for event in effective(events)] == ["lodged", "delivered"]


@given(streams())
def test_what_stands_is_a_part_of_the_events_in_their_order(events: list[Event]) -> None:
    versions = [event.version for event in effective(events)]
    assert versions == sorted(versions)
    assert versions[0] == 1
    assert not any(event.kind == "corrected" for event in effective(events))
