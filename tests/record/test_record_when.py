"""Times: instants and uncertain dates as intervals."""

import datetime as dt
import re

import pytest
from edtf import parse_edtf
from hypothesis import given, settings
from hypothesis import strategies as st

from detainer.record import when

BOSTON = "America/New_York"


def hours(text: str, zone: str) -> float:
    found = when.parse(text, zone)
    assert found.from_ is not None
    assert found.to is not None
    return (found.to - found.from_) / dt.timedelta(hours=1)


def test_a_day_is_the_local_day_of_its_zone() -> None:
    found = when.parse("2024-01-29", BOSTON)
    assert found.from_ == dt.datetime(2024, 1, 29, 5, tzinfo=dt.UTC)
    assert found.to == dt.datetime(2024, 1, 30, 5, tzinfo=dt.UTC)


@pytest.mark.parametrize(("day", "length"), [("2024-03-10", 23), ("2024-11-03", 25), ("2024-07-04", 24)])
def test_a_day_on_which_the_clocks_change_is_as_long_as_it_was(day: str, length: int) -> None:
    assert hours(day, BOSTON) == length
    assert hours(day, "UTC") == 24


@pytest.mark.parametrize(
    ("text", "days"), [("2024-02-29", 1), ("2024-02", 29), ("2023-02", 28), ("2024", 366), ("1900", 365), ("2023-12", 31)]
)
def test_leap_days_and_year_ends_are_those_of_the_calendar(text: str, days: int) -> None:
    assert hours(text, "UTC") == days * 24


def test_the_last_day_of_a_year_ends_where_the_next_year_begins() -> None:
    assert when.parse("2023-12-31", BOSTON).to == when.parse("2024", BOSTON).from_


def test_an_instant_has_no_length_and_keeps_its_text() -> None:
    found = when.parse("2024-01-29T09:30-05:00", BOSTON)
    assert found.is_instant
    assert found.from_ == found.to == dt.datetime(2024, 1, 29, 14, 30, tzinfo=dt.UTC)
    assert found.text == "2024-01-29T09:30-05:00"


def test_an_open_end_is_none() -> None:
    assert when.parse("2024-01-29/..").to is None
    assert when.parse("../2024-01-29").from_ is None
    assert (when.parse("../..").from_, when.parse("../..").to) == (None, None)


def test_an_interval_goes_from_the_first_day_to_the_end_of_the_last() -> None:
    found = when.parse("2024-01-29/2024-03-28")
    assert found.from_ == dt.datetime(2024, 1, 29, tzinfo=dt.UTC)
    assert found.to == dt.datetime(2024, 3, 29, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("nonsense", "is not a date"),
        ("", "is not a date"),
        (" 2024", "is not a date"),
        ("2024-01-29\n", "is not a date"),
        ("٢٠٢٤", "is not a date"),
        ("2024-13", "month must be in 1..12"),
        ("2023-02-29", "day is out of range"),
        ("2024-21-05", "a season"),
        ("29/01/2024", "is not a date"),
        ("[2023,2024]", "is not a date"),
        ("2024-02-01/2024-01-01", "ends before it starts"),
        ("2024/", "write .. for an open one"),
        ("/2024", "write .. for an open one"),
        ("2024-01-29T09:30", "an instant with its offset"),
        ("2024-01-29T25:00Z", "hour must be in 0..23"),
        ("2024-01-29T09:30+99:00", "is not an instant"),
        ("0999", "between the years 1000 and 9998"),
        ("9999-12-31", "between the years 1000 and 9998"),
        ("0001-01-01T00:00Z", "between the years 1000 and 9998"),
        ("2024-" * 40, "longer than 64"),
    ],
)
def test_nonsense_is_refused_with_what_is_wrong_and_what_would_be_right(text: str, said: str) -> None:
    with pytest.raises(ValueError, match=re.escape(said)):
        when.parse(text)


@given(st.text(alphabet="0123456789-/.X~?%TZ+: ", max_size=30), st.sampled_from(["UTC", BOSTON, "Asia/Tokyo", "Pacific/Apia"]))
def test_any_text_is_an_interval_or_is_refused_by_a_value_error(text: str, zone: str) -> None:
    try:
        found = when.parse(text, zone)
    except ValueError:
        return
    assert found.from_ is None or found.to is None or found.from_ <= found.to
    assert when.in_words(found, zone)


years = st.integers(1900, 2100).map(str)
months = st.integers(1, 12).map("{:02d}".format)
days = st.dates(dt.date(1900, 1, 1), dt.date(2100, 12, 31)).map(dt.date.isoformat)
marks = st.sampled_from(["", "~", "?", "%"])
sides = st.one_of(
    st.builds("{}{}".format, st.one_of(years, st.builds("{}-{}".format, years, months), days), marks),
    st.integers(190, 209).map("{}X".format),
    years.map("{}-XX".format),
    years.map("{}-XX-XX".format),
    st.builds("{}-{}-XX".format, years, months),
    st.builds("{}-{}".format, years, st.integers(21, 24)),
)


@settings(max_examples=60, deadline=None)
@given(sides)
def test_the_days_are_those_that_the_edtf_library_finds(text: str) -> None:
    parsed = parse_edtf(text)
    found = when.parse(text)
    assert found.from_ is not None
    assert found.to is not None
    assert found.from_.date().timetuple()[:3] == parsed.lower_strict()[:3]
    assert (found.to - dt.timedelta(days=1)).date().timetuple()[:3] == parsed.upper_strict()[:3]


@given(st.integers(-(2**51), 2**51))
def test_the_text_of_an_instant_is_read_back_as_the_instant(microseconds: int) -> None:
    at = dt.datetime(2024, 1, 29, tzinfo=dt.timezone(dt.timedelta(hours=-5))) + dt.timedelta(microseconds=microseconds)
    assert when.parse(when.instant(at)).from_ == at


def test_a_naive_instant_is_refused() -> None:
    with pytest.raises(ValueError, match="no time zone"):
        when.instant(dt.datetime(2024, 1, 1))  # noqa: DTZ001


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("2024-01-29", "on 29 January 2024"),
        ("2024-01-29?", "on 29 January 2024 (uncertain)"),
        ("2024-01-29T09:30-05:00", "09:30 EST on 29 January 2024"),
        ("2024-07-04T12:00Z", "08:00 EDT on 4 July 2024"),
        ("2022-07", "some time in July 2022"),
        ("2022-07~", "about July 2022"),
        ("2022", "some time in 2022"),
        ("202X", "some time in the 2020s"),
        ("2022-XX", "some time in 2022"),
        ("2022-21", "some time in spring 2022"),
        ("2022-07/..", "July 2022 or later"),
        ("../2024-03-28", "some time up to 28 March 2024"),
        ("../..", "at a time that is not known"),
        ("2024-01-29/2024-03-28", "some time from 29 January 2024 to 28 March 2024"),
        ("2024-01-29/2024-01-29", "on 29 January 2024"),
        ("2004%/2004-06~", "some time from about 2004 (uncertain) to about June 2004"),
    ],
)
def test_a_time_reads_as_a_person_would_say_it(text: str, words: str) -> None:
    assert when.in_words(when.parse(text, BOSTON), BOSTON) == words


@pytest.mark.parametrize(
    ("text", "rough"),
    [("2024-01-29", False), ("2024-01-29T09:30Z", False), ("2024-01", True), ("2024-01-29~", True), ("2024-01-29/..", True)],
)
def test_a_time_is_rough_when_not_even_the_day_is_known(text: str, rough: bool) -> None:
    assert when.parse(text).is_rough is rough


def test_the_lynn_arrest_came_59_days_after_the_arraignment() -> None:
    arraigned, arrested = when.parse("2024-01-29", BOSTON), when.parse("2024-03-28T09:00-04:00", BOSTON)
    assert when.days_between(arraigned, arrested, BOSTON) == 59
    assert when.days_between(when.parse("2022-07"), arrested, BOSTON) is None


def test_a_day_stays_the_day_that_was_said_whatever_zone_it_was_parsed_with() -> None:
    assert when.days_between(when.parse("2024-01-29"), when.parse("2024-03-28"), BOSTON) == 59


def test_only_what_lies_wholly_after_an_instant_is_after_it() -> None:
    noon = dt.datetime(2024, 1, 29, 12, tzinfo=dt.UTC)
    assert when.is_after(when.parse("2024-01-30"), noon)
    assert not when.is_after(when.parse("2024-01-29"), noon)
    assert not when.is_after(when.parse("../2024-02"), noon)
