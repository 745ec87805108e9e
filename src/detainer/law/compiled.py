"""The files of the law as plain data, kept between runs: parsing YAML takes seconds, reading what was parsed milliseconds.

What is kept is JSON, so reading it runs no code, and each file's data stand under the SHA-256 of the text they were parsed
from: a text that changed is parsed again. The models still check all of it. A file that is damaged, of another version, or
that somebody else could have written is passed over and written anew.
"""

import hashlib
import os
import stat
import sys
import tempfile
from collections.abc import Iterator, Mapping
from importlib.util import cache_from_source
from pathlib import Path
from typing import Any

from pydantic_core import from_json, to_json

from detainer import __version__

# The digest of a text, and what was parsed from it.
Parsed = dict[str, Any]

_FORM = f"detainer law 1 {__version__}"
_LAW = "law.json"


def digest(text: str) -> str:
    """Return the SHA-256 of a text, in hexadecimal."""
    return hashlib.sha256(text.encode()).hexdigest()


def folders() -> tuple[Path, ...]:
    """Return where it may be kept: where Python keeps the package's own bytecode, else the user's cache."""
    beside = () if sys.dont_write_bytecode else (Path(cache_from_source(__file__)).parent,)
    return (*beside, Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "detainer")


def _ours(file: Path) -> bool:
    """Say whether only this user (or root) can have written the file."""
    if not hasattr(os, "geteuid"):
        return True
    found = file.stat()
    return found.st_uid in (0, os.geteuid()) and not found.st_mode & (stat.S_IWGRP | stat.S_IWOTH)


def _read(file: Path) -> Parsed | None:
    try:
        if not _ours(file):
            return None
        form, whole, body = file.read_bytes().split(b"\n", 2)
        if form.decode() != _FORM or whole.decode() != hashlib.sha256(body).hexdigest():
            return None
        parsed = from_json(body)
    except (OSError, ValueError):
        return None
    return parsed if isinstance(parsed, dict) else None


def read(places: tuple[Path, ...] | None = None, name: str = _LAW) -> Parsed:
    """Return what is kept; nothing when there is none that can be trusted."""
    found: Iterator[Parsed | None] = (_read(folder / name) for folder in places or folders())
    return next((parsed for parsed in found if parsed is not None), {})


def write(parsed: Mapping[str, Any], places: tuple[Path, ...] | None = None, name: str = _LAW) -> Path | None:
    """Keep it in the first folder that lets us, and return the file; None when none does: then every run parses anew."""
    body = to_json(parsed)
    content = b"\n".join((_FORM.encode(), hashlib.sha256(body).hexdigest().encode(), body))
    for folder in places or folders():
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            # Written beside and moved over, so that a reader sees the old file or the new one.
            number, beside = tempfile.mkstemp(dir=folder, prefix=name)
        except OSError:
            continue
        try:
            with os.fdopen(number, "wb") as file:
                file.write(content)
            Path(beside).replace(folder / name)
        except OSError:
            Path(beside).unlink(missing_ok=True)
            continue
        return folder / name
    return None
