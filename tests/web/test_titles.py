"""What events are called in a time line, and what the course of a request leaves out so that it can be read."""

from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

import pytest
from told_making import ICE, SHERIFF, ZONE, arrived, fired, told

from detainer.record.kinds import KINDS
from detainer.web import labels, words
from detainer.web.titles import title

OF = uuid4()
TITLES = [
    ("will_answer", {"by": "2026-03-02T17:00-05:00"}, "Will answer by 17:00 EST on 2 March 2026"),
    ("received", {"of": str(OF), "how": "code", "who": "records"}, "Receipt for: request withdrawn, by the code of the paper"),
    ("received", {"of": str(uuid4())}, "Receipt for: a message"),
    ("clock_fired", fired(1, "reminder", 2)[3], "Answer due: reminder 2"),
    ("clock_fired", fired(1, "due", 3, "hold_expiry")[3], "Hold must end: the time is up"),
    ("clock_answered", {"clock": "hold_expiry", "rule": "x"}, "Alarm seen to: hold must end"),
    ("consented", {"given": False}, "The person did not agree in writing: allow an interview"),
    ("document_made", {"document": str(OF), "what": "answer_letter", "language": "en", "sha256": "0" * 64, "of_version": 1},
     "Paper made: answer letter"),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "data", "says"), TITLES, ids=[row[2] for row in TITLES])
def test_a_new_event_says_what_happened(kind: str, data: dict[str, Any], says: str) -> None:
    event = told((1, kind, SHERIFF, data))[-1]
    assert title(event, {OF: "cancelled"}, ZONE) == says


def test_every_kind_of_event_and_every_field_of_it_has_words() -> None:
    assert {kind for kinds in KINDS.values() for kind in kinds} - words.EVENTS.keys() == set()
    assert "_" not in "".join(label.text for label in labels.LABELS.values())


@pytest.fixture
def course(database: Any) -> Callable[..., list[dict[str, Any]]]:
    """The rows of a request's course, as its custodian reads them."""
    from detainer.web import course

    names: dict[Any, str] = {ICE: "ERO Boston", SHERIFF: "the sheriff"}
    return lambda *said: course.course([told(*said)], zone=ZONE, agency=SHERIFF, names=names)


def _titles(rows: list[dict[str, Any]]) -> list[str]:
    return [row["title"] for row in rows]


def test_a_firing_or_an_opening_is_one_line(course: Any) -> None:
    opening = {"delivery": str(uuid4()), "channel": "inbox", "to": str(SHERIFF)}
    rows = course(arrived(1), arrived(1, channel="webhook"), (2, "opened", SHERIFF, opening), (2, "opened", SHERIFF, opening))
    assert _titles(rows)[1:] == ["Delivered to the sheriff", "Delivered to the sheriff (its own system)", "Opened by the sheriff"]
    assert all(row["details"] == [] for row in rows[1:])


def test_of_an_alarm_that_goes_on_the_last_firing_stands_for_the_rest(course: Any) -> None:
    rows = course(fired(60, "reminder", 1), *(fired(60 + 30 * number, "repeat", number) for number in range(2, 9)))
    assert _titles(rows)[1:] == ["Answer due: reminder 1", "Answer due: still nobody acted"]
    assert ("It was due", "11:00 EST on 2 March 2026") in rows[1]["details"]


def test_what_was_entered_long_after_it_happened_is_marked(course: Any, database: Any) -> None:
    from detainer.web import telling

    events = told((10, "acknowledged", SHERIFF, {}))
    late = events[1].model_copy(update={"recorded_at": events[1].recorded_at.replace(hour=22)})
    rows = telling.timeline([events[0], late], zone=ZONE, names={}, agency=SHERIFF)
    assert [row["late"] for row in rows] == [False, True]
    whole = telling.timeline([events[0].model_copy(update={"recorded_at": late.recorded_at}), late], zone=ZONE, names={})
    assert [row["late"] for row in whole] == [False, False]  # a whole case that was entered afterwards says so once


def test_users_are_named_only_to_their_own_agency(course: Any, database: Any) -> None:
    from detainer.web import telling

    clerk = UUID(int=3)
    events = told((10, "clock_answered", SHERIFF, {"clock": "answer_due", "rule": "routine"}, clerk))
    for agency, seen in ((SHERIFF, "Clerk Example"), (ICE, "")):
        rows = telling.timeline(events, zone=ZONE, names={clerk: "Clerk Example"}, agency=agency)
        assert rows[1]["recorded_by"] == seen
