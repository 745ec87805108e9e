"""The row of titles of a table, found by what it says, and what each title means."""

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from detainer.outcomes.errors import OutcomesError
from detainer.outcomes.errors import nearest as near
from detainer.outcomes.reading.columns import TABLES, TableOf, key_of
from detainer.outcomes.reading.listing import TableName

SOUGHT: Final = 80  # rows in which the titles are looked for; the longest preamble known has 21
_ABBREVIATED: Final = 32  # Stata's longest name: the project abbreviates longer ones to it
Said = Mapping[str, str]  # which column a title is of, as a person says it: by the title's key
_NOTHING: Final[Said] = {}


@dataclass(frozen=True)
class Extra:
    """A column of a file that the table does not know: its title, where it stands (from 1), and the nearest known title."""

    title: str
    position: int
    nearest: str | None


@dataclass(frozen=True)
class Layout:
    """How one sheet maps to a table: for each known column the positions (from 0) that hold it, and what is left over."""

    table: TableName
    positions: dict[str, tuple[int, ...]]
    renamed: dict[str, str]
    extra: tuple[Extra, ...]

    @property
    def twice(self) -> dict[str, tuple[int, ...]]:
        """Return the columns for which there is more than one source."""
        return {name: found for name, found in self.positions.items() if len(found) > 1}


def said_of(columns: Mapping[str, str]) -> Said:
    """Return what a person said of titles (title: column) by what is compared of each title. OutcomesError for no such column."""
    known = {name for table in TABLES.values() for name in table.columns}
    for title, name in columns.items():
        if name not in known:
            raise OutcomesError(f"column {title}={name}: no table has {name}{near(name, sorted(known))}")
    return {key_of(title): name for title, name in columns.items()}


def score(cells: Sequence[str], said: Said) -> int:
    """Return how many of the cells are titles that a table knows, for the table that knows most of them."""
    different = {key_of(cell): cell for cell in cells if cell}.values()
    return max(sum(_column(table, cell, said) is not None for cell in different) for table in TABLES.values())


def titles_at(rows: Sequence[Sequence[str]], said: Said = _NOTHING) -> int | None:
    """Return which of the first rows holds the titles (from 0): the one with most known titles, at least two; None if none."""
    scores = [score(titles_of(rows, at, said), said) for at in range(len(rows[:SOUGHT]))]
    best = max(scores, default=0)
    return scores.index(best) if best > 1 else None


def titles_of(rows: Sequence[Sequence[str]], at: int, said: Said = _NOTHING) -> tuple[str, ...]:
    """Return the titles that a row holds; where one is known only with the title above it, the two together.

    `Detainer` over `Prepare Date | Type | Lift Reason`: a title in merged cells stands over each of them.
    """
    if at == 0:
        return tuple(cell.strip() for cell in rows[at])
    over = ""
    titles: list[str] = []
    above = [*rows[at - 1], *[""] * len(rows[at])]
    for cell, higher in zip((cell.strip() for cell in rows[at]), above, strict=False):
        over = higher.strip() or over
        both = f"{over} {cell}"
        together = cell and over and not _known(cell, said) and _known(both, said)
        titles.append(both if together else cell)
    return tuple(titles)


def _known(title: str, said: Said) -> bool:
    return any(_column(table, title, said) is not None for table in TABLES.values())


def layout_of(where: str, titles: Sequence[str], said: Said = _NOTHING) -> Layout:
    """Return how the titles map to the table that knows most of them; `said` (`said_of`) goes before what is known.

    OutcomesError when its day or all of its marks are lacking: the tables share so many columns that a detainer whose day is
    titled in a new way would pass for an arrest.
    """
    found = {name: _positions(table, titles, said) for name, table in TABLES.items()}
    name = max(found, key=lambda name: len(found[name]))
    table, positions = TABLES[name], found[name]
    if not _fits(table, positions):
        raise OutcomesError(_unknown(where, titles, name, positions, said))
    used = {position for at in positions.values() for position in at}
    left = [(position, title) for position, title in enumerate(titles) if position not in used]
    return Layout(
        table=name,
        positions=positions,
        renamed={titles[at[0]]: column for column, at in positions.items() if titles[at[0]] != column},
        extra=tuple(Extra(title, position + 1, nearest(table, title)) for position, title in left),
    )


def _column(table: TableOf, title: str, said: Said) -> str | None:
    named = said.get(key_of(title))
    return named if named in table.columns else table.column_of(title)


def _positions(table: TableOf, titles: Sequence[str], said: Said) -> dict[str, tuple[int, ...]]:
    positions: dict[str, tuple[int, ...]] = {}
    for position, title in enumerate(titles):
        column = _column(table, title, said) or _of_abbreviation(table, title)
        if column:
            positions[column] = (*positions.get(column, ()), position)
    return positions


def _of_abbreviation(table: TableOf, title: str) -> str | None:
    """Return the one long name whose letters hold those of a name that was shortened for Stata, in their order."""
    if len(title) != _ABBREVIATED:
        return None
    fitting = [name for name in table.columns if len(name) > _ABBREVIATED and name[0] == title[0] and _holds(name, title)]
    return fitting[0] if len(fitting) == 1 else None


def _holds(name: str, title: str) -> bool:
    letters = iter(name)
    return all(letter in letters for letter in title)


def _fits(table: TableOf, positions: dict[str, tuple[int, ...]]) -> bool:
    return any(day in positions for day in table.days) and any(mark in positions for mark in table.marks)


def nearest(table: TableOf, title: str) -> str | None:
    """Return the known title that a title is most like, or None when it is like none of them."""
    known = {key_of(text): text for column in table.columns.values() for text in (*column.titles, column.name)}
    key = key_of(title)
    close = difflib.get_close_matches(key, known, 3, 0.75)
    likeness = {other: difflib.SequenceMatcher(None, key, other).ratio() for other in close}
    alike = [other for other, ratio in likeness.items() if ratio >= max(likeness.values()) - 0.05]
    return known[min(alike, key=len)] if alike else None


def _unknown(where: str, titles: Sequence[str], like: TableName, found: dict[str, tuple[int, ...]], said: Said) -> str:
    table = TABLES[like]
    lacking = [] if any(day in found for day in table.days) else [f"a column of the day ({_titles(table, table.day)})"]
    if not any(mark in found for mark in table.marks):
        lacking.append("any of " + ", ".join(table.marks))
    near = [
        f"{title!r} (is it {column}? known as {close!r})"
        for title in titles
        if _column(table, title, said) is None and (close := nearest(table, title))
        for column in [table.of_title[key_of(close)]]
    ]
    return (
        f"{where}: not a table that is known ({', '.join(TABLES)}). It is most like {like}, with {len(found)} of its "
        f"{len(titles)} titles, but lacks {' and '.join(lacking)}. Its titles: {', '.join(map(repr, titles[:80]))}."
        + (f" Nearest: {'; '.join(near[:8])}." if near else "")
        + f' If a title is one of these, say so: --column "TITLE={table.day}"'
    )


def _titles(table: TableOf, column: str) -> str:
    return ", ".join(repr(title) for title in (column, *table.columns[column].titles))
