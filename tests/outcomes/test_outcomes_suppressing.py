"""What is published gives no small count away: tried by force on small tables, with all totals known."""

from itertools import product
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from outcome_rows import LAST_DAY, outcomes, row

from detainer.outcomes.counting.measures import measure
from detainer.outcomes.counting.spans import Release
from detainer.outcomes.errors import OutcomesError
from detainer.outcomes.publishing.ranking import ranked
from detainer.outcomes.publishing.suppressing import hidden, suppressed, suppressed_with_totals

SPANS = (Release(name="R1", last_day=LAST_DAY, arrests=True, book_ins=True),)


def with_totals(inner: np.ndarray) -> np.ndarray:
    for side in range(inner.ndim):
        if inner.shape[side] > 1:
            inner = np.concatenate([inner.sum(axis=side, keepdims=True), inner], axis=side)
    return inner


def possible(cells: np.ndarray, mask: np.ndarray, most: int) -> np.ndarray:
    """Return every table, with its totals, that agrees with all that is shown; hidden counts are 1 to `most`, by force."""
    inside = tuple(slice(1 if size > 1 else 0, None) for size in cells.shape)
    inner, secret = cells[inside], np.argwhere(mask[inside])
    every = list(product(range(1, most + 1), repeat=len(secret)))
    tries = np.array(every, dtype=np.int64).reshape(len(every), len(secret))
    tables = np.repeat(inner[None], len(tries), axis=0)
    for number, place in enumerate(secret):
        tables[(slice(None), *place)] = tries[:, number]
    for side in range(1, tables.ndim):
        if tables.shape[side] > 1:
            tables = np.concatenate([tables.sum(axis=side, keepdims=True), tables], axis=side)
    return tables[(tables == cells)[:, ~mask].all(axis=1)]


def assert_nothing_is_given_away(inner: np.ndarray, threshold: int) -> None:
    cells = with_totals(inner)
    mask = hidden(cells, threshold)
    small = (cells > 0) & (cells < threshold)
    assert mask[small].all()
    assert not mask[cells == 0].any()
    found = possible(cells, mask, threshold + int(inner.max(initial=0)))
    assert (found.min(axis=0) < found.max(axis=0))[mask].all(), "a hidden count can be computed"


@settings(max_examples=80, deadline=None)
@given(
    st.sampled_from([(2, 2), (2, 3), (3, 2), (5,), (1, 4)]).flatmap(
        lambda shape: st.tuples(st.just(shape), st.lists(st.integers(0, 5), min_size=6, max_size=6))
    )
)
def test_no_hidden_count_can_be_computed(table: tuple[tuple[int, ...], list[int]]) -> None:
    shape, numbers = table
    assert_nothing_is_given_away(np.array(numbers[: int(np.prod(shape))]).reshape(shape), 3)


@settings(max_examples=12, deadline=None)
@given(st.lists(st.integers(0, 3), min_size=8, max_size=8))
def test_nor_where_a_table_is_by_two_groups(numbers: list[int]) -> None:
    assert_nothing_is_given_away(np.array(numbers).reshape(2, 2, 2), 2)


@pytest.mark.parametrize(
    "inner",
    [
        [[1, 0], [0, 1]],
        [[1, 1], [1, 1]],
        [[1, 9], [9, 9]],
        [[2, 0, 0], [0, 0, 0]],
        [[1, 0, 5], [0, 1, 5], [5, 5, 5]],
    ],
)
def test_nor_in_the_tables_that_are_known_to_be_hard(inner: list[list[int]]) -> None:
    assert_nothing_is_given_away(np.array(inner), 3)


def test_a_count_that_is_large_is_shown_with_its_total_where_nothing_small_is_near() -> None:
    assert not hidden(with_totals(np.array([[20, 30], [40, 50]])), 11).any()
    mask = hidden(with_totals(np.array([[5, 30, 40], [20, 25, 90], [60, 70, 80]])), 11)
    assert mask.sum() == 4
    assert mask[1:3, 1:3].all()


TABLES = st.tuples(st.integers(2, 7), st.integers(3, 6)).flatmap(
    lambda shape: st.lists(
        st.lists(st.one_of(st.just(0), st.integers(1, 10), st.integers(11, 400)), min_size=shape[1], max_size=shape[1]),
        min_size=shape[0],
        max_size=shape[0],
    )
)


@settings(max_examples=60, deadline=None)
@given(TABLES)
def test_no_hidden_count_follows_from_the_margins_of_a_larger_table(inner: list[list[int]]) -> None:
    cells = with_totals(np.array(inner))
    secret = np.argwhere(hidden(cells, 11))
    lines = [[at[side] == line for at in secret] for side in (0, 1) for line in range(cells.shape[side])]
    # A total counts against its parts: what is added to one is added to the other.
    signs = [[-1 if at[1 - side] == 0 else 1 for at in secret] for side in (0, 1) for _ in range(cells.shape[side])]
    sums = np.array(lines, dtype=float) * np.array(signs, dtype=float)
    _, strengths, ways = np.linalg.svd(sums) if len(secret) else (None, np.zeros(0), np.zeros((0, 0)))
    free = ways[int((strengths > 1e-9).sum()) :]
    assert (np.abs(free).max(axis=0, initial=0) > 1e-9).all(), "the sums that are shown leave only one value for a hidden count"


def way_of(cells: np.ndarray, mask: np.ndarray, row: int, column: int) -> int:
    """Return how well four hidden counts keep a small one: 0 with all the room and no total of a group, 3 barely, 4 not."""

    def kept(room: int, totals: bool) -> bool:
        return any(
            mask[other, column] and mask[row, beside] and mask[other, beside]
            and cells[other, column] > (0 if 0 in (row, other) else room)
            and cells[row, beside] > (0 if 0 in (column, beside) else room)
            and cells[other, beside] > (0 if (0 in (row, other)) == (0 in (column, beside)) else room)
            for other in range(0 if totals else 1, len(cells)) if other != row
            for beside in range(cells.shape[1]) if beside != column
        )  # fmt: skip

    wanted = 11 - int(cells[row, column])
    return next((way for way, asked in enumerate(((wanted, False), (1, False), (wanted, True), (1, True))) if kept(*asked)), 4)


@settings(max_examples=60, deadline=None)
@given(TABLES)
def test_no_count_is_hidden_with_others_that_none_of_them_needs(inner: list[list[int]]) -> None:
    cells = with_totals(np.array(inner))
    mask = hidden(cells, 11)
    small = (cells > 0) & (cells < 11)
    ways = {tuple(at): way_of(cells, mask, *at) for at in np.argwhere(small)}
    for extra in map(tuple, np.argwhere(mask & ~small)):
        without = mask.copy()
        without[extra] = False
        assert any(way_of(cells, without, *at) > way for at, way in ways.items()), f"{extra} could be shown"


def some(outcome: str, number: int, **more: Any) -> list[dict[str, Any]]:
    return [row(outcome=outcome, **more)] * number


ROWS = [
    *some("declined", 30, state="MA"),
    *some("handed_over", 20, state="MA"),
    *some("died", 3, state="MA"),
    *some("declined", 15, state="PA"),
    *some("handed_over", 90, state="PA"),
    *some("died", 14, state="PA"),
    *some("unknown", 40, state="PA"),
    *some("declined", 50, state=None),
    *some("handed_over", 60, state=None),
    *some("died", 70, state=None),
]


def test_a_published_measure_has_no_small_count_and_no_share_that_gives_one_away() -> None:
    full = measure("outcome_mix", outcomes(ROWS), ["state"], spans=SPANS)
    found = suppressed(full).to_pyarrow().to_pylist()
    of = {(each["state"], each["category"]): each for each in found}
    assert of["MA", "died"]["numerator"] is None
    assert of["MA", "died"]["share"] is of["MA", "died"]["high"] is None
    assert sum(each["hidden"] for each in found) == 4
    assert of["PA", "handed_over"]["numerator"] == 90
    assert (of["PA", "handed_over"]["denominator"], of["PA", "handed_over"]["unknown"]) == (119, 40)
    assert of["PA", "handed_over"]["share"] == pytest.approx(90 / 119)
    shown = {(each["state"], each["category"]): each for each in full.to_pyarrow().to_pylist()}
    for key, each in of.items():
        assert all(
            each[name] in (None, shown[key][name])
            for name in ("numerator", "denominator", "unknown", "open", "share", "low", "high")
        )


def test_an_unknown_count_that_is_small_hides_its_denominator_too() -> None:
    rows = [*some("declined", 30), *some("handed_over", 40), *some("unknown", 4)]
    found = suppressed(measure("outcome_mix", outcomes(rows), spans=SPANS)).to_pyarrow().to_pylist()
    assert {(each["unknown"], each["denominator"], each["share"], each["cases"]) for each in found} == {(None, None, None, 74)}
    assert [each["low"] for each in found if each["category"] == "handed_over"] == [pytest.approx(40 / 74)]


def test_the_totals_are_published_with_the_same_holes() -> None:
    full = measure("outcome_mix", outcomes(ROWS), ["state", "criminality"], spans=SPANS)
    tables = suppressed_with_totals(full)
    assert set(tables) == {(), ("state",), ("criminality",), ("state", "criminality")}
    whole = {each["category"]: each["numerator"] for each in tables[()].to_pyarrow().to_pylist()}
    assert (whole["declined"], whole["died"], whole["withdrawn"]) == (95, 87, 0)
    by_state = {(each["state"], each["category"]): each["numerator"] for each in tables["state",].to_pyarrow().to_pylist()}
    fine = {
        (each["state"], each["category"]): each["numerator"] for each in tables["state", "criminality"].to_pyarrow().to_pylist()
    }
    assert by_state == fine


def test_the_threshold_is_a_parameter_and_one_hides_nothing() -> None:
    full = measure("outcome_mix", outcomes(ROWS), ["state"], spans=SPANS)
    assert not any(suppressed(full, 1).to_pyarrow().column("hidden").to_pylist())
    with pytest.raises(OutcomesError, match="no category"):
        suppressed(outcomes(ROWS))


def test_no_rows_are_published_as_no_rows() -> None:
    assert suppressed(measure("outcome_mix", outcomes([]), ["state"], spans=SPANS)).to_pyarrow().num_rows == 0


def test_facilities_with_few_cases_are_named_and_not_ranked() -> None:
    rows = [*some("declined", 40, facility_code="B"), *some("handed_over", 60, facility_code="B")]
    rows += [*some("declined", 90, facility_code="C"), *some("handed_over", 10, facility_code="C")]
    rows += [*some("declined", 40, facility_code="D"), *some("handed_over", 60, facility_code="D")]
    rows += [
        *some("declined", 5, facility_code="Z"),
        *some("declined", 1, facility_code="A"),
        *some("handed_over", 2, facility_code="A"),
    ]
    rows += some("declined", 400, facility_code=None)
    found = ranked(measure("outcome_mix", outcomes(rows), ["facility"], spans=SPANS), "declined").to_pyarrow().to_pylist()
    assert [(each["facility"], each["rank"]) for each in found] == [
        ("C", 1), ("B", 2), ("D", 2), ("A", None), ("Z", None), (None, None),
    ]  # fmt: skip
    with pytest.raises(OutcomesError, match="by nothing cannot be ranked"):
        ranked(measure("outcome_mix", outcomes(rows), spans=SPANS), "declined")


def test_totals_over_groups_are_shown_though_every_group_is_small() -> None:
    cells = with_totals(np.array([[3, 250, 40], [4, 300, 60], [5, 280, 90], [9, 310, 30]]))
    mask = hidden(cells, 11)
    assert mask[1:, 1].all(), "each small count is hidden"
    assert not mask[0].any(), "21 in all is no small count, and is what most readers come for"
