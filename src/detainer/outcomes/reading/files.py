"""What a file is: its format by its first bytes (never by its name), its sha256, and how it is unpacked within a limit."""

import gzip
import hashlib
import io
import os
import re
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from pydantic import BaseModel, ConfigDict

from detainer.outcomes.errors import OutcomesError

Format = Literal["excel", "parquet", "feather", "stata", "spss", "delimited"]
_CHUNK: Final = 1 << 22
_HEAD: Final = 1 << 12


class Limits(BaseModel):
    """How far a packed file may grow: to `ratio` times its size, or `free` bytes whichever is more, and never over `unpacked`.

    The widest of ICE's sheets, a million rows, unpacks to some 4 GB; a gz of such tables to ten or thirty times its size.
    """

    model_config = ConfigDict(frozen=True)

    ratio: int = 200
    free: int = 256 << 20
    unpacked: int = 64 << 30
    workbook: int = 8 << 30

    def refuse(self, path: Path, packed: int, unpacked: int, most: int) -> None:
        """Raise OutcomesError when what is unpacked so far is over a limit."""
        allowed = min(most, max(self.free, packed * self.ratio))
        if unpacked > allowed:
            raise OutcomesError(
                f"{path}: it unpacks to more than {allowed:,} bytes from {packed:,}: no table packs like this, and it may be "
                "meant to fill the machine. If you trust it, say how large it may grow: --unpack-limit 100GB"
            )


_SIZE: Final = re.compile(r"(\d+(?:\.\d+)?)\s*([KMGT]?)B", re.IGNORECASE)


def limits_of(size: str | None) -> Limits:
    """Return the limits under which a packed file may grow to a size, as `100GB` (None: the usual). ValueError for no size."""
    if size is None:
        return Limits()
    found = _SIZE.fullmatch(size.strip())
    if found is None:
        raise ValueError("a size is meant, as 500MB or 100GB")
    most = int(float(found[1]) * 1000 ** " KMGT".index(found[2].upper() or " "))
    return Limits(free=most, unpacked=most, workbook=most)


@dataclass(frozen=True)
class Input:
    """One file as found: `packed` says that it is a gz around the format."""

    path: Path
    sha256: str
    size: int
    format: Format
    packed: bool


def look(path: Path) -> Input:
    """Return what the file is. OutcomesError when it is missing, not readable, empty, cut short, or of no known format."""
    try:
        size = path.stat().st_size
        if path.is_dir():
            raise OutcomesError(f"{path}: a folder; name the files in it")
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
    except FileNotFoundError:
        raise OutcomesError(f"{path}: there is no such file") from None
    except PermissionError:
        raise OutcomesError(f"{path}: you may not read it; ask its owner for the right to read (chmod +r)") from None
    except OSError as failed:
        raise OutcomesError(f"{path}: it cannot be read: {failed.strerror}") from failed
    if size == 0:
        raise OutcomesError(f"{path}: the file is empty; was it downloaded to its end?")
    head = _head(path, packed=False)
    packed = head.startswith(b"\x1f\x8b")
    if packed:
        head = _head(path, packed=True)
        if not head:
            raise OutcomesError(f"{path}: there is nothing in the gz")
    return Input(path, digest, size, _format(path, head, packed), packed)


def _head(path: Path, packed: bool) -> bytes:
    with _damage_told(path), gzip.open(path) if packed else path.open("rb") as file:
        return bytes(file.read(_HEAD))


# the first bytes of a format, and what it is; None with what a person should do
_FIRST: Final[tuple[tuple[bytes, Format | None, str], ...]] = (
    (b"PAR1", "parquet", ""),
    (b"ARROW1", "feather", ""),
    (b"FEA1", "feather", ""),
    (b"<stata_dta>", "stata", ""),
    (b"$FL2", "spss", ""),
    (b"$FL3", "spss", ""),
    (b"\xd0\xcf\x11\xe0", "excel", ""),
    (b"PK\x03\x04", "excel", ""),
    (b"version https://git-lfs", None, "a pointer of Git LFS, not the file; fetch it with `git lfs pull` or download it"),
    (b"%PDF", None, "a PDF; what is read are the tables themselves (xlsx, csv, parquet, feather, dta, sav)"),
    (b"<!DOCTYPE", None, "a web page, perhaps the page of the download; save the file itself"),
    (b"<html", None, "a web page, perhaps the page of the download; save the file itself"),
    (b"7z\xbc\xaf", None, "a 7z archive; unpack it and name the files in it"),
    (b"PK\x05\x06", None, "an empty zip"),
    (b"SQLite format 3", None, "a database of SQLite; save its tables as csv or parquet"),
    (b"RDX", None, "a file of R; save it as parquet or csv (arrow::write_parquet)"),
    (b"X\n\0\0\0", None, "a file of R; save it as parquet or csv (arrow::write_parquet)"),
    (b'{"', None, "JSON; save it as csv or parquet"),
    (b"[{", None, "JSON; save it as csv or parquet"),
)


def _format(path: Path, head: bytes, packed: bool) -> Format:
    for first, known, advice in _FIRST:
        if head.startswith(first):
            if known is None:
                raise OutcomesError(f"{path}: {advice}")
            if not packed:
                _complete(path, head, known, path)
            return known
    if head[:1] in {b"\x71", b"\x72", b"\x73"} and b"\0" in head[:200]:
        return "stata"
    wide = head[:2] in {b"\xff\xfe", b"\xfe\xff"} or head[1::2].count(0) > len(head) // 3 or head[::2].count(0) > len(head) // 3
    if b"\0" in head and not wide:
        raise OutcomesError(
            f"{path}: of no known format (it begins with {head[:8]!r}); known are xlsx, xls, csv and other delimited text, "
            "parquet, feather, dta and sav, each also in a gz"
        )
    return "delimited"


def _complete(path: Path, head: bytes, known: Format, named: Path) -> None:
    """Raise OutcomesError for a parquet or xlsx that was cut short: both keep their table of contents at the end."""
    if known == "parquet":
        with path.open("rb") as file:
            file.seek(max(-4, -path.stat().st_size), os.SEEK_END)
            if file.read() != b"PAR1":
                raise OutcomesError(f"{named}: a Parquet file that was cut short (its end is missing); download it again")
    if known == "excel" and head.startswith(b"PK"):
        try:
            with zipfile.ZipFile(path) as book:
                inside = book.namelist()
        except zipfile.BadZipFile:
            raise OutcomesError(
                f"{named}: a workbook that was cut short or damaged (its end is missing); download it again"
            ) from None
        if not any(name.startswith("xl/") for name in inside) and "content.xml" not in inside:
            raise OutcomesError(
                f"{named}: a zip archive, not a workbook; unpack it and name the files in it ({', '.join(inside[:3])})"
            )


@contextmanager
def _damage_told(path: Path) -> Iterator[None]:
    try:
        yield
    except (EOFError, zlib.error, gzip.BadGzipFile) as damaged:
        raise OutcomesError(f"{path}: a gz that was cut short or damaged ({damaged}); download it again") from damaged


class _Guarded(io.RawIOBase):
    """The bytes of a file, unpacked, counted against the limits as they come."""

    def __init__(self, found: Input, limits: Limits) -> None:
        self._file = gzip.open(found.path) if found.packed else found.path.open("rb")  # noqa: SIM115 - closed by close()
        self._found, self._limits, self._count = found, limits, 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        with _damage_told(self._found.path):
            count = self._file.readinto(buffer)
        self._count += count
        if self._found.packed:
            self._limits.refuse(self._found.path, self._found.size, self._count, self._limits.unpacked)
        return count

    def close(self) -> None:
        self._file.close()
        super().close()


def opened(found: Input, limits: Limits) -> io.BufferedReader:
    """Return the file's bytes, unpacked. Reading raises OutcomesError when a gz is damaged or grows over the limits."""
    return io.BufferedReader(_Guarded(found, limits), _CHUNK)


def unpacked(found: Input, scratch: Path, limits: Limits) -> Path:
    """Return the path of the file without its gz (itself when it has none), unpacked into the scratch folder."""
    if not found.packed:
        return found.path
    path = scratch / f"{found.sha256[:16]}-{found.path.name.removesuffix('.gz')}"
    with opened(found, limits) as file, path.open("wb") as out:
        while chunk := file.read(_CHUNK):
            out.write(chunk)
    _complete(path, _head(path, packed=False), found.format, found.path)
    return path


def sound(path: Path, limits: Limits, named: Path) -> None:
    """Raise OutcomesError for a zipped workbook that grows over the limits or is damaged; every byte of it is unpacked once."""
    if not zipfile.is_zipfile(path):
        return
    size = path.stat().st_size
    try:
        with zipfile.ZipFile(path) as book:
            limits.refuse(named, size, sum(entry.file_size for entry in book.infolist()), limits.workbook)
            for entry in book.infolist():
                with book.open(entry) as file:
                    while file.read(_CHUNK):
                        pass
    except (zipfile.BadZipFile, zlib.error, EOFError) as damaged:
        raise OutcomesError(f"{named}: a damaged workbook ({damaged}); download it again") from damaged
