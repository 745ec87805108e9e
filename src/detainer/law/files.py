"""Reading a file of the law: YAML 1.2 into models, with the file and line of whatever is wrong."""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from detainer.law.errors import LawError, nearest
from detainer.law.rules import Duty, Jurisdiction, Rule, TimeLimit

Model = TypeVar("Model")
Lines = dict[tuple[str | int, ...], int]
_ITEMS: dict[str | int, type[BaseModel]] = {"rules": Rule, "duties": Duty, "time_limits": TimeLimit}


def read_yaml(text: str, file: str) -> tuple[Any, Lines]:
    """Return the plain data of a YAML 1.2 text and the line of each part. Raises LawError with file and line."""
    # Loaded here, because a process that finds the library compiled never reads YAML.
    from detainer.law import yaml12  # noqa: PLC0415

    return yaml12.read(text, file)


def _nearest_line(at: Sequence[str | int], lines: Lines) -> int:
    """Follow the error's path as far as the text has it: models add steps (union tags) that the text does not."""
    here: tuple[str | int, ...] = ()
    for step in at:
        if (*here, step) in lines:
            here = (*here, step)
    return lines[here]


def _named(data: Any, at: Sequence[str | int]) -> str:
    """Return "rule [id]" when the path leads into something with an id."""
    if len(at) >= 2 and isinstance(at[1], int):
        item = data[at[0]][at[1]]
        if isinstance(item, dict) and "id" in item:
            return f" [{item['id']}]"
    return ""


def _message(error: Any, data: Any) -> str:
    at = error["loc"]
    where = ".".join(str(step) for step in at if not isinstance(step, int)) or "file"
    said: str = error["msg"].removeprefix("Value error, ")
    if error["type"] == "extra_forbidden":
        known = Jurisdiction if len(at) == 1 else _ITEMS.get(at[0]) if len(at) == 3 else None
        keys = [field.alias or name for name, field in known.model_fields.items()] if known else ()
        said = f"unknown key [{at[-1]}]{nearest(str(at[-1]), keys)}"
    elif error["type"] == "missing":
        said = f"key [{at[-1]}] is missing"
    elif error["type"] == "literal_error":
        said = f"[{error['input']}] is not one of {error['ctx']['expected']}"
    return f"{where}{_named(data, at)}: {said}"


def validated(build: Callable[[Any], Model], data: Any, lines: Lines, file: str) -> Model:
    """Return the model built of the data, or raise LawError with one line for each fault: file, line, part, fault."""
    try:
        return build(data)
    except ValidationError as error:
        faults = [f"{file}:{_nearest_line(fault['loc'], lines)}: {_message(fault, data)}" for fault in error.errors()]
        raise LawError("\n".join(faults)) from error


def jurisdiction_of(data: Any, lines: Lines, file: str) -> Jurisdiction:
    """Return the jurisdiction that the plain data of a file is. Raises LawError."""
    if not isinstance(data, dict):
        raise LawError(f"{file}:1: a file of the law is a mapping that begins with `path:`")
    return validated(Jurisdiction.model_validate, data, lines, file)


def read_jurisdiction(text: str, file: str) -> Jurisdiction:
    """Return the jurisdiction in a YAML text; `file` is its name in messages. Raises LawError."""
    return jurisdiction_of(*read_yaml(text, file), file)
