"""How early notice of a release is asked for, and how early it was given."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from detainer import clock

NEW_YORK = ZoneInfo("America/New_York")
RELEASE = datetime(2024, 3, 11, 10, 0, tzinfo=NEW_YORK)


@pytest.mark.parametrize(
    ("before_release", "minutes"),
    [
        (timedelta(hours=48), 2880),
        (timedelta(minutes=5, seconds=59), 5),
        (timedelta(seconds=30), 0),
        (timedelta(0), 0),
        (timedelta(seconds=-30), -1),
        (timedelta(days=-1), -1440),
    ],
)
def test_the_lead_of_a_notice_is_a_number_of_minutes_and_negative_when_it_came_too_late(
    before_release: timedelta, minutes: int
) -> None:
    release = RELEASE.astimezone(UTC)
    assert clock.notice_lead(release - before_release, release) == minutes


def test_the_lead_is_elapsed_time_over_a_change_of_the_clocks() -> None:
    saturday_at_ten = datetime(2024, 3, 9, 10, 0, tzinfo=NEW_YORK)
    assert clock.notice_lead(saturday_at_ten, RELEASE) == 47 * 60


def test_notice_is_asked_for_48_hours_before_a_planned_release() -> None:
    known = datetime(2024, 3, 1, 9, 0, tzinfo=NEW_YORK)
    target = clock.notice_target(RELEASE, known_at=known, zone="America/New_York")
    assert target.kind == "notice_lead"
    assert (target.starts_at, target.due_at) == (known, datetime(2024, 3, 9, 9, 0, tzinfo=NEW_YORK))
    assert target.arithmetic == (
        "48 h before 10:00 EDT on Monday 11 March 2024, over the change to summer time: 09:00 EST on Saturday 9 March 2024"
    )


def test_notice_of_a_release_known_late_is_due_at_once_and_not_in_the_past() -> None:
    known = datetime(2024, 3, 11, 7, 0, tzinfo=NEW_YORK)
    target = clock.notice_target(RELEASE, known_at=known, zone="America/New_York")
    assert target.due_at == known
    assert target.arithmetic.endswith("; known only at 07:00 EDT on Monday 11 March 2024, so due at once")
    assert clock.state(target, known) == "passed"


def test_moments_without_a_time_zone_are_refused_by_name() -> None:
    naive = RELEASE.replace(tzinfo=None)
    with pytest.raises(ValueError, match=r"^notice_at must"):
        clock.notice_lead(naive, RELEASE)
    with pytest.raises(ValueError, match=r"^release_at must"):
        clock.notice_lead(RELEASE, naive)
    with pytest.raises(ValueError, match=r"^release_planned must"):
        clock.notice_target(naive, known_at=RELEASE, zone="America/New_York")
    with pytest.raises(ValueError, match=r"^known_at must"):
        clock.notice_target(RELEASE, known_at=naive, zone="America/New_York")
    with pytest.raises(ValueError, match="not 'Nowhere'"):
        clock.notice_target(RELEASE, known_at=RELEASE, zone="Nowhere")
