"""What the report is made of, as plain data: sections, figures with the tables behind them, and how a measure becomes a table."""

from collections.abc import Callable, Mapping, Sequence
from typing import Final, NamedTuple

from detainer.outcomes.counting.of_record import EVERY
from detainer.outcomes.publishing.ranking import FEWEST
from detainer.outcomes.report import charts
from detainer.outcomes.report.built import Row, between, cases, count_and_share, number, percent, total

RELEASED: Final = ("released", "released_with_notice", "released_without_notice")
PLACE_COLUMNS: Final = (
    "Detainers",
    "End known",
    "Handed over",
    "Declined",
    "Declined, of all",
    "Released",
    "Withdrawn",
    "Not known",
    "May be open",
)


class Table(NamedTuple):
    """A table of text; the first `words` columns are words, the others numbers."""

    caption: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    words: int = 1


class Figure(NamedTuple):
    """A chart with what it shows in a sentence, how to read it, the tables behind it, and the files that these are of."""

    name: str
    title: str
    note: str
    svg: str
    tables: tuple[Table, ...]
    files: tuple[str, ...]


class Section(NamedTuple):
    """A part of the report. `absent` says why there is nothing to show; `files` are those of its own tables."""

    name: str
    title: str
    says: tuple[str, ...] = ()
    figures: tuple[Figure, ...] = ()
    tables: tuple[Table, ...] = ()
    limits: tuple[str, ...] = ()
    absent: str = ""
    files: tuple[str, ...] = ()


def absent(name: str, title: str, why: str) -> Section:
    """Return a section that has nothing to show, and why."""
    return Section(name, title, absent=why)


def any_of(parts: Mapping[str, Row]) -> Row:
    """Return one row of a group: what is known of all its cases stands in each."""
    return next(iter(parts.values()))


def breakdown(measure: str, parts: Mapping[str, Row], titles: Mapping[str, str]) -> Table:
    """Return the parts of a measure in the order of their titles, then what is not known and what was left out."""
    rows = [
        (title, number(row["numerator"]), percent(row["share"]) if row["denominator"] != 0 else "none", between(row))
        for name, title in titles.items()
        if (row := parts.get(name)) is not None
    ]
    rest = {
        "denominator": "all of these: the denominator",
        "unknown": "not known",
        "open": "may be open still",
        "duplicates": "copies of another row, left out",
    }
    row = any_of(parts)
    rows += [(says, number(row[name]), "", "") for name, says in rest.items() if name in row]
    head = ("", "Number", "Share of the known", "Share of all, if none or all of the rest")
    return Table(EVERY[measure].title, head, tuple(rows))


def ends(parts: Mapping[str, Row]) -> tuple[str, ...]:
    """Return how the detainers of one group ended, under PLACE_COLUMNS; no shares where few ends are known."""
    row, many = any_of(parts), enough(parts)
    told: Callable[[Row | None], str] = count_and_share if many else _count
    released = total(*(parts[name]["numerator"] for name in RELEASED if name in parts))
    share = f" ({percent(released / row['denominator'])})" if many and released is not None and row["denominator"] else ""
    return (
        number(cases(row)),
        number(row["denominator"]),
        told(parts.get("handed_over")),
        told(parts.get("declined")),
        between(parts["declined"]) if many else "too few",
        number(released) + share,
        told(parts.get("withdrawn")),
        number(row["unknown"]),
        number(row["open"]),
    )


def enough(parts: Mapping[str, Row]) -> bool:
    """Return whether so many ends are known that a share may be looked at: FEWEST or more, as far as they are not withheld."""
    known = any_of(parts)["denominator"]
    return (sum(row["numerator"] or 0 for row in parts.values()) if known is None else int(known)) >= FEWEST


def bars(name: str, title: str, rows: Sequence[charts.Bar]) -> str:
    """Return a chart of bars that is told in words too; nothing where every number is withheld."""
    return charts.bars(name, told(title, rows), rows) if any(row.value is not None for row in rows) else ""


def told(title: str, rows: Sequence[charts.Bar]) -> str:
    """Return what a chart of bars shows, in words."""
    return f"{title}. " + "; ".join(f"{row.label}: {row.says}" for row in rows) + "."


def unknown(label: str, *counts: int | None) -> charts.Bar:
    """Return the bar of what is not known."""
    return charts.Bar(label, total(*counts), number(total(*counts)), "unknown")


def largest_first(parts: Mapping[str, Row]) -> list[tuple[str, Row]]:
    """Return the parts that occur, the largest first; those withheld last."""
    seen = [(name, row) for name, row in parts.items() if row["numerator"] != 0]
    return sorted(seen, key=lambda each: -(each[1]["numerator"] or 0))


def _count(row: Row | None) -> str:
    return number(None if row is None else row["numerator"])
