"""Reading a file of the law: YAML 1.2 into models, with the file and line of whatever is wrong."""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from detainer.law.errors import LawError, nearest
from detainer.law.rules import Duty, Jurisdiction, Rule, TimeLimit

Model = TypeVar("Model")
_ITEMS: dict[str | int, type[BaseModel]] = {"rules": Rule, "duties": Duty, "time_limits": TimeLimit}
Lines = dict[tuple[str | int, ...], int]

_SCALARS: dict[str, Callable[[str], Any]] = {
    "null": lambda _text: None,
    "bool": lambda text: text.lower() == "true",
    "int": int,
}


def _scalar(node: ScalarNode, file: str) -> Any:
    tag = str(node.tag).rsplit(":", 1)[-1]
    if tag == "float":
        raise LawError(f"{file}:{node.start_mark.line + 1}: [{node.value}] is a decimal number; the law here has none")
    return _SCALARS.get(tag, str)(node.value)


def _plain(node: Node, at: tuple[str | int, ...], lines: Lines, file: str) -> Any:
    lines[at] = node.start_mark.line + 1
    if isinstance(node, ScalarNode):
        return _scalar(node, file)
    if isinstance(node, SequenceNode):
        return [_plain(item, (*at, index), lines, file) for index, item in enumerate(node.value)]
    if not isinstance(node, MappingNode):
        raise LawError(f"{file}:{lines[at]}: an alias or an odd node; write it out")
    found: dict[str, Any] = {}
    for key_node, value_node in node.value:
        key = str(key_node.value)
        line = key_node.start_mark.line + 1
        if key in found:
            raise LawError(f"{file}:{line}: key [{key}] stands twice; keep one")
        found[key] = _plain(value_node, (*at, key), lines, file)
        lines[(*at, key)] = line
    return found


def read_yaml(text: str, file: str) -> tuple[Any, Lines]:
    """Return the plain data of a YAML 1.2 text and the line of each part. `on` stays a word; LawError names file and line."""
    try:
        node = YAML(typ="safe", pure=True).compose(text)
    except YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 1 if mark else 1
        problem = getattr(error, "problem", None) or str(error)
        raise LawError(f"{file}:{line}: not YAML: {problem}; check the indent of this line and the one above") from error
    if node is None:
        raise LawError(f"{file}:1: the file is empty")
    lines: Lines = {}
    return _plain(node, (), lines, file), lines


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


def read_jurisdiction(text: str, file: str) -> Jurisdiction:
    """Return the jurisdiction in a YAML text; `file` is its name in messages. Raises LawError."""
    data, lines = read_yaml(text, file)
    if not isinstance(data, dict):
        raise LawError(f"{file}:1: a file of the law is a mapping that begins with `path:`")
    return validated(Jurisdiction.model_validate, data, lines, file)
