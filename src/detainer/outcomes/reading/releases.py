"""Which release a file belongs to. Identifiers of people join only within one release.

The rule, in this order: what the person says (`release=`); the FOIA number in the Deportation Data Project's column
`file_original`; in the file's name; in the lines above the titles; in the names of the folders it lies in. Files that say
nothing are one release when they lie in one folder, named by it; a single such file is named by itself.
"""

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Final

# 2026-ICLI-00005, 2023_ICFO_42034, 2023-ICFO_42034; and the older 14-03290 where it stands alone
_NUMBER: Final = re.compile(r"(?<!\d)((?:19|20)\d\d)[-_ ]([A-Z]{4})[-_ ](\d{5})(?!\d)", re.IGNORECASE)
_OLDER: Final = re.compile(r"(?<![\d-])(\d\d)-(\d{5})(?![\d-])")


def number_in(text: str) -> str | None:
    """Return the first FOIA number in a text, in one spelling (`2026-ICLI-00005`), or None."""
    if found := _NUMBER.search(text):
        return "-".join(found.groups()).upper()
    if older := _OLDER.search(text):
        return "-".join(older.groups())
    return None


def release_of(path: Path, above: str, originals: Iterable[str]) -> list[str]:
    """Return the release (or releases, by `file_original`) that a file names by the rule above; none when it names none."""
    named = sorted({number for text in originals if (number := number_in(text))})
    if named:
        return named
    folders = [part.name for part in path.absolute().parents]
    for text in (path.name, above, *folders[:3]):
        if number := number_in(text):
            return [number]
    return []
