"""Files of Stata (dta) and SPSS (sav): typed; read some thousand rows at a time."""

import datetime as dt
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyreadstat

from detainer.outcomes.errors import OutcomesError
from detainer.outcomes.reading.sheets import Reject, Sheet, numbered

_ROWS: Final = 50_000
_READ: Final = {"stata": pyreadstat.read_dta, "spss": pyreadstat.read_sav}
_DAMAGED: Final = (pyreadstat.ReadstatError, pyreadstat.PyreadstatError, UnicodeDecodeError, ValueError)


def sheets(path: Path, kind: str, named: Path) -> list[Sheet]:
    """Return the one sheet of a dta or sav file. OutcomesError, which says `named`, when it is damaged."""
    read = _READ[kind]
    try:
        _, about = read(str(path), metadataonly=True)
    except _DAMAGED as failed:
        raise OutcomesError(
            f"{named}: the file of {kind.title()} is damaged or cut short ({failed}); download it again"
        ) from failed
    titles = tuple(about.column_names)

    def batches(positions: Sequence[int], _reject: Reject) -> Iterator[pa.RecordBatch]:
        names = [titles[position] for position in positions]
        first = 1
        try:
            while True:
                found, _ = read(str(path), usecols=names, row_offset=first - 1, row_limit=_ROWS, output_format="dict")
                count = len(next(iter(found.values()), ()))
                if not count:
                    return
                batch = pa.RecordBatch.from_arrays([_array(found[name]) for name in names], names=names)
                yield numbered(batch, positions, pa.array(np.arange(first, first + count, dtype=np.int64)))
                first += count
        except _DAMAGED as failed:
            raise OutcomesError(f"{named}: after row {first - 1:,} the file is damaged ({failed}); download it again") from failed

    return [Sheet("", titles, "", texts=False, batches=batches)]


def _array(values: Any) -> pa.Array:
    """Return a column as Arrow has it: numbers, text, days or moments."""
    listed = [None if value != value else value for value in (values.tolist() if hasattr(values, "tolist") else values)]  # noqa: PLR0124 - not a number
    kinds = {type(value) for value in listed if value is not None}
    if not kinds:
        return pa.nulls(len(listed), pa.string())
    if kinds <= {dt.date}:
        return pa.array(listed, pa.date32())
    if kinds <= {dt.date, dt.datetime}:
        return pa.array(listed, pa.timestamp("us"))
    return (
        pa.array(listed) if kinds <= {int, float, bool} else pa.array([None if value is None else str(value) for value in listed])
    )
