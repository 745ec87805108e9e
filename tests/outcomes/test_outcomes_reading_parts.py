"""The parts of a reading that are pure: dates in every form, the order of day and month, the release that a name tells."""

import datetime as dt
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detainer.outcomes.reading.columns import TABLES, key_of
from detainer.outcomes.reading.dates import Evidence, moments_of
from detainer.outcomes.reading.releases import number_in, release_of
from detainer.outcomes.reading.titles import layout_of, nearest, titles_at

DAYS = st.dates(dt.date(1931, 1, 1), dt.date(2030, 12, 31))
FORMS = (
    "%Y-%m-%d",
    "%m/%d/%Y",
    "%m/%d/%y",
    "%m-%d-%Y",
    "%m.%d.%Y",
    "%d-%b-%Y",
    "%d%b%Y",
    "%B %d, %Y",
    "%Y%m%d",
    "%Y/%m/%d",
    "%d-%b-%y",
)


def read(text: str, order: str | None = "month_first") -> dt.datetime | None:
    found = moments_of(pa.array([text]), order)[0]
    return None if np.isnat(found) else found.astype(dt.datetime)


@settings(deadline=None)  # the machine may be shared
@given(DAYS, st.sampled_from(FORMS))
def test_a_day_is_read_in_every_form_that_the_releases_use(day: dt.date, form: str) -> None:
    assert read(day.strftime(form)) == dt.datetime.combine(day, dt.time())


@settings(deadline=None)  # the machine may be shared
@given(DAYS)
def test_without_an_order_only_what_has_one_reading_is_read(day: dt.date) -> None:
    one = day.day > 12 or day.day == day.month
    assert read(day.strftime("%d/%m/%Y"), None) == (dt.datetime.combine(day, dt.time()) if one else None)
    assert read(day.strftime("%d/%m/%Y"), "day_first") == dt.datetime.combine(day, dt.time())


@settings(deadline=None)  # the machine may be shared
@given(st.datetimes(dt.datetime(1990, 1, 1), dt.datetime(2029, 1, 1)))  # noqa: DTZ001
def test_a_moment_keeps_its_minute_in_each_way_of_writing_the_hour(moment: dt.datetime) -> None:
    moment = moment.replace(second=0, microsecond=0)
    for form in ("%Y-%m-%d %H:%M:00", "%Y-%m-%dT%H:%M:00Z", "%m/%d/%Y %H:%M", "%m/%d/%Y %I:%M %p", "%m/%d/%y %I:%M:00 %p"):
        assert read(moment.strftime(form)) == moment


@settings(deadline=None)  # the machine may be shared
@given(st.text(max_size=30))
def test_any_text_is_a_moment_or_nothing(text: str) -> None:
    found = read(text)
    assert found is None or any(letter.isdigit() for letter in text)


@pytest.mark.parametrize(
    "text", ["02/30/2019", "2/29/2023", "00/00/0000", "13/13/2020", "2017-00-12", "10/1/2015 25:00", "99999", ""]
)
def test_a_day_that_does_not_exist_is_nothing(text: str) -> None:
    assert read(text) is None


def test_the_evidence_counts_rows_not_different_values() -> None:
    evidence = Evidence()
    evidence.add(pa.array(["10/25/2015", "25/10/2015", "1/2/2015", "3/3/2015"]), np.array([5000, 4, 7, 9]))
    assert (evidence.month_first, evidence.day_first, evidence.either) == (5000, 4, 7)
    assert evidence.finding == "month_first"
    evidence.add(pa.array(["26/10/2015"]), np.array([3]))
    assert evidence.finding == "contradictory"


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("2026-ICLI-00005_Detainers_FY26_20260311_Redacted.xlsx", "2026-ICLI-00005"),
        ("2025-ICLI-00019_2024-ICFO-39357_ERO Detainers_LESA-STU_FINAL Redacted.xlsx", "2025-ICLI-00019"),
        ("2023-ICFO_42034_Admin Arrests_FY16-12_LESA-STU_FINAL-Redacted_raw.xlsx", "2023-ICFO-42034"),
        ("2019-icfo-53623", "2019-ICFO-53623"),
        ("14-03290", "14-03290"),
        ("detainers-latest 2026-03-11.parquet", None),
        ("EROArrests_FY2016.csv", None),
    ],
)
def test_the_number_of_a_release_is_told_by_its_name(text: str, number: str | None) -> None:
    assert number_in(text) == number


def test_what_the_rows_say_of_their_release_counts_before_the_names() -> None:
    path = Path("/data/2023_ICFO_42034/2025-ICLI-00019_x.csv")
    assert release_of(path, "2019-ICFO-53623", ["2026-ICLI-00005_a.xlsx", "2026-ICLI-00005_b.xlsx"]) == ["2026-ICLI-00005"]
    assert release_of(path, "2019-ICFO-53623", []) == ["2025-ICLI-00019"]
    assert release_of(Path("/data/2023_ICFO_42034/x.csv"), "2019-ICFO-53623", []) == ["2019-ICFO-53623"]
    assert release_of(Path("/data/2023_ICFO_42034/x.csv"), "", []) == ["2023-ICFO-42034"]
    assert release_of(Path("/nowhere/x.csv"), "", ["raw/ERO_FY23.csv"]) == []


@pytest.mark.parametrize("table", list(TABLES.values()), ids=list(TABLES))
def test_every_title_of_a_table_leads_to_one_column(table: object) -> None:
    for column in table.columns.values():  # type: ignore[attr-defined]
        for title in (column.name, *column.titles):
            assert table.of_title[key_of(title)] == column.name, title  # type: ignore[attr-defined]


def test_titles_are_found_below_any_number_of_lines() -> None:
    rows = [["note"]] * 21 + [["Prepare Date", "Detainer Lift Reason", "City"], ["10/25/2015", "Lifted", "X"]]
    assert titles_at(rows) == 21
    assert titles_at([["Prepare Date"], ["nothing known"]]) is None


def test_a_table_is_told_by_most_of_its_titles() -> None:
    arrests = [
        "AOR",
        "Apprehension Date",
        "Event Landmark",
        "Apprehension Method",
        "State",
        "City",
        "Birth Year",
        "Departed Date",
    ]
    assert layout_of("a", arrests).table == "arrests"
    older = ["Apprehension Date And Time", "Apprehension Method", "Unique Identifier"]
    assert layout_of("a", older).positions["apprehension_date_time"] == (0,)
    removals = ["Departed Date", "Port of Departure", "Case AOR", "Latest Apprehension Date", "Gender", "Final Charge Section"]
    assert layout_of("a", removals).table == "removals"
    stints = ["Detention Book In Date Time", "Detention Book Out Date Time", "Detention Facility Code", "Stay Release Reason"]
    assert layout_of("a", stints).positions["book_in_date_time"] == (0,)


def test_the_nearest_known_title_is_the_plain_one() -> None:
    assert nearest(TABLES["detainers"], "Detainer Lift Reasons Given") == "detainer_lift_reason"
    assert nearest(TABLES["detainers"], "Shoe Size") is None
