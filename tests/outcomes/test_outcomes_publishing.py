"""What is published of a measure by several breakdowns: small counts are hidden, and the whole country is not for their sake."""

from collections.abc import Sequence

import pyarrow as pa

from detainer.outcomes.publishing.writing import with_small_hidden

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
    shown = with_small_hidden({by: counted(by) for by in groups}, 11)
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
    shown = with_small_hidden({(): whole, ("state",): one_small_state}, 11)
    assert [row["numerator"] for by in ((), ("state",)) for row in shown[by].to_pylist()] == [None, None, None]
