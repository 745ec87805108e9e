"""Bad input, at the commands: refused with the field and what would be right, or kept exactly as it was sent."""

import json
from typing import Any
from uuid import uuid4

import pytest
from exchange_making import ADMINISTRATIVE, PERSON, as_role, ask, book, do, linked, lodge, refused, row, rows, table, told

pytestmark = pytest.mark.usefixtures("database")

HOSTILE = (
    "'; DROP TABLE event; --",
    '" OR 1=1 --',
    "<script>alert(1)</script>",
    '<img src=x onerror="alert(1)">',
    "{{ 7*7 }} {% load x %} ${7*7} %s %(name)s {0}",
    "../../etc/passwd",
    "Ærøskøbing, 李, \U0001f600, e\u0301, \u200f\u202e",
    "back\\slash \\u0000 and 'quotes' \"both\"",
)
CONTROLS = ("\x00", "a\x00b", "a\x07b", "\x1b[31m", "\x7f", "\x9f", "\ud800")


# --- the facility ---


def test_an_unknown_facility_is_refused(ice: Any, essex: Any) -> None:
    with refused("facility-unknown", "facility") as refusal:
        lodge(ice, essex, facility="NOWHERE9")
    assert refusal.value.more["candidates"] == []


def test_a_name_alone_is_refused_with_the_candidates_and_what_tells_them_apart(ice: Any, essex: Any) -> None:
    with as_role("detainer_worker"):
        for state, code in (("PA", "FRANKPA"), ("NY", "FRANKNY"), ("IA", "FRANKIA")):
            table("Facility").objects.update_or_create(
                code=code,
                defaults={"name": "Franklin County Jail", "kind": "jail", "county": "Franklin", "state": state, "zone": "UTC"},
            )
    with refused("facility-ambiguous", "facility") as refusal:
        lodge(ice, essex, facility="Franklin County Jail")
    assert {(one["code"], one["state"]) for one in refusal.value.more["candidates"]} == {
        ("FRANKPA", "PA"),
        ("FRANKNY", "NY"),
        ("FRANKIA", "IA"),
    }


def test_even_a_name_that_only_one_facility_has_is_not_a_code(ice: Any, essex: Any) -> None:
    with as_role("detainer_worker"):
        table("Facility").objects.filter(code=essex.facility).update(name="Middleton House of Correction")
    with refused("facility-ambiguous", "facility") as refusal:
        lodge(ice, essex, facility="Middleton House of Correction")
    assert [one["code"] for one in refusal.value.more["candidates"]] == [essex.facility]


def test_a_facility_whose_agency_takes_no_part_is_refused(ice: Any, essex: Any) -> None:
    with as_role("detainer_worker"):
        table("Agency").objects.filter(pk=essex.id).update(enrolled=False)
    with refused("not-enrolled", "facility"):
        lodge(ice, essex)


def test_a_facility_of_no_agency_is_refused(ice: Any, essex: Any) -> None:
    with as_role("detainer_worker"):
        table("Facility").objects.filter(code=essex.facility).update(agency=None)
    with refused("not-enrolled", "facility"):
        lodge(ice, essex)


def test_a_code_is_taken_in_small_letters_and_with_blanks_around_it(ice: Any, essex: Any) -> None:
    assert row("Request", lodge(ice, essex, facility=f"  {essex.facility.lower()} ")).facility_id == essex.facility


def test_a_facility_at_a_place_whose_law_is_not_known_is_refused_and_says_so(ice: Any, essex: Any) -> None:
    with as_role("detainer_worker"):
        table("Facility").objects.filter(code=essex.facility).update(jurisdiction="us/md/baltimore")
    with refused("invalid", "facility") as refusal:
        lodge(ice, essex)
    assert "us/md/baltimore_city" in refusal.value.detail


# --- the request ---


@pytest.mark.parametrize("asks", [[], ["detain"], ["notify", "detain"], ["notify", "notify"], "notify", None, [None], [["hold"]]])
def test_asks_that_are_empty_unknown_or_said_twice_are_refused(ice: Any, essex: Any, asks: Any) -> None:
    with refused("invalid") as refusal:
        do(ice.officer, "request.lodge", {"facility": essex.facility, "asks": asks})
    assert refusal.value.errors[0].field.startswith("asks")


@pytest.mark.parametrize("form", ["I-247G", "I-247N"])
@pytest.mark.parametrize("beyond", ["hold", "transfer"])
def test_a_form_that_only_asks_for_notice_asks_for_no_more(ice: Any, essex: Any, form: str, beyond: str) -> None:
    with refused("contradiction", "asks") as refusal:
        lodge(ice, essex, "notify", beyond, form=form)
    assert form in refusal.value.detail
    assert lodge(ice, essex, "notify", form=form)


@pytest.mark.parametrize(
    ("basis", "field"),
    [
        ({"warrant": "judicial_criminal", "warrant_form": "I-200"}, "basis.warrant_form"),
        ({"warrant": "none", "warrant_signed_by": "an officer"}, "basis.warrant"),
        ({"probable_cause": ["biometric"], "dhs_transferred_custody": True}, "basis.probable_cause"),
    ],
)
def test_a_basis_that_contradicts_itself_is_refused(ice: Any, essex: Any, basis: Any, field: str) -> None:
    with refused("contradiction", field):
        lodge(ice, essex, basis=basis)


# --- time ---

NONSENSE = (
    "yesterday",
    "2026-02-30",
    "2026-13",
    "29/01/2024",
    "2024-01-29T09:30",
    "T",
    "....",
    "2026-03-02/2026-03-01",
    "9" * 65,
)


@pytest.mark.parametrize("occurred", [*NONSENSE, "\x00\x00\x00\x00", "\ud800\ud800\ud800\ud800"])
def test_a_time_that_is_no_time_is_refused_by_every_kind_of_command(ice: Any, essex: Any, occurred: str) -> None:
    request, stay = linked(ice, essex)
    given: list[tuple[Any, str, Any, Any]] = [
        (ice.officer, "request.lodge", {"facility": essex.facility}, None),
        (essex.clerk, "request.serve", {}, request),
        (essex.clerk, "stay.book", {"facility": essex.facility, "booking_number": "24-99"}, None),
        (essex.clerk, "stay.release_due", {}, stay),
        (essex.clerk, "stay.release", {}, stay),
        (ice.officer, "file.begin", {}, None),
    ]
    for actor, name, data, stream in given:
        with refused("invalid", "occurred"):
            do(actor, name, {**data, "occurred": occurred}, stream)


@pytest.mark.parametrize("occurred", [7, 1.5, True, ["2026"], {"at": "2026"}])
def test_a_time_is_a_text(essex: Any, occurred: Any) -> None:
    with refused("invalid", "occurred"):
        do(essex.clerk, "stay.book", {"facility": essex.facility, "occurred": occurred})


@pytest.mark.parametrize("occurred", ["2026-03-03", "2026-03-02T15:06Z", "2027", "9998-12-31"])
def test_a_time_in_the_future_is_refused(ice: Any, essex: Any, occurred: str) -> None:
    request, stay = linked(ice, essex)
    with refused("invalid", "occurred") as refusal:
        do(essex.clerk, "stay.release", {"occurred": occurred}, stay)
    assert "future" in refusal.value.detail
    with refused("invalid", "occurred"):
        do(ice.officer, "request.lodge", {"facility": essex.facility, "occurred": occurred})
    with refused("invalid", "occurred"):
        do(essex.clerk, "request.serve", {"occurred": occurred}, request)


def test_clocks_that_differ_by_minutes_do_not_refuse(essex: Any) -> None:
    assert book(essex, occurred="2026-03-02T15:04:59Z")


def test_a_form_is_not_prepared_in_the_future(ice: Any, essex: Any) -> None:
    with refused("invalid", "prepared_on"):
        lodge(ice, essex, prepared_on="2026-03-04")


def test_nothing_happened_before_the_person_was_born(ice: Any, essex: Any) -> None:
    with refused("invalid", "occurred"):
        lodge(ice, essex, occurred="1990-04-30")
    with refused("invalid", "prepared_on"):
        lodge(ice, essex, prepared_on="1989")
    with refused("invalid", "person.date_of_birth"):
        do(essex.clerk, "stay.book", {"facility": essex.facility, "occurred": "1985"})
    file = do(ice.officer, "file.begin", {"occurred": "2022-07"}).stream
    with refused("invalid", "occurred"):
        do(ice.officer, "file.record", {"kind": "hearing", "occurred": "1989"}, file)


def test_nobody_is_born_in_the_future(ice: Any, essex: Any) -> None:
    born = {"name": "A", "date_of_birth": "2026-03-03"}
    with refused("invalid", "person.date_of_birth"):
        lodge(ice, essex, person=born)
    with refused("invalid", "person.date_of_birth"):
        do(essex.clerk, "stay.book", {"facility": essex.facility, "person": born})


def test_a_release_before_the_booking_is_refused(essex: Any) -> None:
    stay = book(essex, occurred="2026-03-01T12:00-05:00")
    for occurred in ("2026-02-27", "2026-03-01T11:59-05:00"):
        with refused("invalid", "occurred") as refusal:
            do(essex.clerk, "stay.release", {"occurred": occurred}, stay)
        assert "before the stay began" in refusal.value.detail
    do(essex.clerk, "stay.release", {"occurred": "2026-03-01"}, stay)


def test_a_moment_of_release_that_is_only_a_day_is_refused(essex: Any) -> None:
    stay = book(essex, occurred="2026-02-01")
    with refused("invalid", "occurred"):
        do(essex.clerk, "stay.release_due", {"occurred": "2026-03-01"}, stay)


# --- states ---


def test_a_closed_request_is_neither_decided_nor_served_nor_handed_over(ice: Any, essex: Any) -> None:
    request, _ = linked(ice, essex)
    do(essex.clerk, "request.close", {"cause": "other"}, request)
    for name in ("decide", "serve", "hand_over", "give_notice", "start_hold", "close", "not_here", "acknowledge"):
        with refused("state"):
            do(essex.clerk, f"request.{name}", {}, request)


def test_a_person_who_was_released_is_not_handed_over(ice: Any, essex: Any) -> None:
    request, stay = linked(ice, essex)
    do(essex.clerk, "stay.release", {}, stay)
    with refused("state"):
        do(essex.clerk, "request.hand_over", {}, request)


def test_a_booking_number_is_given_once(essex: Any) -> None:
    book(essex, booking_number="24-100")
    with refused("state", "booking_number"):
        do(essex.clerk, "stay.book", {"facility": essex.facility, "booking_number": "24-100"})


# --- texts ---


@pytest.mark.parametrize("text", HOSTILE)
def test_sql_html_and_every_script_are_kept_verbatim_in_every_field(ice: Any, essex: Any, text: str) -> None:
    person = {"name": text, "sex": text[:20].strip(), "citizenship": text, "numbers": {"a_number": text, "other": text}}
    request = lodge(ice, essex, person=person, reference=text, contact=text, note=text)
    identity = rows("Identity", person=row("Request", request).person, agency=essex.id)[0]
    assert (identity.name, identity.citizenship, identity.numbers["other"]) == (text, text, text)
    assert (row("Request", request).reference, row("Request", request).view["contact"]) == (text, text)
    number = f"{text[:100]} {uuid4().hex[:8]}"
    stay = book(essex, booking_number=number, note=text, charges=[{"offence": text, "statute": text}])
    assert row("Stay", stay).booking_number == number
    assert row("Stay", stay).view["charges"][0]["offence"] == text
    do(essex.clerk, "request.acknowledge", {"booking_number": number, "note": text, "latest_charge": text}, request)
    do(essex.clerk, "request.serve", {"language": text, "served_by": text, "note": text}, request)
    do(essex.clerk, "request.decide", {"ask": "notify", "reason": text, "note": text}, request)
    do(essex.clerk, "request.give_notice", {"place": text, "reached": text, "note": text}, request)
    do(ice.officer, "request.state", {"text": text}, request)
    said = [value for event in told(request) for value in event.data.values() if value == text]
    assert len(said) >= 11
    assert ask(request, "notify")["reason"] == text


@pytest.mark.parametrize("text", CONTROLS)
def test_control_characters_and_half_characters_are_refused_in_every_field(ice: Any, essex: Any, text: str) -> None:
    request, stay = linked(ice, essex)
    person = {**PERSON, "name": text}
    tries: list[tuple[Any, str, Any, Any]] = [
        (ice.officer, "request.lodge", {"facility": essex.facility, "person": person}, None),
        (ice.officer, "request.lodge", {"facility": text}, None),
        (ice.officer, "request.lodge", {"facility": essex.facility, "reference": f"a{text}b"}, None),
        (ice.officer, "request.relay", {"facility": f"a{text}b"}, request),
        (essex.clerk, "request.decide", {"ask": "notify", "reason": f"a{text}b"}, request),
        (essex.clerk, "request.record_facts", {"facts": {"offence": f"a{text}b"}}, request),
        (essex.clerk, "request.record_facts", {"facts": {f"a{text}b": 1}}, request),
        (essex.clerk, "request.acknowledge", {"booking_number": f"a{text}b"}, request),
        (essex.clerk, "stay.book", {"facility": essex.facility, "booking_number": f"a{text}b"}, None),
        (essex.clerk, "stay.charge", {"charges": [{"offence": f"a{text}b"}]}, stay),
        (essex.clerk, "stay.release", {"note": f"a{text}b"}, stay),
        (ice.officer, "file.begin", {"data": {"place": f"a{text}b"}}, None),
    ]
    for actor, name, data, stream in tries:
        with refused("invalid"):
            do(actor, name, data, stream, key=str(uuid4()))


def test_a_text_of_several_lines_goes_where_there_is_room_for_it_and_nowhere_else(ice: Any, essex: Any) -> None:
    request = lodge(ice, essex, note="first\r\nsecond\tthird")
    assert told(request)[0].data["note"] == "first\nsecond\tthird"
    with refused("invalid", "reference"):
        lodge(ice, essex, reference="first\nsecond")


def test_a_text_that_is_too_long_or_empty_is_refused(ice: Any, essex: Any) -> None:
    for field, text in (("reference", "x" * 201), ("note", "x" * 4001), ("reference", "   "), ("contact", "")):
        with refused("invalid", field):
            lodge(ice, essex, **{field: text})
    for field, longest in (("name", 200), ("sex", 20), ("citizenship", 100)):
        assert lodge(ice, essex, person={**PERSON, field: "x" * longest})
        with refused("invalid", f"person.{field}"):
            lodge(ice, essex, person={**PERSON, field: "x" * (longest + 1)})


@pytest.mark.parametrize("value", [10**400, 2**53, -(2**53), 1.5, float("inf"), float("nan"), "9" * 400])
def test_a_number_that_not_every_reader_reads_alike_is_refused(ice: Any, essex: Any, value: Any) -> None:
    request = lodge(ice, essex)
    for key in (None, str(uuid4())):
        with refused("invalid"):
            do(essex.clerk, "request.record_facts", {"facts": {"age": value}}, request, key=key)


def nested(levels: int) -> Any:
    found: Any = "deep"
    for _ in range(levels):
        found = {"a": found}
    return found


@pytest.mark.parametrize("levels", [17, 300, 5000])
def test_json_that_is_too_deep_is_refused(ice: Any, essex: Any, levels: int) -> None:
    request = lodge(ice, essex)
    for key in (None, str(uuid4())):
        with refused("invalid"):
            do(essex.clerk, "request.record_facts", {"facts": nested(levels)}, request, key=key)
        with refused("invalid"):
            lodge(ice, essex, basis=nested(levels))
        with refused("invalid"):
            do(ice.officer, "request.lodge", {"facility": essex.facility, "note": nested(levels)}, key=key)


@pytest.mark.parametrize("value", [None, 7, True, [], {}, "x", [[]]])
def test_a_value_of_another_kind_is_refused_wherever_an_object_is_asked(ice: Any, essex: Any, value: Any) -> None:
    with refused("invalid"):
        do(ice.officer, "request.lodge", {"facility": essex.facility, "basis": value if value != {} else [{}]})
    request = lodge(ice, essex)
    if value != {}:
        with refused("invalid"):
            do(essex.clerk, "request.record_facts", {"facts": value}, request)


@pytest.mark.parametrize("value", ["not an id", 7, {}, "0" * 32 + "g", "\x00"])
def test_an_id_that_is_no_id_is_refused(ice: Any, essex: Any, value: Any) -> None:
    request = lodge(ice, essex)
    with refused("invalid", "stay"):
        do(essex.clerk, "request.acknowledge", {"stay": value}, request)
    with refused("invalid", "replaces"):
        lodge(ice, essex, replaces=value)


def test_a_move_or_a_transfer_to_a_facility_that_is_not_there_is_refused(essex: Any, missouri: Any) -> None:
    stay = book(essex)
    with refused("facility-unknown", "facility"):
        do(essex.clerk, "stay.move", {"to": "facility", "facility": "NOWHERE9"}, stay)
    with refused("invalid", "facility"):
        do(essex.clerk, "stay.move", {"to": "facility", "facility": missouri.facility}, stay)
    with refused("facility-unknown", "facility"):
        do(essex.clerk, "stay.move", {"to": "court", "facility": "NOWHERE9"}, stay)
    with refused("facility-unknown", "to_facility"):
        do(essex.clerk, "stay.transfer", {"to_facility": "NOWHERE9"}, stay)


def test_a_booking_at_another_s_facility_is_refused(essex: Any, missouri: Any) -> None:
    with refused("invalid", "facility"):
        do(essex.clerk, "stay.book", {"facility": missouri.facility})


def test_a_refusal_does_not_repeat_who_the_person_is(ice: Any, essex: Any) -> None:
    with refused("invalid") as refusal:
        lodge(ice, essex, person={"name": "Ana Maria Example", "date_of_birth": "the first of May", "numbers": {"ssn": "123-45"}})
    assert not any(word in json.dumps(refusal.value.problem()) for word in ("Example", "first of May", "123-45"))


def test_a_basis_is_kept_as_it_was_said(ice: Any, essex: Any) -> None:
    assert row("Request", lodge(ice, essex)).view["basis"]["warrant_form"] == ADMINISTRATIVE["warrant_form"]
