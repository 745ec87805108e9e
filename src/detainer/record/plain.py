"""What a text and a JSON object of the record may hold: what every store and reader gives back as it was."""

import re
from typing import Any, Final

DEEPEST: Final = 16  # levels of a JSON object: far more than facts need, far less than Python's stack
LARGEST: Final = 2**53 - 1  # beyond it JSON readers disagree on a whole number (RFC 8785, RFC 7493)

_UNPRINTABLE: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")  # all controls but tab and line feed


def printable(text: str) -> str:
    """Refuse the characters that no text of the record may hold (PostgreSQL's jsonb refuses NUL and lone surrogates too)."""
    bad = _UNPRINTABLE.search(text)
    if bad:
        raise ValueError(f"holds the control character U+{ord(bad[0]):04X}: plain text only")
    return text


def line_ends(text: str) -> str:
    """Return a text with its lines ended as here: a page's form sends them ended as on a typewriter."""
    return text.replace("\r\n", "\n")


def one_line(text: str) -> str:
    """Refuse a text of several lines."""
    if "\n" in text or "\t" in text:
        raise ValueError("holds a line break or a tab: one line only")
    return text


def same_everywhere(value: dict[str, Any]) -> dict[str, Any]:
    """Refuse what would not come back from every JSON reader as it went in, so that a hash over it stays true."""
    why = _why_not_json(value, "", DEEPEST)
    if why:
        raise ValueError(why)
    return value


def _why_not_json(value: Any, path: str, deep: int) -> str | None:
    if deep == 0:
        return f"[{path}] is deeper than {DEEPEST} levels"
    if value is None or isinstance(value, bool):
        return None
    if isinstance(value, dict):
        parts = [part for key, item in value.items() for part in ((key, f"{path} key"), (item, f"{path}.{key}".strip(".")))]
        odd = next((key for key in value if not isinstance(key, str)), None)
        if odd is not None:
            return f"[{path}] has the key {odd!r}: a key is a text"
        return next(filter(None, (_why_not_json(item, where, deep - 1) for item, where in parts)), None)
    if isinstance(value, list | tuple):
        return next(filter(None, (_why_not_json(item, f"{path}[{at}]", deep - 1) for at, item in enumerate(value))), None)
    return _why_not_plain(value, path)


def _why_not_plain(value: Any, path: str) -> str | None:
    if isinstance(value, str):
        try:
            printable(value)
        except ValueError as error:
            return f"[{path}] {error}"
        return None
    if isinstance(value, int):
        return None if abs(value) <= LARGEST else f"[{path}] is beyond {LARGEST}: write a number that long as a text"
    if isinstance(value, float):
        return f"[{path}] is {value}, a number with a fraction: write a whole number, or a text"
    return f"[{path}] is a {type(value).__name__}: only what JSON can say"
