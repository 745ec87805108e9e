"""The one kind of error that a person who builds outcomes is shown: what is wrong, where, what would be right."""

import difflib
from collections.abc import Iterable


class OutcomesError(Exception):
    """Input or an option that cannot be used. The text names the file (sheet, row, column), the fault, what would be right."""


def nearest(name: str, there: Iterable[str]) -> str:
    """Return what is nearest to a name, to be added to what says that there is no such; nothing when nothing is near."""
    near = difflib.get_close_matches(name, list(there), n=3, cutoff=0.6)
    return f"; nearest: {', '.join(near)}" if near else ""
