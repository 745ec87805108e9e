"""What files show before their rows are read: their releases, and in which order their dates have day and month."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import pyarrow as pa

from detainer.outcomes.errors import OutcomesError
from detainer.outcomes.reading.columns import TABLES
from detainer.outcomes.reading.dates import Evidence, Order
from detainer.outcomes.reading.files import Input
from detainer.outcomes.reading.listing import TableName
from detainer.outcomes.reading.releases import release_of
from detainer.outcomes.reading.sheets import Sheet, Skipped
from detainer.outcomes.reading.titles import Layout
from detainer.outcomes.reading.told import ReadSheet
from detainer.outcomes.reading.values import Count

ORIGINAL: Final = "file_original"


@dataclass
class Source:
    """One file on its way: its sheets with their layouts, and what the survey found."""

    found: Input
    sheets: list[tuple[Sheet, Layout]]
    skipped: list[Skipped]
    releases: list[str] = field(default_factory=list)
    evidence: dict[str, Evidence] = field(default_factory=dict)
    orders: dict[str, Order | None] = field(default_factory=dict)
    counts: dict[TableName, dict[str, Count]] = field(default_factory=dict)
    read: list[ReadSheet] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def name(self) -> str:
        return self.found.path.name


def survey(source: Source, release: str | None) -> None:
    """Find the releases that a file names in its rows, and what its dates show of their order."""
    originals: set[str] = set()
    for sheet, layout in source.sheets:
        columns = TABLES[layout.table].columns
        sought = {
            position: name
            for name, positions in layout.positions.items()
            for position in positions
            if columns[name].kind in ("date", "moment") or name == ORIGINAL
        }
        if not sheet.texts:
            sought = _of_text(sheet, sought)
        for batch in sheet.batches(sorted(sought), _unsaid) if sought else ():
            for position, name in sought.items():
                values, counts = _counted(batch.column(str(position)))
                if name == ORIGINAL:
                    originals.update(text for text in values.to_pylist() if text)
                else:
                    source.evidence.setdefault(name, Evidence()).add(values, counts)
    above = "\n".join(sheet.above for sheet, _ in source.sheets)
    source.releases = [release] if release else release_of(source.found.path, above, originals)


def _of_text(sheet: Sheet, sought: dict[int, str]) -> dict[int, str]:
    """Return the sought columns of a typed sheet that are text after all."""
    first = next(iter(sheet.batches(sorted(sought), _unsaid)), None) if sought else None
    if first is None:
        return {}
    kinds = {position: first.schema.field(str(position)).type for position in sought}
    return {position: name for position, name in sought.items() if _is_text(kinds[position])}


def _is_text(kind: pa.DataType) -> bool:
    return any(is_kind(kind) for is_kind in (pa.types.is_dictionary, pa.types.is_string, pa.types.is_large_string))


def _counted(found: pa.Array) -> tuple[pa.StringArray, np.ndarray[tuple[int], np.dtype[np.int64]]]:
    """Return the different values of a text and how often each occurs."""
    text = found if pa.types.is_dictionary(found.type) else found.dictionary_encode()
    indices = text.indices.drop_null().to_numpy(zero_copy_only=False)
    return text.dictionary.cast(pa.string()), np.bincount(indices, minlength=len(text.dictionary)).astype(np.int64)


def _unsaid(_row: int, _why: str, _text: str) -> None:
    """Rejects are told when the rows are written, not when they are looked through."""


def named(unnamed: Sequence[Source]) -> None:
    """Name the release of files that do not say it: one by its own name, several by their folder's."""
    for source in unnamed:
        path = source.found.path
        source.releases = [path.name.split(".")[0] if len(unnamed) == 1 else path.absolute().parent.name or "unnamed"]


def releases_of(sources: Sequence[Source], mix: bool) -> tuple[str, ...]:
    releases = sorted({name for source in sources for name in source.releases})
    if len(releases) > 1 and not mix:
        each = "; ".join(
            f"{name}: {', '.join(source.name for source in sources if name in source.releases)}" for name in releases
        )
        raise OutcomesError(
            f"the files are of {len(releases)} releases ({each}). People's identifiers do not join across releases, so that "
            "counts would be wrong. Build each on its own; or say that they are one (--release NAME), or mix them knowingly "
            "(--mix-releases: nobody is linked across)"
        )
    return tuple(releases)


def settle(sources: Sequence[Source], said: Order | None) -> None:
    """Decide for each column in which order its dates are read, and say what was not proven."""
    for source in sources:
        shown = {
            evidence.finding
            for other in sources
            if set(other.releases) & set(source.releases)
            for evidence in other.evidence.values()
        } & {"month_first", "day_first"}
        day_columns = {day for _, layout in source.sheets for day in TABLES[layout.table].days}
        for name, evidence in source.evidence.items():
            finding = evidence.finding
            if said or finding == "plain":
                source.orders[name] = said
            elif finding == "contradictory":
                _contradicted(source, name, evidence, main=name in day_columns)
                source.orders[name] = None
            elif finding == "ambiguous":
                source.orders[name] = "day_first" if shown == {"day_first"} else "month_first"
                why = "as the other dates of the release" if len(shown) == 1 else "the agency's own order, assumed"
                source.notes.append(
                    f"{name}: {evidence.either:,} dates have two readings, none proves one (as {evidence.examples['either']}): "
                    f"read {source.orders[name]} ({why}); say it with --date-order"
                )
            else:
                source.orders[name] = "month_first" if finding == "month_first" else "day_first"


def _contradicted(source: Source, name: str, evidence: Evidence, main: bool) -> None:
    what = (
        f"{name}: dates in two orders: {evidence.month_first:,} can only be month first (as {evidence.examples['month_first']}), "
        f"{evidence.day_first:,} only day first (as {evidence.examples['day_first']}), {evidence.either:,} can be either"
    )
    if main:
        raise OutcomesError(f"{source.found.path}: {what}. Split the file by its order, or say the order with --date-order")
    source.notes.append(f"{what}: those are left out")
