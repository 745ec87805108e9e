"""What a reading says of itself: of each file and column what was kept, renamed, left out, changed, or could not be read."""

from collections.abc import Sequence

from pydantic import BaseModel, ConfigDict

from detainer.outcomes.reading.columns import TABLES, Kind
from detainer.outcomes.reading.dates import Evidence, Finding
from detainer.outcomes.reading.files import Format, Input
from detainer.outcomes.reading.listing import TableName
from detainer.outcomes.reading.sheets import Sheet, Skipped
from detainer.outcomes.reading.titles import Layout
from detainer.outcomes.reading.values import Count


class _Told(BaseModel):
    model_config = ConfigDict(frozen=True)


class ReadColumn(_Told):
    """One known column of a file: its titles there, and what was done to its values, in rows and with a few examples.

    `order` is what the column shows of the order of day and month. `disagreed`: rows where a second column of the same
    meaning says something else; the first is kept.
    """

    name: str
    kind: Kind
    titles: tuple[str, ...]
    order: Finding | None = None
    cleaned: int = 0
    emptied: int = 0
    unreadable: int = 0
    implausible: int = 0
    disagreed: int = 0
    examples: dict[str, tuple[str, ...]] = {}


class DroppedColumn(_Told):
    """A column that no table knows and that is left out: its title, where it stands (from 1), the nearest known title."""

    title: str
    position: int
    nearest: str | None


class ReadSheet(_Told):
    """One sheet (`name` is empty where a format has none): the rows kept, rejected, and blank."""

    name: str
    table: TableName
    rows: int
    rejected: int
    blank: int


class SkippedSheet(_Told):
    """A sheet without a table."""

    name: str
    why: str


class ReadFile(_Told):
    """One file."""

    name: str
    path: str
    sha256: str
    bytes: int
    format: Format
    packed: bool
    releases: tuple[str, ...]
    sheets: tuple[ReadSheet, ...]
    skipped: tuple[SkippedSheet, ...]
    columns: dict[TableName, tuple[ReadColumn, ...]]
    renamed: dict[str, str]
    dropped: tuple[DroppedColumn, ...]
    notes: tuple[str, ...]

    @property
    def rows(self) -> int:
        """Return how many rows of it were kept."""
        return sum(sheet.rows for sheet in self.sheets)

    @property
    def rejected(self) -> int:
        """Return how many rows of it could not be read."""
        return sum(sheet.rejected for sheet in self.sheets)


class ReadTable(_Told):
    """One table: rows written, rejected, and blank (left out)."""

    rows: int
    rejected: int
    blank: int


class Reading(_Told):
    """All that was read. `missing` names for each table the known columns that no file had: they are null in every row."""

    releases: tuple[str, ...]
    tables: dict[TableName, ReadTable]
    files: tuple[ReadFile, ...]
    missing: dict[TableName, tuple[str, ...]]
    notes: tuple[str, ...]


def told(
    found: Input,
    releases: Sequence[str],
    read: Sequence[ReadSheet],
    sheets: Sequence[tuple[Sheet, Layout]],
    skipped: Sequence[Skipped],
    counts: dict[TableName, dict[str, Count]],
    evidence: dict[str, Evidence],
    notes: Sequence[str],
) -> ReadFile:
    """Return what is said of one file."""
    dropped = {(extra.title, extra.position): extra for _, layout in sheets for extra in layout.extra}
    twice = {
        name: [sheet.titles[position] for position in positions]
        for sheet, layout in sheets
        for name, positions in layout.twice.items()
    }
    said = [
        f"{name}: {len(titles)} columns are of it ({', '.join(map(repr, titles))}): the first that says something is kept"
        for name, titles in twice.items()
    ]
    return ReadFile(
        name=found.path.name,
        path=str(found.path),
        sha256=found.sha256,
        bytes=found.size,
        format=found.format,
        packed=found.packed,
        releases=tuple(releases),
        sheets=tuple(read),
        skipped=tuple(SkippedSheet(name=sheet.name, why=sheet.why) for sheet in skipped),
        columns={table: _columns(table, counted, sheets, evidence) for table, counted in counts.items()},
        renamed={title: name for _, layout in sheets for title, name in layout.renamed.items()},
        dropped=tuple(
            DroppedColumn(title=extra.title, position=extra.position, nearest=extra.nearest) for extra in dropped.values()
        ),
        notes=(*notes, *said),
    )


def _columns(
    table: TableName, counts: dict[str, Count], sheets: Sequence[tuple[Sheet, Layout]], evidence: dict[str, Evidence]
) -> tuple[ReadColumn, ...]:
    titles: dict[str, list[str]] = {}
    for sheet, layout in sheets:
        if layout.table == table:
            for name, positions in layout.positions.items():
                titles.setdefault(name, []).extend(sheet.titles[position] for position in positions)
    return tuple(
        ReadColumn(
            name=name,
            kind=TABLES[table].columns[name].kind,
            titles=tuple(dict.fromkeys(titles.get(name, ()))),
            order=evidence[name].finding if name in evidence else None,
            cleaned=count.cleaned,
            emptied=count.emptied,
            unreadable=count.unreadable,
            implausible=count.implausible,
            disagreed=count.disagreed,
            examples={what: tuple(values) for what, values in count.examples.items()},
        )
        for name, count in counts.items()
    )
