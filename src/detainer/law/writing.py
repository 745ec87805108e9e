"""Writing a function as Python text and compiling it: texts that are alike are compiled once."""

from collections.abc import Callable
from functools import lru_cache
from types import CodeType
from typing import Any


class Writing:
    """The lines of a function that is being written, and the values they name."""

    def __init__(self, parameters: str) -> None:
        self.lines = [f"def written({parameters}):"]
        self.values: dict[str, Any] = {"once": (None,)}

    def named(self, value: Any) -> str:
        """Return a name that stands for a value in the function."""
        name = f"value_{len(self.values)}"
        self.values[name] = value
        return name

    def line(self, depth: int, text: str) -> None:
        """Write a line of the body, at a depth of 0 or more."""
        self.lines.append(f"{'    ' * (depth + 1)}{text}")

    def compiled(self) -> Callable[..., Any]:
        """Return the function."""
        space = dict(self.values)
        exec(_code("\n".join(self.lines)), space)  # noqa: S102 - every character of it is written by this package
        made: Callable[..., Any] = space["written"]
        return made


@lru_cache(maxsize=4_096)
def _code(text: str) -> CodeType:
    return compile(text, "<the law>", "exec")
