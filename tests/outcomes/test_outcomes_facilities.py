"""Where a detainer was sent is told by the row, then by the facility's code; a name only suggests."""

from typing import Any

import ibis
import pytest

from detainer.outcomes.deriving import counties
from detainer.outcomes.deriving.facilities import plain, suggested, with_places

COLUMNS = ("detention_facility_code", "detention_facility", "facility_state", "facility_aor")


def placed(*rows: tuple[Any, ...]) -> list[dict[str, Any]]:
    table = ibis.memtable([dict(zip(COLUMNS, row, strict=True)) for row in rows], schema=dict.fromkeys(COLUMNS, "string"))
    return with_places(table.mutate(at=ibis.row_number())).order_by("at").to_pyarrow().to_pylist()


def test_a_code_fills_state_county_and_area_and_says_so() -> None:
    [row] = placed(("  aaordmd ", "ORDNANCE ROAD", None, None))
    assert (row["facility_code"], row["state"], row["county"]) == ("AAORDMD", "MD", "us/md/anne_arundel_county")
    assert (row["county_fips"], row["area"], row["place"]) == ("24003", "Baltimore", "us/md/anne_arundel_county")
    assert row["filled"] == "state,county,area"


def test_what_the_row_says_stands_and_is_not_marked_as_filled() -> None:
    [row] = placed((None, "SOME JAIL", "MASSACHUSETTS", "Boston Area of Responsibility"))
    assert (row["state"], row["area"], row["place"], row["filled"]) == ("MA", "Boston", "us/ma", None)


def test_a_code_of_another_state_tells_nothing_of_the_county() -> None:
    [row] = placed(("AAORDMD", "ORDNANCE ROAD", "VIRGINIA", None))
    assert (row["state"], row["county"], row["place"]) == ("VA", None, "us/va")


def test_the_county_that_a_jail_is_named_after_counts_over_the_lists_wrong_one() -> None:
    [row] = placed(("ALBCONY", "ALBANY COUNTY JAIL", "NEW YORK", None))
    assert row["county"] == "us/ny/albany_county", "the list of 2017 says Kings"


def test_the_same_name_in_two_states_is_two_places() -> None:
    rows = placed((None, "FRANKLIN COUNTY JAIL", "PENNSYLVANIA", None), (None, "FRANKLIN COUNTY JAIL", "OHIO", None))
    assert [row["place"] for row in rows] == ["us/pa", "us/oh"]
    assert [row["county"] for row in rows] == [None, None], "a name fills nothing"


def test_an_area_is_filled_where_its_state_or_county_lies_wholly_in_one() -> None:
    rows = placed((None, "X", "NEW JERSEY", None), (None, "X", "TEXAS", None), ("BEXARTX", "BEXAR", "TEXAS", None))
    assert [row["area"] for row in rows[:2]] == ["Newark", None], "Texas has five areas"


def test_a_state_that_is_none_is_not_known() -> None:
    [row] = placed((None, "X", "NOWHERE", None))
    assert (row["state"], row["place"]) == (None, "us")


def test_a_name_suggests_a_county_and_codes_of_its_own_state_only() -> None:
    rows = [("MONTGOMERY CNTY JAIL, PA", "PENNSYLVANIA"), ("MONTGOMERY CNTY JAIL", "OHIO"), ("MOSHANNON VALLEY", "PENNSYLVANIA")]
    table = ibis.memtable(
        [dict(zip(COLUMNS, (None, name, state, None), strict=True)) for name, state in rows],
        schema=dict.fromkeys(COLUMNS, "string"),
    )
    found = {(row["detention_facility"], row["state"]): row for row in suggested(with_places(table)).to_pyarrow().to_pylist()}
    assert found["MONTGOMERY CNTY JAIL, PA", "PA"]["suggested_county"] == "us/pa/montgomery_county"
    assert found["MONTGOMERY CNTY JAIL, PA", "PA"]["suggested_codes"] == "MONTGPA"
    assert found["MONTGOMERY CNTY JAIL", "OH"]["suggested_county"] == "us/oh/montgomery_county"
    assert found["MOSHANNON VALLEY", "PA"]["suggested_county"] is None


@pytest.mark.parametrize(
    ("state", "text", "county"),
    [
        ("PA", "MONTGOMERY CNTY JAIL, PA", "us/pa/montgomery_county"),
        ("MN", "ST. LOUIS CO. JAIL", "us/mn/st_louis_county"),
        ("LA", "ORLEANS PARISH PRISON", "us/la/orleans_parish"),
        ("MD", "BALTIMORE COUNTY DETENTION", "us/md/baltimore_county"),
        ("PA", "CHESTER TOWN LOCKUP", None),
        ("OH", "ESSEX COUNTY JAIL", None),
    ],
)
def test_a_text_names_a_county_only_if_its_state_has_it(state: str, text: str, county: str | None) -> None:
    assert counties.in_text(state, text) == county


def test_names_are_compared_with_their_abbreviations_spelled_out() -> None:
    assert plain("Delaware Co. Jail, PA") == plain("DELAWARE COUNTY JAIL")
