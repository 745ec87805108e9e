"""What a build tells while it works."""

from typing import Protocol


class Progress(Protocol):
    """Is told what is being done, and, where that is known, which part of it is done (0 to 1)."""

    def __call__(self, doing: str, part: float | None = None) -> None:
        """Take it."""


def silent(doing: str, part: float | None = None) -> None:
    """Tell nobody: for notebooks and tests."""
