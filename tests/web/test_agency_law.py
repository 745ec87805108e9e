"""The page of an agency's own law: looked at, adopted, superseded and withdrawn; what is wrong stands next to its field."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from page_reading import words_of
from web_making import acknowledged, signed_in, table, text

from layer_making import LAYER

PAGE = "/agency/law"


def send(agency: Any, do: str = "adopt", layer: Any = LAYER, **more: Any) -> Any:
    """Send the form as the agency's supervisor."""
    told = {"text": layer, "from_day": "2024-02-01", "person": "the sheriff", "note": "", "do": do, **more}
    return signed_in(agency.supervisor).post(PAGE, told)


def entries(agency: Any) -> int:
    from web_making import acting

    with acting(agency.id):
        return int(table("LawLayer").objects.filter(agency=agency.id).count())


def test_a_layer_is_adopted_and_listed_with_its_file(party: Any) -> None:
    jail = party("custodian")
    response = send(jail, note="after the vote")
    assert (response.status_code, response.headers["Location"]) == (302, PAGE)
    page = words_of(signed_in(jail.clerk).get(PAGE))
    for said in ("Essex County, Massachusetts", "In force", "1 February 2024", "the sheriff", "after the vote", "Order 7"):
        assert said in page, said
    assert "were adopted by this agency (the sheriff)" in page
    assert "It is for us/ma/essex_county, as its path says." in words_of(signed_in(jail.supervisor).get(PAGE))


def test_the_request_s_page_answers_under_it_and_names_who_adopted_it(party: Any) -> None:
    jail, ice = party("custodian"), party("requester", facility_kind="federal", jurisdiction="us")
    send(jail)
    request = acknowledged(ice, jail)
    page = words_of(signed_in(jail.clerk).get(f"/requests/{request}"))
    assert "Order 7" in page
    assert "(the sheriff) on 2024-02-01" in page


def test_the_directory_tells_every_agency_whose_own_law_it_is(party: Any) -> None:
    jail, ice = party("custodian"), party("requester", facility_kind="federal", jurisdiction="us")
    send(jail)
    page = words_of(signed_in(ice.officer).get(f"/directory/{jail.facility}"))
    assert "us/ma/essex_county, adopted by the sheriff, in force from 1 February 2024" in page
    assert "Notify before release Must not" in page


def test_a_layer_is_looked_at_as_sentences_and_what_is_in_vain_is_marked(party: Any) -> None:
    jail = party("custodian")
    permit = LAYER.replace("asks: [notify]", "asks: [hold]").replace("effect: forbid", "effect: permit")
    response = send(jail, "look", permit)
    page = words_of(response)
    assert response.status_code == 200
    assert "A jail may keep the person past release." in page
    assert "Without effect On Hold past release: " in page
    assert "of Massachusetts (Lunn v. Commonwealth" in page
    assert "asks: [hold]" in page  # the text stands in the form, ready to be adopted
    assert entries(jail) == 0


def test_a_file_takes_the_place_of_the_text_and_is_shown_in_it(party: Any) -> None:
    jail = party("custodian")
    file = SimpleUploadedFile("order.yaml", LAYER.encode())
    assert "Order 7" in words_of(send(jail, "look", "", file=file))
    assert send(jail, "adopt", "path: nonsense", file=SimpleUploadedFile("order.yaml", LAYER.encode())).status_code == 302


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"layer": LAYER.replace("    effect", "     effect")}, "Text: Line 11: not YAML"),
        ({"layer": LAYER.replace("effect:", "cite: twice\n    effect:")}, "key [cite] stands twice"),
        ({"layer": LAYER.replace("essex", "bristol")}, "[us/ma/bristol_county] is not the place of a facility of this agency"),
        ({"layer": LAYER.replace("forbid", "<b>forbid</b>")}, "[<b>forbid</b>] is not one of"),
        ({"layer": ""}, "Choose a file, or write the layer here."),
        ({"file": SimpleUploadedFile("a.yaml", b"\xff\xfe\x00")}, "The file is not text in UTF-8."),
        ({"from_day": "tomorrow"}, "In force from: Enter a valid date."),
        ({"from_day": "0900-01-01"}, "In force from: Input should be greater than or equal to 1900-01-01."),
        ({"person": ""}, "Adopted by: This field is required."),
        ({"layer": "\x07"}, "control character"),
    ],
)
def test_what_is_wrong_is_told_next_to_its_field_and_what_was_typed_stays(party: Any, change: Any, says: str) -> None:
    jail = party("custodian")
    for do in ("look", "adopt"):
        if "file" in change:
            change["file"].seek(0)
        response = send(jail, do, **change)
        page = words_of(response)
        assert response.status_code == 422
        assert says in page, page
        assert "the sheriff" in response.content.decode() or not change.get("person", "x")
    assert entries(jail) == 0


def test_a_layer_is_withdrawn_and_stays_in_the_history(party: Any) -> None:
    jail = party("custodian")
    send(jail)
    client = signed_in(jail.supervisor)
    told = {"place": "us/ma/essex_county", "from_day": "2024-03-01", "person": "the board", "note": "repealed"}
    assert client.post(f"{PAGE}/withdraw", {**told, "from_day": "2023-01-01"}).status_code == 422
    assert client.post(f"{PAGE}/withdraw", {**told, "place": "us"}).status_code == 422
    assert client.post(f"{PAGE}/withdraw", told).status_code == 302
    page = words_of(client.get(PAGE))
    assert "Withdrawn" in page
    assert "No longer" in page
    assert "Withdraw a layer" not in page
    assert entries(jail) == 2


def test_a_layer_whose_day_has_not_come_is_to_come(party: Any) -> None:
    jail = party("custodian")
    send(jail, from_day="2190-01-01")
    assert "To come" in text(signed_in(jail.clerk), PAGE)


def test_who_is_no_supervisor_reads_and_changes_nothing(party: Any) -> None:
    jail = party("custodian")
    page = text(signed_in(jail.clerk), PAGE)
    assert "<textarea" not in page
    assert "A supervisor of the agency adopts and withdraws." in page
    for address in (PAGE, f"{PAGE}/withdraw"):
        assert signed_in(jail.clerk).post(address, {"text": LAYER}).status_code == 403
    assert signed_in(party("requester").supervisor).get(PAGE).status_code == 403
