"""A reconciliation as CSV, for a spreadsheet: request ids and references, no name of a person. Pure."""

import csv
import io
from collections.abc import Callable, Sequence
from typing import Final

from detainer.record.reconciling import Entry
from detainer.record.said import ASKS

COLUMNS: Final = (
    *("request", "leg", "reference", "facility", "came", "sent", "received", "opened", "acknowledged", "answered"),
    *("ended", "reason", *ASKS, "difference", "why"),
)
# A spreadsheet takes what begins with one of these for a formula, and runs it.
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n")


def safe(value: object) -> str:
    """Return a cell that no spreadsheet takes for a formula; empty for None."""
    text = "" if value is None else str(value)
    return f"'{text}" if text.lstrip().startswith(_FORMULA) or text.startswith(_FORMULA) else text


def written(told: Sequence[Entry], why: Callable[[Entry], str]) -> str:
    """Return entries as CSV (RFC 4180) with a line of headings; the moments in UTC."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    for entry in told:
        row: dict[str, object] = entry.model_dump(mode="json") | {"why": why(entry)}
        row.update({str(ask): became for ask, became in entry.asks.items()})
        writer.writerow([safe(row.get(column)) for column in COLUMNS])
    return out.getvalue()
