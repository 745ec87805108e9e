"""What is published of a measure by several breakdowns: small counts are hidden, and the whole country is not for their sake."""

from collections.abc import Sequence

import pyarrow as pa
from outcome_rows import LAST_DAY, outcomes, row

from detainer.outcomes.counting.measures import measure
from detainer.outcomes.counting.spans import Release
from detainer.outcomes.publishing.linked import with_small_hidden

ENDS = ("handed_over", "declined", "died")
# state and year: how many ended in each way. Every state has one small count in one year.
COUNTS = {
    ("MA", "2024"): (200, 40, 1),
    ("MA", "2025"): (180, 60, 0),
    ("PA", "2024"): (300, 20, 0),
    ("PA", "2025"): (310, 30, 1),
    ("VT", "2024"): (30, 12, 20),
    ("VT", "2025"): (40, 15, 0),
}


def counted(by: Sequence[str]) -> pa.Table:
    """A measure by these groups, as `measures.measure` counts it."""
    sums: dict[tuple[str, ...], list[int]] = {}
    for (state, year), counts in COUNTS.items():
        group = tuple({"state": state, "year": year}[name] for name in by)
        sums[group] = [sum(pair) for pair in zip(sums.get(group, [0, 0, 0]), counts, strict=True)]
    rows = [
        {
            **dict(zip(by, group, strict=True)),
            "category": end,
            "numerator": count,
            "denominator": sum(counts),
            "unknown": 0,
            "open": 0,
            "duplicates": 0,
            "share": count / sum(counts),
            "low": count / sum(counts),
            "high": count / sum(counts),
        }
        for group, counts in sorted(sums.items())
        for end, count in zip(ENDS, counts, strict=True)
    ]
    return pa.Table.from_pylist(rows)


def test_small_counts_of_states_and_years_do_not_hide_the_whole() -> None:
    groups: tuple[tuple[str, ...], ...] = ((), ("state",), ("year",), ("state", "year"))
    shown = with_small_hidden({"outcome_mix": {by: counted(by) for by in groups}}, 11)["outcome_mix"]
    whole = {row["category"]: row["numerator"] for row in shown[()].to_pylist()}
    assert whole == {"handed_over": 1060, "declined": 177, "died": 22}
    for by in groups:
        small = [row for row in shown[by].to_pylist() if row["numerator"] is not None and 0 < row["numerator"] < 11]
        assert small == [], by


def test_what_is_hidden_by_one_breakdown_alone_is_hidden_where_its_total_stands() -> None:
    count = {"category": "died", "numerator": 1, "denominator": 1, "unknown": 0, "open": 0, "duplicates": 0}
    shares = {"share": 1.0, "low": 1.0, "high": 1.0}
    one_small_state = pa.Table.from_pylist([{"state": state, **count, **shares} for state in ("MA", "PA")])
    whole = one_small_state.slice(0, 1).drop_columns(["state"])
    whole = whole.set_column(whole.column_names.index("numerator"), "numerator", pa.array([2]))
    shown = with_small_hidden({"outcome_mix": {(): whole, ("state",): one_small_state}}, 11)["outcome_mix"]
    assert [row["numerator"] for by in ((), ("state",)) for row in shown[by].to_pylist()] == [None, None, None]


def test_a_count_that_stands_in_several_measures_is_hidden_in_all_or_in_none() -> None:
    spans = (Release(name="R1", last_day=LAST_DAY, arrests=True, book_ins=True),)
    many = {"PA": (40, 30, 2, 25), "MA": (60, 3, 20, 30), "VT": (50, 20, 15, 1)}
    kinds = ({"outcome": "handed_over"}, {"outcome": "declined"}, {"outcome": "withdrawn", "reason": "citizen"})
    more = {"outcome": "withdrawn", "reason": "case_closed"}
    rows = [
        row(state=state, **kind)
        for state, counts in many.items()
        for count, kind in zip(counts, (*kinds, more), strict=True)
        for _ in range(count)
    ]
    groups: tuple[tuple[str, ...], ...] = ((), ("state",))
    names = ("outcome_mix", "withdrawn", "citizens", "declined_law", "followed_ever")
    table = outcomes(rows)
    counts = {name: {by: measure(name, table, by, spans=spans).to_pyarrow() for by in groups} for name in names}
    shown = with_small_hidden(counts, 11)
    of = {(name, each["state"], each["category"]): each for name in names for each in shown[name]["state",].to_pylist()}
    for state in many:
        assert of["citizens", state, "citizen"]["numerator"] == of["withdrawn", state, "citizen"]["numerator"]
        mix = {end: of["outcome_mix", state, end]["numerator"] for end in ("declined", "withdrawn")}
        assert of["withdrawn", state, "citizen"]["cases"] == mix["withdrawn"]
        assert {
            of[name, state, part]["cases"] for name, part in (("declined_law", "allowed_allowed"), ("followed_ever", "arrested"))
        } == {mix["declined"]}
    assert of["citizens", "PA", "citizen"]["numerator"] is None
    assert of["citizens", "PA", "other"]["numerator"] is None, "all without the others are the citizens"
    whole = {each["category"]: each["numerator"] for each in shown["outcome_mix"][()].to_pylist()}
    assert (whole["declined"], whole["withdrawn"]) == (53, 93), "the whole is not hidden for the sake of a part"


def test_of_a_group_of_few_cases_no_part_is_told_and_no_zero() -> None:
    spans = (Release(name="R1", last_day=LAST_DAY, arrests=True, book_ins=True),)
    many = {"PA": (40, 30, 25), "MA": (60, 20, 30), "VT": (50, 20, 15), "DE": (1, 0, 0), "RI": (0, 2, 0), "NH": (3, 4, 3)}
    kinds = ({"outcome": "handed_over"}, {"outcome": "declined"}, {"outcome": "withdrawn", "reason": "case_closed"})
    rows = [
        row(state=state, **kind)
        for state, counts in many.items()
        for count, kind in zip(counts, kinds, strict=True)
        for _ in range(count)
    ]
    names = ("outcome_mix", "evidence", "citizens", "no_means", "withdrawn", "declined_law", "followed_ever", "lynn")
    groups: tuple[tuple[str, ...], ...] = ((), ("state",))
    counts = {name: {by: measure(name, outcomes(rows), by, spans=spans).to_pyarrow() for by in groups} for name in names}
    shown = with_small_hidden(counts, 11)
    told = ("numerator", "denominator", "unknown", "open", "share", "low", "high")
    for state in ("DE", "RI", "NH"):
        of = {name: [each for each in shown[name]["state",].to_pylist() if each["state"] == state] for name in names}
        assert {name for name, found in of.items() if found} == {"outcome_mix", "evidence", "citizens", "no_means"}
        assert {each[column] for found in of.values() for each in found for column in told} == {None}, state
        assert all(each["hidden"] for found in of.values() for each in found)
    by_state = {(each["state"], each["category"]): each["numerator"] for each in shown["outcome_mix"]["state",].to_pylist()}
    assert by_state["PA", "died"] == 0, "a zero of many cases is shown"
    whole = {each["category"]: each["numerator"] for each in shown["outcome_mix"][()].to_pylist()}
    assert (whole["handed_over"], whole["declined"], whole["withdrawn"], whole["died"]) == (154, 76, 73, 0)


def test_a_build_of_few_cases_tells_nothing_of_them() -> None:
    few = measure("outcome_mix", outcomes([row(outcome="declined")] * 3)).to_pyarrow()
    shown = with_small_hidden({"outcome_mix": {(): few}}, 11)["outcome_mix"][()].to_pylist()
    assert {(each["numerator"], each["denominator"], each["unknown"], each["hidden"]) for each in shown} == {
        (None, None, None, True)
    }


def test_where_the_59_days_lie_is_told_though_few_came_on_that_very_day_and_not_where_it_opens_a_class() -> None:
    spans = (Release(name="R1", last_day=LAST_DAY, arrests=True, book_ins=True),)

    def shown(*days: int) -> list[int | None]:
        rows = outcomes([row(outcome="declined", arrest_days=each) for each in days])
        names = ("outcome_mix", "lag_declined_arrest", "lynn")
        counts = {name: {(): measure(name, rows, (), spans=spans).to_pyarrow()} for name in names}
        return [
            each["numerator"]
            for each in sorted(with_small_hidden(counts)["lynn"][()].to_pylist(), key=lambda row: -len(row["category"]))
        ]

    assert shown(*[20] * 30, *[40] * 20, 59, 59, *[100] * 25) == [52, 25]
    assert shown(*[20] * 3, *[40] * 40, *[100] * 25, *[200] * 30) == [], "60 days or fewer, less the 40, would be the 3"
    assert shown(*[20] * 3, *[10] * 12, *[40] * 40, *[100] * 25) == [55, 25], "of two nobody knows which is how many"


def test_a_table_of_one_group_hides_what_the_whole_hides() -> None:
    spans = (Release(name="R1", last_day=LAST_DAY, arrests=True, book_ins=True),)
    day = {year: LAST_DAY.replace(year=year, month=1) for year in (2023, 2024)}
    rows = [row(outcome="handed_over", detainer_prepare_date=day[year]) for year in day for _ in range(40)]
    rows += [row(outcome="died", detainer_prepare_date=day[2024]) for _ in range(12)]
    rows += [row(outcome="declined", detainer_prepare_date=day[2023])]
    groups: tuple[tuple[str, ...], ...] = ((), ("state",), ("year",))
    counts = {"outcome_mix": {by: measure("outcome_mix", outcomes(rows), by, spans=spans).to_pyarrow() for by in groups}}
    shown = with_small_hidden(counts)["outcome_mix"]
    columns = ("category", "numerator", "denominator", "cases")
    whole, only_state = ([{name: each[name] for name in columns} for each in shown[by].to_pylist()] for by in ((), ("state",)))
    assert whole == only_state
    assert any(each["numerator"] is None for each in whole)
