"""YAML 1.2 into plain data, with the line of each part. `on` stays a word, a key stands once, and there are no decimals."""

from collections.abc import Callable
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from detainer.law.errors import LawError

Lines = dict[tuple[str | int, ...], int]

_SCALARS: dict[str, Callable[[str], Any]] = {
    "null": lambda _text: None,
    "bool": lambda text: text.lower() == "true",
    "int": int,
}


# Nine lines of aliases to aliases can stand for a milliard of parts: far more than any file of law has.
_MOST_PARTS = 100_000


def _scalar(node: ScalarNode, file: str) -> Any:
    tag = str(node.tag).rsplit(":", 1)[-1]
    if tag == "float":
        raise LawError(f"{file}:{node.start_mark.line + 1}: [{node.value}] is a decimal number; the law here has none")
    try:
        return _SCALARS.get(tag, str)(node.value)
    except ValueError:
        raise LawError(f"{file}:{node.start_mark.line + 1}: [{node.value[:40]}] is a number written oddly; use digits") from None


def _plain(node: Node, at: tuple[str | int, ...], lines: Lines, file: str) -> Any:
    lines[at] = node.start_mark.line + 1
    if len(lines) > _MOST_PARTS:
        raise LawError(f"{file}:{lines[at]}: the file has more than {_MOST_PARTS} parts; write its aliases out, and less")
    if isinstance(node, ScalarNode):
        return _scalar(node, file)
    if isinstance(node, SequenceNode):
        return [_plain(item, (*at, index), lines, file) for index, item in enumerate(node.value)]
    if not isinstance(node, MappingNode):
        raise LawError(f"{file}:{lines[at]}: an odd node; write it out")
    found: dict[str, Any] = {}
    for key_node, value_node in node.value:
        key = str(key_node.value)
        line = key_node.start_mark.line + 1
        if key in found:
            raise LawError(f"{file}:{line}: key [{key}] stands twice; keep one")
        found[key] = _plain(value_node, (*at, key), lines, file)
        lines[(*at, key)] = line
    return found


def read(text: str, file: str) -> tuple[Any, Lines]:
    """Return the plain data of a YAML 1.2 text and the line of each part. `on` stays a word; LawError names file and line."""
    lines: Lines = {}
    try:
        node = YAML(typ="safe", pure=True).compose(text)
        if node is None:
            raise LawError(f"{file}:1: the file is empty")
        return _plain(node, (), lines, file), lines
    except YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 1 if mark else 1
        problem = getattr(error, "problem", None) or str(error).splitlines()[0]
        raise LawError(f"{file}:{line}: not YAML: {problem}; check the indent of this line and the one above") from error
    except RecursionError:
        raise LawError(f"{file}:1: lists or mappings stand in each other too deep") from None
