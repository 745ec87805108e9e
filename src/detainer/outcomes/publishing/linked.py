"""Many measures by many breakdowns, published side by side: what is hidden in one table is hidden wherever else it stands.

The same count stands in several tables: the declined are a part of how detainers ended and all the cases of what followed; the
citizens are a part of the withdrawn, too; every breakdown has the whole as its total. Each table is proof against its own totals
(`suppressing`), so a count that one hides and another shows would open both. Here what one hides is hidden in the others, each
time with what keeps it secret there, until nothing more is to be hidden. (The linked tables of official statistics.) The whole
is not hidden for the sake of another measure: that would leave readers without what most come for.

A table by two groups is linked with the other measures by the same two, not with its totals: so sparse, it would hide the whole
country for the sake of one small place in one year.

A group of few cases has every part hidden (`suppressing`). That it stands in a table of some of them, as the declined, would tell
of them again: so it stands only in the tables that are of all cases.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from detainer.outcomes.counting.following import LAGS, LYNN_CLASS
from detainer.outcomes.publishing.partners import Counts, Hidden
from detainer.outcomes.publishing.suppressing import (
    THRESHOLD,
    cells_of,
    few,
    hidden,
    published,
    with_few_hidden,
    with_more_hidden,
)

By = tuple[str, ...]
Cell = tuple[str, str]  # a measure and its category, or one of these
CASES, UNKNOWN, OPEN = "cases", "unknown", "open"
_OF_ALL: Final = ("evidence", "citizens", "no_means")
_OF_DECLINED: Final = (
    *("declined_law", "declined_law_assumed", "followed_30", "followed_90", "followed_180", "followed_ever"),
    "lag_declined_arrest",
)
# Which counts are hidden together: they are equal, or one is what the other leaves of a count that stands elsewhere.
_AS: Final[Mapping[Cell, Cell]] = {
    **{(name, rest): ("outcome_mix", rest) for name in _OF_ALL for rest in (CASES, UNKNOWN, OPEN)},
    **{(name, CASES): ("outcome_mix", "declined") for name in _OF_DECLINED},
    **{(name, CASES): ("outcome_mix", "handed_over") for name in ("lag_book_in", "lag_arrest")},
    ("withdrawn", CASES): ("outcome_mix", "withdrawn"),
    **{("citizens", part): ("withdrawn", "citizen") for part in ("citizen", "other")},
    **{("no_means", part): ("withdrawn", "could_not_come") for part in ("could_not_come", "other")},
    ("lynn", CASES): ("lag_declined_arrest", UNKNOWN),
}

_FIRST: Final = ("outcome_mix", "withdrawn")  # whose counts the others repeat
# Whose cases are only some of those of these measures: where they are few there, it is not said that there are any here.
_SOME_OF: Final[Mapping[str, tuple[str, ...]]] = {"lynn": ("outcome_mix", "lag_declined_arrest")}


@dataclass
class _Table:
    """A measure by some groups: its counts with their totals, which are hidden, and the number of each group among all."""

    measure: str
    by: By
    cells: Counts
    values: list[pa.Array]
    parts: list[str]
    numbers: npt.NDArray[np.int64]
    mask: Hidden
    is_whole: bool  # without groups, or of one group where the whole is published beside it

    @property
    def inner(self) -> tuple[slice, ...]:
        """Return where the groups themselves stand, without their totals."""
        return tuple(slice(1 if size > 1 else 0, None) for size in self.cells.shape[:-1])

    @property
    def columns(self) -> list[Cell]:
        """Return which count each place of the last side is, by the one name of those that are hidden together."""
        cells = [(self.measure, cell) for cell in (CASES, *self.parts, UNKNOWN, OPEN)]
        return [_AS.get(cell, cell) for cell in cells]


class _Known:
    """Which counts are hidden in any table: by the groups' names, the count, and the number of the group."""

    def __init__(self) -> None:
        self._hidden: dict[tuple[By, Cell], Hidden] = {}
        self.sizes: dict[By, int] = {(): 1}

    def room(self, by: By, size: int) -> None:
        """Say how many groups there are."""
        self.sizes[by] = size

    def of(self, by: By, cell: Cell) -> Hidden:
        """Return which are hidden, by the number of the group."""
        return self._hidden.setdefault((by, cell), np.zeros(self.sizes[by], dtype=np.bool_))

    def told(self, table: _Table) -> None:
        """Learn what a table hides."""
        mask = table.mask[table.inner].reshape(-1, table.cells.shape[-1])
        for place, cell in enumerate(table.columns):
            self.of(table.by, cell)[table.numbers] |= mask[:, place]
            if len(table.by) == 1 and table.cells.shape[0] > 1:
                self.of((), (table.measure, f"total {place}"))[0] |= table.mask[0, place]
            elif table.is_whole:
                self.of((), (table.measure, f"total {place}"))[0] |= mask[0, place]

    def lacking(self, table: _Table) -> Hidden:
        """Return which counts of a table are hidden elsewhere, and shown in it."""
        wanted: Hidden = np.zeros(table.cells.shape, dtype=np.bool_)
        groups = wanted[table.inner]
        for place, cell in enumerate(table.columns):
            groups[..., place] = self.of(table.by, cell)[table.numbers].reshape(groups.shape[:-1])
            if table.is_whole:
                groups[..., place] = self.of((), (table.measure, f"total {place}"))[0]
        found: Hidden = wanted & (table.cells > 0) & ~table.mask
        return found


def with_small_hidden(counted: Mapping[str, Mapping[By, pa.Table]], threshold: int = THRESHOLD) -> dict[str, dict[By, pa.Table]]:
    """Return measures by their breakdowns as they may be published side by side, with what would tell small counts hidden."""
    known = _Known()
    tables = sorted(_tables(counted, known), key=lambda table: table.measure not in _FIRST)
    for table in tables:
        elsewhere = known.lacking(table)
        table.mask = hidden(table.cells, threshold, elsewhere)
        if elsewhere.any():
            table.mask = with_more_hidden(table.cells, threshold, table.mask, elsewhere)
        known.told(table)
    growing = True
    while growing:
        growing = False
        for table in tables:
            more = known.lacking(table)
            if more.any():
                table.mask = with_more_hidden(table.cells, threshold, table.mask, more)
                known.told(table)
                growing = True
    shown: dict[str, dict[By, pa.Table]] = {name: {} for name in counted}
    opening = {table.by for table in tables if table.measure == "lag_declined_arrest" and _opens(table)}
    few_of = {(table.measure, table.by): _few(table, known, threshold) for table in tables}
    for table in tables:
        mask, without = with_few_hidden(table.cells, threshold, table.mask), np.zeros(len(table.numbers), dtype=np.bool_)
        for whole in _SOME_OF.get(table.measure, () if table.measure in ("outcome_mix", *_OF_ALL) else ("outcome_mix",)):
            if (whole, table.by) in few_of:
                without |= few_of[whole, table.by][table.numbers]
        if table.measure == "lynn":  # by groups it is left out for the sake of one: all the others would give that one back
            without |= bool(opening) if table.by else () in opening
        shown[table.measure][table.by] = published(table.cells, mask, table.values, table.parts, table.by, table.by, without)
    return shown


def _opens(table: _Table) -> bool:
    """Return whether, in any group, the classes up to the days of the Lynn case would give away one that is hidden alone there.

    `table`: the classes of the days to a later arrest, `lag_declined_arrest`; the measure `lynn` has their sums.
    """
    secret = table.mask[table.inner].reshape(-1, table.cells.shape[-1])[:, 1 : len(table.parts) + 1]
    soon = np.array([LAGS[part][1] <= LYNN_CLASS for part in table.parts], dtype=np.bool_)
    return bool(((secret & soon).sum(axis=1) == 1).any() or ((secret & ~soon).sum(axis=1) == 1).any())


def _few(table: _Table, known: "_Known", threshold: int) -> Hidden:
    """Return which groups have few cases in a table, by the number of the group."""
    found: Hidden = np.zeros(known.sizes[table.by], dtype=np.bool_)
    found[table.numbers] = few(table.cells[table.inner], threshold).ravel()
    return found


def _tables(counted: Mapping[str, Mapping[By, pa.Table]], known: _Known) -> Iterator[_Table]:
    """Yield each measure by each of its breakdowns, its groups numbered as in the other measures."""
    for by in dict.fromkeys(by for tables in counted.values() for by in tables):
        found = {name: cells_of(tables[by], by) for name, tables in counted.items() if by in tables}
        orders = [_numbered([values[side] for _cells, values, _parts in found.values()]) for side in range(len(by))]
        known.room(by, int(np.prod([max(len(order), 1) for order in orders], dtype=np.int64)))
        is_whole = known.sizes[by] == 1 and any(() in tables for tables in counted.values())
        for name, (cells, values, parts) in found.items():
            numbers = np.zeros(1, dtype=np.int64)
            for order, each in zip(orders, values, strict=True):
                own = np.array([order[value] for value in each.to_pylist()] or [0], dtype=np.int64)
                numbers = (numbers[:, None] * max(len(order), 1) + own[None, :]).ravel()
            yield _Table(name, by, cells, values, parts, numbers, np.zeros(cells.shape, dtype=np.bool_), is_whole)


def _numbered(lists: Sequence[pa.Array]) -> dict[object, int]:
    return {value: number for number, value in enumerate(dict.fromkeys(value for each in lists for value in each.to_pylist()))}
