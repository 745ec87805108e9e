"""Places: real ones are answered, others refused with the nearest names."""

import datetime as dt

import pytest

from detainer import law
from detainer.law.gazetteer import counties

ON = dt.date(2024, 1, 29)


def ask(place: str) -> law.Answer:
    return law.answer(place, "hold", ON, {"facility": "jail", "warrant": "administrative"})


def test_a_county_without_a_file_is_answered_by_the_layers_above() -> None:
    assert ask("us/ma/essex").value == ask("us/ma/essex_county").value == "must_not"
    assert "no local rule is known for us/ma/worcester" in ask("us/ma/worcester").notes


def test_a_state_without_a_file_says_that_its_law_is_not_known() -> None:
    assert any(note.startswith("no state law is known for us/pr (Puerto Rico)") for note in ask("us/pr").notes)


def test_the_list_of_counties_is_the_census_list() -> None:
    assert len(counties()) == 3222 or len(counties()) == 3223
    assert counties()["us/ma/essex_county"] == "25009"
    assert counties()["us/la/orleans_parish"] == "22071"


@pytest.mark.parametrize(
    ("place", "message"),
    [
        (
            "us/ma/esex",
            "[us/ma/esex] is no county of Massachusetts, no city on our list, and has no file of law; nearest",
        ),
        ("us/md/baltimore", "[us/md/baltimore] can mean us/md/baltimore_county or us/md/baltimore_city; write which"),
        ("us/massachusetts/essex", "[us/massachusetts/essex] is not a place; nearest: us/ma/essex"),
        ("us/xx", "[us/xx] is not a place; a place is us, us/ma or us/ma/essex_county"),
        ("essex", "[essex] is not a place; a place is us, us/ma or us/ma/essex_county"),
    ],
)
def test_a_place_that_does_not_exist_is_refused_with_the_nearest(place: str, message: str) -> None:
    with pytest.raises(law.PlaceUnknown) as refused:
        ask(place)
    assert message in str(refused.value)


@pytest.mark.parametrize(
    ("county", "city"),
    [
        ("us/ny/kings_county", "us/ny/new_york_city"),
        ("us/ny/kings", "us/ny/new_york_city"),
        ("us/pa/philadelphia_county", "us/pa/philadelphia"),
    ],
)
def test_a_county_that_is_one_with_a_city_is_answered_by_the_city_s_law(county: str, city: str) -> None:
    answer = law.answer(county, "hold", dt.date(2026, 1, 1), {"facility": "jail", "warrant": "administrative"})
    assert city in {step.place for step in answer.trace}


@pytest.mark.parametrize("place", ["us/ma/lynn", "us/il/chicago", "us/wa/seattle"])
def test_a_city_without_a_file_is_answered_by_its_state_and_says_so(place: str) -> None:
    assert f"no local rule is known for {place}" in ask(place).notes
