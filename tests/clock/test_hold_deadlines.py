"""Until when a person may be held, under each edition of the form and under the regulation."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from detainer import clock

NEW_YORK = ZoneInfo("America/New_York")
FRIDAY = datetime(2024, 5, 24, 16, 30, tzinfo=NEW_YORK)  # before Memorial Day


def holds(release_due: datetime, form: str, zone: str = "America/New_York") -> dict[str, clock.Deadline]:
    return {each.rule: each for each in clock.hold_deadlines(release_due, zone=zone, form=form)}


@pytest.mark.parametrize("form", ["I-247A", "I-247D"])
def test_todays_form_asks_for_48_elapsed_hours_and_the_longer_regulation_is_only_shown(form: str) -> None:
    both = holds(FRIDAY, form)
    asked, bound = both["us-time-limit/form_2017"], both["us-time-limit/regulation"]
    assert (asked.governs, bound.governs) == (True, False)
    assert asked.due_at == datetime(2024, 5, 26, 16, 30, tzinfo=NEW_YORK)
    assert bound.due_at == datetime(2024, 5, 29, 16, 30, tzinfo=NEW_YORK)
    assert (asked.excluded, bound.excluded) == ((), ("saturday", "sunday", "federal_holiday"))
    assert f"Form {form}" in asked.cite
    assert bound.cite == "8 CFR 287.7(d)"


def test_the_form_of_2010_to_2013_itself_leaves_out_weekends_and_holidays() -> None:
    both = holds(FRIDAY, "I-247")
    asked, bound = both["us-time-limit/form_pre_2015"], both["us-time-limit/regulation"]
    assert asked.due_at == bound.due_at == datetime(2024, 5, 29, 16, 30, tzinfo=NEW_YORK)
    assert (asked.governs, bound.governs) == (True, False)


@pytest.mark.parametrize("form", ["I-247G", "I-247N"])
def test_a_form_that_asks_only_for_notice_starts_no_hold_clock(form: str) -> None:
    assert clock.hold_deadlines(FRIDAY, zone="America/New_York", form=form) == ()


def test_when_both_counts_end_together_the_form_governs_and_one_only() -> None:
    monday = datetime(2024, 5, 6, 10, 0, tzinfo=NEW_YORK)
    assert [each.governs for each in holds(monday, "I-247A").values()] == [True, False]


def test_the_instants_are_in_utc_whatever_zone_the_start_was_given_in() -> None:
    same = [holds(FRIDAY.astimezone(zone), "I-247A") for zone in (UTC, NEW_YORK, ZoneInfo("Asia/Tokyo"))]
    assert same[0] == same[1] == same[2]
    assert all(each.starts_at.tzinfo is UTC and each.due_at.tzinfo is UTC for each in same[1].values())


@pytest.mark.parametrize(
    ("zone", "release_due", "rule", "arithmetic"),
    [
        (
            "America/New_York",
            "2024-03-09T16:30-05:00",
            "form_2017",
            "48 h from 16:30 EST on Saturday 9 March 2024, over the change to summer time: 17:30 EDT on Monday 11 March 2024",
        ),
        (
            "America/New_York",
            "2024-11-01T16:30-04:00",
            "form_2017",
            (
                "48 h from 16:30 EDT on Friday 1 November 2024, over the change back to standard time: "
                "15:30 EST on Sunday 3 November 2024"
            ),
        ),
        (
            "America/New_York",
            "2024-11-08T16:30-05:00",
            "regulation",
            (
                "48 h from 16:30 EST on Friday 8 November 2024, leaving out Saturday 9 November 2024, "
                "Sunday 10 November 2024 and Monday 11 November 2024 (Veterans Day): "
                "16:30 EST on Wednesday 13 November 2024"
            ),
        ),
        (
            "Pacific/Honolulu",
            "2024-03-09T16:30:05-10:00",
            "form_2017",
            "48 h from 16:30:05 HST on Saturday 9 March 2024: 16:30:05 HST on Monday 11 March 2024",
        ),
        (
            "America/Puerto_Rico",
            "2020-07-02T12:00-04:00",
            "regulation",
            (
                "48 h from 12:00 AST on Thursday 2 July 2020, leaving out "
                "Friday 3 July 2020 (Independence Day, observed), Saturday 4 July 2020 (Independence Day) and "
                "Sunday 5 July 2020: 12:00 AST on Tuesday 7 July 2020"
            ),
        ),
        (
            "America/Sao_Paulo",
            "2024-05-06T10:00-03:00",
            "form_2017",
            "48 h from 10:00 UTC-03 on Monday 6 May 2024: 10:00 UTC-03 on Wednesday 8 May 2024",
        ),
    ],
)
def test_the_sum_is_said_in_words_in_the_time_of_the_facility(zone: str, release_due: str, rule: str, arithmetic: str) -> None:
    shown = holds(datetime.fromisoformat(release_due), "I-247A", zone)
    assert shown[f"us-time-limit/{rule}"].arithmetic == arithmetic


def test_bad_input_is_refused_by_name() -> None:
    naive = FRIDAY.replace(tzinfo=None)
    with pytest.raises(ValueError, match=r"^release_due must say its time zone"):
        clock.hold_deadlines(naive, zone="America/New_York", form="I-247A")
    with pytest.raises(ValueError, match="not 'Essex County'"):
        clock.hold_deadlines(FRIDAY, zone="Essex County", form="I-247A")
    with pytest.raises(ValueError, match="form must be one of I-247A, I-247D, I-247, I-247G, I-247N, not 'I-247a'"):
        clock.hold_deadlines(FRIDAY, zone="America/New_York", form="I-247a")


def test_a_limit_of_another_law_is_one_more_row_of_data() -> None:
    rules = [
        clock.CountingRule(rule="example/six_hours", label="six hours", hours=6, cite="example", source="example"),
        *clock.HOLD_RULES["I-247A"],
    ]
    made = clock.deadlines("hold_expiry", FRIDAY, rules, zone="America/New_York")
    assert [each.governs for each in made] == [True, False, False]
    assert made[0].due_at - FRIDAY == timedelta(hours=6)
    assert clock.deadlines("hold_expiry", FRIDAY, [], zone="America/New_York") == ()
