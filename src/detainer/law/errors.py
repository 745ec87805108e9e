"""What can be wrong with a question or with a file of the law, said so that the reader can mend it."""

from collections.abc import Callable, Iterable


class LawError(ValueError):
    """A question or a file that cannot be used. The message says where, what, and what would be right."""


class PlaceUnknown(LawError):  # noqa: N818 - the public name of the interface
    """The place does not exist in the list of jurisdictions; the message offers the nearest names."""


def nearest(word: str, known: Iterable[str], count: int = 3, shown: Callable[[str], str] = str) -> str:
    """Return "; nearest: a, b" for the known words most like `word`, each as `shown` has it, or "" when none is near."""
    from difflib import get_close_matches  # noqa: PLC0415 - only a mistake needs it

    found = get_close_matches(word, list(known), n=count, cutoff=0.6)
    return f"; nearest: {', '.join(map(shown, found))}" if found else ""
