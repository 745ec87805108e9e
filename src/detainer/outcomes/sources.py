"""What a stage of a build follows from besides its input: the text of the modules that make it, and of all that they import."""

import ast
import hashlib
import importlib.metadata
import importlib.util
import platform
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Final

PACKAGE: Final = "detainer"
LIBRARIES: Final = ("duckdb", "ibis-framework", "pyarrow")


def code_of(*modules: str, data: tuple[str, ...] = ()) -> str:
    """Return one SHA-256 over the sources of these modules and of every module of this package that they import.

    `data` names folders of the outcomes package whose files are read as well.
    """
    digest = hashlib.sha256()
    for module in sorted(_reached(modules)):
        digest.update(f"{module}\n{_text(module)}\n".encode())
    for folder in data:
        for file in _files(files("detainer.outcomes").joinpath(folder)):
            digest.update(file.name.encode() + b"\n" + file.read_bytes())
    return digest.hexdigest()


def versions() -> dict[str, str]:
    """Return the versions that a result may depend on: ours, Python's, and those of the libraries that compute it."""
    found = {name: importlib.metadata.version(name) for name in LIBRARIES}
    return {PACKAGE: importlib.metadata.version(PACKAGE), "python": platform.python_version(), **found}


def _reached(modules: tuple[str, ...]) -> set[str]:
    found: set[str] = set()
    waiting = list(modules)
    while waiting:
        module = waiting.pop()
        if module not in found:
            found.add(module)
            waiting += _imports(module)
    return found


@cache
def _imports(module: str) -> tuple[str, ...]:
    """Return the modules of this package that a module imports, wherever in its text it does so."""
    return tuple(sorted(set(_named(ast.parse(_text(module))))))


def _named(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name.split(".")[0] == PACKAGE)
        elif isinstance(node, ast.ImportFrom) and node.module and node.module.split(".")[0] == PACKAGE:
            within = [f"{node.module}.{alias.name}" for alias in node.names]
            yield node.module
            yield from (name for name in within if _place(name))


@cache
def _place(module: str) -> Path | None:
    """Return the file of a module; None for a name that is none."""
    try:
        spec = importlib.util.find_spec(module)
    except ModuleNotFoundError:
        return None
    return Path(spec.origin) if spec and spec.origin else None


@cache
def _text(module: str) -> str:
    place = _place(module)
    return place.read_text(encoding="utf-8") if place else ""


def _files(folder: Traversable) -> Iterator[Traversable]:
    for entry in sorted(folder.iterdir(), key=lambda entry: entry.name):
        if entry.is_dir():
            yield from _files(entry)
        elif not entry.name.endswith((".py", ".pyc")):
            yield entry
