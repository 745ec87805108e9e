"""The type faces that the documents print with, and which characters they have. The vendor step puts them into `fonts/`."""

import functools
import re
import struct
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import typst

FOLDER: Final = Path(__file__).parent / "fonts"
FAMILIES: Final = ("Noto Sans", "Noto Naskh Arabic", "Noto Sans Hebrew", "Noto Sans S Chinese")
_LONG: Final = re.compile(r"[^\s\u200b-]{28}")  # what has no place to be broken at gets one
_FILES: Final = (
    *("NotoSans-Regular.ttf", "NotoSans-Bold.ttf", "NotoNaskhArabic-Regular.ttf", "NotoSansHebrew-Regular.ttf"),
    "NotoSansHans-Regular.otf",
)


@functools.cache
def loaded() -> typst.Fonts:
    """Return the faces as Typst takes them: none of the system's, so that every machine prints the same."""
    missing = [name for name in _FILES if not (FOLDER / name).is_file()]
    if missing:
        raise FileNotFoundError(f"[{FOLDER / missing[0]}] is missing: `make serve` and `make lint` put the type faces there")
    return typst.Fonts(include_system_fonts=False, font_paths=[str(FOLDER)])


def printable(text: str) -> str:
    """Return a text as it can be printed: a character that no face has is its number, `[U+1F600]`; a long run may be broken."""
    known = text if text.isascii() else "".join(mark if _prints(mark) else f"[U+{ord(mark):04X}]" for mark in text)
    return _LONG.sub("\\g<0>\u200b", known)


def _prints(mark: str) -> bool:
    return mark.isascii() or ord(mark) in _characters() or unicodedata.category(mark) in ("Cf", "Zs", "Zl", "Zp")


@functools.cache
def _characters() -> frozenset[int]:
    """Return every character that one of the faces has."""
    return frozenset(code for name in _FILES for code in _mapped((FOLDER / name).read_bytes()))


def _mapped(face: bytes) -> Iterator[int]:
    """Yield the characters that a face's `cmap` maps to a glyph (OpenType, formats 4 and 12)."""
    count = struct.unpack_from(">H", face, 4)[0]
    tables = {face[at : at + 4]: struct.unpack_from(">I", face, at + 8)[0] for at in range(12, 12 + 16 * count, 16)}
    start = tables[b"cmap"]
    for record in range(struct.unpack_from(">H", face, start + 2)[0]):
        at = start + struct.unpack_from(">I", face, start + 4 + 8 * record + 4)[0]
        match struct.unpack_from(">H", face, at)[0]:
            case 4:
                yield from _segments(face, at)
            case 12:
                groups = struct.unpack_from(">I", face, at + 12)[0]
                for first, last, _ in struct.iter_unpack(">III", face[at + 16 : at + 16 + 12 * groups]):
                    yield from range(first, last + 1)


def _segments(face: bytes, at: int) -> Iterator[int]:
    """Yield the characters of a `cmap` of format 4, without those that it maps to no glyph."""
    count = struct.unpack_from(">H", face, at + 6)[0] // 2
    ends = struct.unpack_from(f">{count}H", face, at + 14)
    starts = struct.unpack_from(f">{count}H", face, at + 16 + 2 * count)
    deltas = struct.unpack_from(f">{count}H", face, at + 16 + 4 * count)
    offsets_at = at + 16 + 6 * count
    offsets = struct.unpack_from(f">{count}H", face, offsets_at)
    for segment, (first, last) in enumerate(zip(starts, ends, strict=True)):
        for code in range(first, min(last, 0xFFFE) + 1):
            glyph = code
            if offsets[segment]:
                glyph = struct.unpack_from(">H", face, offsets_at + 2 * segment + offsets[segment] + 2 * (code - first))[0]
            if glyph and (glyph + deltas[segment]) % 0x10000:
                yield code
