"""What every format gives: sheets, each with its titles and its rows as Arrow batches whose columns are named by position."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import pyarrow as pa

ROW: Final = "row"
BATCH: Final = 1 << 17  # rows at a time: some 50 MB of the widest table

Reject = Callable[[int, str, str], None]  # the row's number, why, and its text
Batches = Callable[[Sequence[int], Reject], Iterator[pa.RecordBatch]]


@dataclass(frozen=True)
class Sheet:
    """One sheet. `batches(positions, reject)` reads its rows anew each time: columns "0", "1", ... and `row`, its number there.

    `above` is the text of the lines above the titles. `texts` says that all is text: dates are to be understood from it.
    """

    name: str
    titles: tuple[str, ...]
    above: str
    texts: bool
    batches: Batches
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Skipped:
    """A sheet that holds no table: its name and why."""

    name: str
    why: str


def numbered(batch: pa.RecordBatch, positions: Sequence[int], rows: pa.Array) -> pa.RecordBatch:
    """Return the batch with its columns named by position and the rows' numbers last."""
    return pa.RecordBatch.from_arrays([*batch.columns, rows], names=[*(str(position) for position in positions), ROW])
