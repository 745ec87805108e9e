"""When a delivery that failed is tried again: the pauses, how far they spread, when it is left to a person."""

import datetime as dt
from typing import get_args

import pytest

from detainer.exchange.retrying import LONGEST, SCHEDULES, TRIED_AT_LEAST, TRIED_FOR, Failure, is_due, of_status, pause

YOUNG = dt.timedelta()
NOW = dt.datetime(2026, 3, 2, 15, 0, tzinfo=dt.UTC)
SECOND = dt.timedelta(seconds=1)


def test_every_kind_of_failure_has_a_schedule() -> None:
    assert set(SCHEDULES) == set(get_args(Failure))


def test_pauses_double_until_an_hour() -> None:
    found = [pause("unreachable", tries, YOUNG, 0.5) for tries in range(1, 14)]
    assert found[:4] == [5 * SECOND, 10 * SECOND, 20 * SECOND, 40 * SECOND]
    assert found[-1] == LONGEST


@pytest.mark.parametrize("tries", [1, 5, 40, 10**6])
def test_chance_spreads_a_pause_over_half_to_one_and_a_half_of_it_and_never_past_the_longest(tries: int) -> None:
    least, middle, most = (pause("timeout", tries, YOUNG, jitter) for jitter in (0.0, 0.5, 0.999))
    assert least is not None
    assert middle is not None
    assert most is not None
    assert middle / 2 == least
    assert middle <= most <= min(middle * 1.5, LONGEST)


def test_what_a_receiver_asks_for_is_kept_up_to_the_longest_pause() -> None:
    assert pause("busy", 1, YOUNG, 0.0, dt.timedelta(minutes=10)) == dt.timedelta(minutes=10)
    assert pause("busy", 1, YOUNG, 0.0, dt.timedelta(days=30)) == LONGEST
    assert pause("busy", 1, YOUNG, 0.0, dt.timedelta()) == 2.5 * SECOND


def test_a_delivery_is_tried_for_more_than_three_days_and_often_before_a_person_must_see_to_it() -> None:
    age, tries = YOUNG, 1
    while (wait := pause("server_error", tries, age, 0.5)) is not None:
        age, tries = age + wait, tries + 1
    assert dt.timedelta(days=3) < TRIED_FOR <= age < TRIED_FOR + LONGEST
    assert tries > 100
    assert pause("server_error", TRIED_AT_LEAST - 1, dt.timedelta(days=400), 0.5) is not None


@pytest.mark.parametrize("kind", ["gone", "recipient"])
def test_what_no_repetition_mends_is_a_persons_at_once(kind: Failure) -> None:
    assert pause(kind, 1, YOUNG, 0.5) is None


def test_the_next_try_is_due_when_its_moment_came_and_when_only_a_clock_that_went_back_can_have_set_it() -> None:
    assert is_due(None, NOW)
    assert is_due(NOW, NOW)
    assert not is_due(NOW + SECOND, NOW)
    assert not is_due(NOW + LONGEST, NOW)
    assert is_due(NOW + LONGEST + SECOND, NOW)


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        *((200, None), (202, None), (204, None), (299, None), (301, "redirect"), (307, "redirect"), (400, "refused")),
        *((401, "misdirected"), (404, "misdirected"), (408, "timeout"), (410, "gone"), (413, "refused"), (429, "busy")),
        *((500, "server_error"), (503, "server_error"), (599, "server_error"), (100, "server_error"), (999, "server_error")),
    ],
)
def test_a_status_tells_its_kind(status: int, kind: Failure | None) -> None:
    assert of_status(status) == kind
