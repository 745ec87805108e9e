"""The read tables are what the events add up to; what is not, is named, and made again."""

from typing import Any
from uuid import UUID

import pytest
from exchange_making import as_role, do, holding, linked, table

pytestmark = pytest.mark.usefixtures("database")


def differing() -> list[UUID]:
    from detainer.exchange import rebuild

    with as_role("detainer_worker"):
        return rebuild.differing()


def rebuilt() -> int:
    from detainer.exchange import rebuild

    with as_role("detainer_worker"):
        return rebuild.everything()


def forced(of: str, stream: UUID, **values: Any) -> None:
    """Change a row of a read table behind the exchange's back."""
    with as_role("detainer_worker"):
        assert table(of).objects.filter(stream_id=stream).update(**values)


def test_after_commands_of_every_kind_the_read_tables_are_the_fold_of_the_events(ice: Any, missouri: Any) -> None:
    request, stay = holding(ice, missouri)
    do(missouri.clerk, "request.hand_over", {}, request)
    linked(ice, missouri)
    do(ice.officer, "file.begin")
    assert not {request, stay} & set(differing())
    assert differing() == []


@pytest.mark.parametrize(
    ("of", "values"),
    [
        ("Request", {"outcome": "died"}),
        ("Request", {"undecided": 9}),
        ("Stay", {"in_custody": False}),
        ("Stay", {"release_due_at": None}),
        ("Deadline", {"label": "some other clock"}),
        ("Deadline", {"open": False}),
    ],
)
def test_a_row_that_was_changed_is_named_and_made_again(of: str, values: dict[str, Any], ice: Any, missouri: Any) -> None:
    request, stay = holding(ice, missouri)
    stream = stay if of == "Stay" else request
    forced(of, stream, **values)
    assert differing() == [stream]
    rebuilt()
    assert differing() == []


@pytest.mark.parametrize("of", ["Deadline", "Stay"])
def test_rows_that_are_gone_are_named_and_made_again(of: str, ice: Any, missouri: Any) -> None:
    request, stay = holding(ice, missouri)
    with as_role("detainer_worker"):
        table(of).objects.filter(stream_id__in=(request, stay)).delete()
    assert set(differing()) == ({request} if of == "Deadline" else {request, stay})  # a clock without its stay is one too many
    rebuilt()
    assert differing() == []
    with as_role("detainer_worker"):
        assert table("Deadline").objects.filter(stream_id=request).count() == 2


def test_a_clock_that_still_runs_for_a_request_that_has_ended_is_named_and_stopped(ice: Any, missouri: Any) -> None:
    request, _ = holding(ice, missouri)
    do(missouri.clerk, "request.hand_over", {}, request)
    forced("Deadline", request, open=True)
    assert differing() == [request]
    rebuilt()
    assert differing() == []
