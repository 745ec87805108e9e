"""Delimited text: separator, encoding and row of titles are found; rows are streamed, so that any size takes little memory."""

import codecs
import csv
import io
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from typing import Final

import pyarrow as pa
import pyarrow.csv as pacsv

from detainer.outcomes.errors import OutcomesError
from detainer.outcomes.reading.files import Input, Limits, opened
from detainer.outcomes.reading.sheets import Reject, Sheet, numbered
from detainer.outcomes.reading.titles import SOUGHT, Said, score, titles_at, titles_of

_SEPARATORS: Final = ",|\t;"
_SAMPLE: Final = 1 << 18
_CHUNK: Final = 1 << 22
_END: Final = 1 << 16  # bytes in which the last line is looked for
_BLOCK: Final = 4 << 20  # bytes at a time; also the longest row that can be read


def sheets(found: Input, limits: Limits, said: Said) -> list[Sheet]:
    """Return the one sheet of a delimited file. OutcomesError when empty, damaged, over the limits, or without known titles."""
    encoding, sample, end = _encoding(found, limits)
    separator, lines, titles, above = _head(found, sample, said)

    def batches(positions: Sequence[int], reject: Reject) -> Iterator[pa.RecordBatch]:
        return _batches(found, limits, encoding, separator, lines, len(titles), positions, reject)

    notes = [] if encoding.startswith("utf") else [f"not written in UTF-8: read as {encoding}"]
    return [Sheet("", titles, above, texts=True, batches=batches, notes=(*notes, *_cut_short(end, separator, len(titles))))]


def _cut_short(end: str, separator: str, width: int) -> Iterator[str]:
    """Yield a note when the file ends within a row: without the end of its line, and with fewer values than there are titles."""
    last = end.splitlines()[-1] if end and not end.endswith(("\n", "\r")) else ""
    values = next(csv.reader([last], delimiter=separator), [])
    if last.strip() and len(values) < width:
        yield (
            f"the file ends within a row ({len(values)} values where the titles are {width}, and no end of the line: "
            f"{last[:80]!r}): it may have been cut short, so that rows are lacking; compare its size with the one that is offered"
        )


def _encoding(found: Input, limits: Limits) -> tuple[str, str, str]:
    """Return the encoding in which the whole file can be read (every byte is looked at), and its beginning and end as text."""
    with opened(found, limits) as file:
        head = file.read(_SAMPLE)
        if not head.strip(b"\0 \t\r\n\xef\xbb\xbf"):
            raise OutcomesError(f"{found.path}: the file is empty; was it downloaded to its end?")
        candidates = _candidates(head)
        decoders = {name: codecs.getincrementaldecoder(name)("strict") for name in candidates}
        chunk, end = head, b""
        while chunk:
            end = (end + chunk)[-_END:]
            for name in list(decoders)[:-1]:
                try:
                    decoders[name].decode(chunk)
                except UnicodeDecodeError:
                    del decoders[name]
            chunk = file.read(_CHUNK)
    encoding = next(iter(decoders))
    mark = head[:2] if encoding == "utf-16" else b""
    decode = codecs.getincrementaldecoder(encoding)
    return encoding, decode("replace").decode(head), decode("replace").decode(mark + end)


def _candidates(head: bytes) -> tuple[str, ...]:
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return ("utf-16",)
    if head[1::2].count(0) > len(head) // 3:
        return ("utf-16-le",)
    if head[::2].count(0) > len(head) // 3:
        return ("utf-16-be",)
    return ("utf-8-sig", "cp1252", "latin-1") if head.startswith(codecs.BOM_UTF8) else ("utf-8", "cp1252", "latin-1")


def _head(found: Input, sample: str, said: Said) -> tuple[str, int, tuple[str, ...], str]:
    """Return the separator, the number of lines through the titles, the titles, and what stands above them."""
    best: tuple[int, str, list[list[str]], list[int]] = (0, ",", [], [])
    for separator in _SEPARATORS:
        rows, ends = _rows(sample, separator)
        most = max((score(titles_of(rows, at, said), said) for at in range(len(rows))), default=0)
        if most > best[0]:
            best = (most, separator, rows, ends)
    _, separator, rows, ends = best
    at = titles_at(rows, said)
    if at is None:
        first = " / ".join(line[:120] for line in sample.splitlines()[:8])
        raise OutcomesError(
            f"{found.path}: among its first {SOUGHT} lines none holds the titles of a known table. It begins: {first}. "
            "A row with at least two known titles is needed, as 'Detainer Prepare Date', 'Detainer Lift Reason'; where the "
            'titles are others, say what two or more of them are: --column "TITLE=detainer_prepare_date"'
        )
    above = "\n".join(" ".join(filter(None, row)) for row in rows[:at])
    return separator, ends[at], titles_of(rows, at, said), above


def _rows(sample: str, separator: str) -> tuple[list[list[str]], list[int]]:
    reader = csv.reader(io.StringIO(sample, newline=""), delimiter=separator)
    rows: list[list[str]] = []
    ends: list[int] = []
    try:
        for row in reader:
            rows.append(row)
            ends.append(reader.line_num)
            if len(rows) == SOUGHT:
                break
    except csv.Error:
        pass  # the sample may end within a row
    return rows, ends


def _batches(
    found: Input,
    limits: Limits,
    encoding: str,
    separator: str,
    lines: int,
    width: int,
    positions: Sequence[int],
    reject: Reject,
) -> Iterator[pa.RecordBatch]:
    misshapen: list[int] = []

    def unreadable(row: pacsv.InvalidRow) -> str:
        number = int(row.number)
        misshapen.append(number)
        if row.text.strip(" \t\r\n" + separator):
            reject(number, f"{row.actual_columns} values where the titles are {row.expected_columns}", row.text)
        return "skip"

    names = [str(position) for position in range(width)]
    kind = pa.dictionary(pa.int32(), pa.string())
    number = lines + 1
    with opened(found, limits) as file:
        try:
            reader = pacsv.open_csv(
                pa.PythonFile(file, mode="r"),
                read_options=pacsv.ReadOptions(
                    use_threads=False,
                    block_size=_BLOCK,
                    skip_rows=lines,
                    column_names=names,
                    encoding=encoding.removesuffix("-sig"),
                ),
                parse_options=pacsv.ParseOptions(
                    delimiter=separator, newlines_in_values=True, ignore_empty_lines=False, invalid_row_handler=unreadable
                ),
                convert_options=pacsv.ConvertOptions(
                    include_columns=[str(position) for position in positions],
                    column_types=dict.fromkeys(names, kind),
                    strings_can_be_null=False,
                ),
            )
            for batch in reader:
                rows = _numbers(number, batch.num_rows, misshapen)
                number = (rows[-1] if rows else number - 1) + 1
                yield numbered(batch, positions, pa.array(rows, pa.int64()))
        except pa.ArrowInvalid as failed:
            if number == lines + 1 and "Could not skip initial" in str(failed):
                return  # the titles are all that there is, without an end of their line
            raise OutcomesError(
                f"{found.path}: after row {number - 1:,}: {failed}. A quotation mark that is opened and not closed makes the "
                "rest of a file one value; mend that row or leave it out"
            ) from failed


def _numbers(first: int, count: int, misshapen: list[int]) -> list[int]:
    """Return the numbers of the next rows that could be read: those that could not are passed over, and forgotten."""
    if not misshapen or misshapen[-1] < first:
        return list(range(first, first + count))
    passed = set(misshapen)
    numbers: list[int] = []
    number = first
    while len(numbers) < count:
        if number not in passed:
            numbers.append(number)
        number += 1
    del misshapen[: bisect_right(misshapen, number)]
    return numbers
