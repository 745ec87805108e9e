"""Values as found become values of their kind. The work is done on the different values of a batch, not row by row."""

import datetime as dt
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from detainer.outcomes.reading.columns import NO, NULLS, NULLS_OF_VALUES, REDACTED, YES, Column, Kind
from detainer.outcomes.reading.dates import Moments, Order, moments_of

TEXT: Final = pa.dictionary(pa.int32(), pa.string())
TYPES: Final[dict[Kind, pa.DataType]] = {
    "date": pa.date32(),
    "moment": pa.timestamp("us"),
    "text": TEXT,
    "integer": pa.int64(),
    "number": pa.float64(),
    "yes_no": TEXT,
}
EXAMPLES: Final = 5
_SPELLED: Final = "|".join(map(re.escape, sorted(NULLS)))
_UNCLEAN: Final = rf"^\s|\s$|\s\s|[\t\r\n]|^(?i:{_SPELLED})$|^\(?[bB]\)?\s*\(\s*\d"
_YEARS: Final = (1880, 2100)
_SHORTEST: Final = 20  # no null spelling is as long as an identifier


@dataclass
class Count:
    """What was done to one column: text trimmed, spellings of nothing emptied, what could not be read, what cannot be true."""

    cleaned: int = 0
    emptied: int = 0
    unreadable: int = 0
    implausible: int = 0
    disagreed: int = 0
    examples: dict[str, list[str]] = field(default_factory=dict)

    def note(self, what: str, rows: int, values: Iterable[Any]) -> None:
        """Count rows, and keep a few of their values as examples."""
        if rows:
            setattr(self, what, getattr(self, what) + rows)
            kept = self.examples.setdefault(what, [])
            for value in values:
                if len(kept) < EXAMPLES and value is not None and str(value) not in kept:
                    kept.append(str(value))


def type_of(column: Column) -> pa.DataType:
    """Return the Arrow type in which a column is written; identifiers without a dictionary, which would be as long as they."""
    return pa.string() if column.opaque else TYPES[column.kind]


def valued(column: Column, found: pa.Array, order: Order | None, today: dt.date, count: Count) -> pa.Array:
    """Return the values of a column in its type; what has no meaning as its kind is null and counted."""
    if pa.types.is_large_string(found.type):
        found = found.cast(pa.string())
    if column.kind in ("date", "moment"):
        return _of_time(column, found, order, today, count)
    if column.kind in ("integer", "number"):
        return _of_number(column, found, count)
    if column.opaque:
        return _opaque(_as_text(found), count)
    return _over(_spelled(found), column, count)


def _spelled(found: pa.Array) -> pa.DictionaryArray:
    text = _as_text(found)
    return text if pa.types.is_dictionary(text.type) else text.dictionary_encode()


def _as_text(found: pa.Array) -> pa.Array:
    """Return values as text, 1996.0 as `1996`."""
    kind = found.type
    if pa.types.is_dictionary(kind):
        return found if found.type == TEXT else found.cast(TEXT)
    if pa.types.is_string(kind):
        return found
    if pa.types.is_floating(kind) and pc.all(pc.equal(pc.floor(found), found)).as_py() is not False:
        return pc.cast(found, pa.int64(), safe=False).cast(pa.string())
    return pa.array([None] * len(found), pa.string()) if pa.types.is_null(kind) else found.cast(pa.string())


def _opaque(text: pa.Array, count: Count) -> pa.Array:
    plain = text.cast(pa.string()) if pa.types.is_dictionary(text.type) else text
    short = pc.less(pc.binary_length(plain), _SHORTEST)
    blank = pc.or_(pc.starts_with(plain, " "), pc.ends_with(plain, " "))
    if not pc.any(pc.or_(short, blank)).as_py():
        return plain
    cleaned, changed, emptied = _clean(plain, NULLS)
    count.note("cleaned", pc.sum(changed).as_py() or 0, plain.filter(changed).slice(0, EXAMPLES).to_pylist())
    count.note("emptied", pc.sum(emptied).as_py() or 0, plain.filter(emptied).slice(0, EXAMPLES).to_pylist())
    return cleaned


def _over(text: pa.DictionaryArray, column: Column, count: Count) -> pa.Array:
    """Clean the different values of a text and give each row its own again."""
    values = text.dictionary
    if column.kind == "yes_no":
        return _yes_no(text, count)
    if not pc.any(pc.match_substring_regex(values, _UNCLEAN)).as_py():
        return text
    cleaned, changed, emptied = _clean(values, NULLS)
    _count(count, "cleaned", text, changed)
    _count(count, "emptied", text, emptied)
    return _again(text, cleaned)


def _clean(values: pa.Array, nulls: frozenset[str]) -> tuple[pa.Array, pa.Array, pa.Array]:
    """Return the values trimmed and with single blanks, which were changed by that, and which spell nothing.

    Those are null, as blanks are, which nobody needs to be told of.
    """
    folded = pc.replace_substring_regex(pc.utf8_trim_whitespace(values), r"\s+", " ")
    small = pc.utf8_lower(folded)
    nothing = pc.or_(pc.is_in(small, value_set=pa.array(sorted(nulls))), pc.match_substring_regex(small, REDACTED))
    nothing = pc.and_(nothing, pc.is_valid(values))
    changed = pc.and_(pc.not_equal(folded, values), pc.invert(nothing))
    spelled = pc.fill_null(pc.and_(nothing, pc.not_equal(small, "")), fill_value=False)
    return pc.if_else(nothing, pa.scalar(None, pa.string()), folded), pc.fill_null(changed, fill_value=False), spelled


def _count(count: Count, what: str, text: pa.DictionaryArray, mask: pa.Array) -> None:
    """Count the rows whose value is marked in the dictionary."""
    if pc.any(mask).as_py():
        rows = pc.sum(pc.take(mask, text.indices)).as_py() or 0
        count.note(what, rows, text.dictionary.filter(mask).slice(0, EXAMPLES).to_pylist())


def _again(text: pa.DictionaryArray, values: pa.Array) -> pa.DictionaryArray:
    """Return the rows with other values for those of the dictionary; equal values become one."""
    encoded = values.dictionary_encode()
    return pa.DictionaryArray.from_arrays(pc.take(encoded.indices, text.indices), encoded.dictionary)


def _yes_no(text: pa.DictionaryArray, count: Count) -> pa.DictionaryArray:
    cleaned, _, emptied = _clean(text.dictionary, NULLS_OF_VALUES)
    small = pc.utf8_lower(cleaned)
    yes, no = (pc.is_in(small, value_set=pa.array(sorted(said))) for said in (YES, NO))
    said = pc.if_else(yes, "YES", pc.if_else(no, "NO", pa.scalar(None, pa.string())))
    _count(count, "emptied", text, emptied)
    _count(count, "unreadable", text, pc.and_(pc.is_null(said), pc.is_valid(cleaned)))
    return _again(text, said)


def _of_number(column: Column, found: pa.Array, count: Count) -> pa.Array:
    kind = TYPES[column.kind]
    if not (pa.types.is_integer(found.type) or pa.types.is_floating(found.type)):
        found = _numbers(_spelled(found), count)
    numbers = pc.if_else(pc.is_finite(found), found, None) if pa.types.is_floating(found.type) else found
    if column.name.endswith("_year"):
        numbers = _within(numbers, pa.scalar(_YEARS[0]), pa.scalar(_YEARS[1]), count)
    if column.kind == "integer" and pa.types.is_floating(numbers.type):
        numbers = pc.round(numbers)
    return numbers.cast(kind)


def _numbers(text: pa.DictionaryArray, count: Count) -> pa.Array:
    cleaned, _, emptied = _clean(text.dictionary, NULLS_OF_VALUES)
    bare = pc.replace_substring_regex(cleaned, r"^\$\s*|,", "")
    readable = pc.match_substring_regex(bare, r"^[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?$")
    _count(count, "emptied", text, emptied)
    _count(count, "unreadable", text, pc.fill_null(pc.invert(readable), fill_value=False))
    numbers = pc.if_else(readable, bare, pa.scalar(None, pa.string())).cast(pa.float64())
    return pc.take(numbers, text.indices)


def _of_time(column: Column, found: pa.Array, order: Order | None, today: dt.date, count: Count) -> pa.Array:
    kind = found.type
    if pa.types.is_timestamp(kind):
        found = _local(found)
    elif not pa.types.is_date(kind):
        found = _read(_spelled(found), order, count)
    values = found.cast(TYPES[column.kind], safe=False)
    until = dt.date(2100, 1, 1) if column.ahead else today + dt.timedelta(days=1)
    return _within(values, pa.scalar(column.since).cast(values.type), pa.scalar(until).cast(values.type), count)


def _local(found: pa.Array) -> pa.Array:
    """Return moments as the clock showed them. The releases write local times, which the project's files call UTC."""
    if found.type.tz is None:
        return found
    return (
        found.cast(pa.timestamp(found.type.unit))
        if found.type.tz.upper() in ("UTC", "ETC/UTC", "+00:00")
        else pc.local_timestamp(found)
    )


def _read(text: pa.DictionaryArray, order: Order | None, count: Count) -> pa.Array:
    cleaned, _, emptied = _clean(text.dictionary, NULLS_OF_VALUES)
    moments: Moments = moments_of(cleaned, order)
    lost = pa.array(np.isnat(moments))
    _count(count, "emptied", text, emptied)
    _count(count, "unreadable", text, pc.and_(lost, pc.is_valid(cleaned)))
    return pc.take(pa.array(moments, pa.timestamp("us")), text.indices)


def _within(values: pa.Array, first: pa.Scalar, last: pa.Scalar, count: Count) -> pa.Array:
    """Return the values with those outside of the bounds as nulls."""
    span = pc.min_max(values).as_py()
    if span["min"] is None or (span["min"] >= first.as_py() and span["max"] <= last.as_py()):
        return values
    outside = pc.fill_null(pc.or_(pc.less(values, first), pc.greater(values, last)), fill_value=False)
    count.note("implausible", pc.sum(outside).as_py() or 0, values.filter(outside).slice(0, 50).to_pylist())
    return pc.if_else(outside, pa.scalar(None, values.type), values)
