"""The library: all files of law, looked up by place, with the words and lists that each layer sees."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from detainer.law import compiled, gazetteer
from detainer.law.compiled import Parsed, digest
from detainer.law.errors import LawError
from detainer.law.files import Lines, jurisdiction_of, read_yaml
from detainer.law.meaning import Scope
from detainer.law.rules import Definition, Jurisdiction, OffenceList, Provision

# What stands before the file name of an agency's own layer among the texts; of one put under another place, that place too.
_LOCAL, _UNDER = "local:", "under:"


@dataclass(frozen=True, eq=False)
class Library:
    """Files of law by path; several of one path stand in order, an agency's own layer below the package's file.

    `hash` is the SHA-256 of all texts and names the law that an answer was given under.
    """

    layers: Mapping[str, tuple[Jurisdiction, ...]]
    texts: Mapping[str, str]
    hash: str
    # What answering compiled from these texts, by place and ask; it goes when the library goes.
    books: dict[tuple[str, str], Any] = field(default_factory=dict, repr=False)

    def chain(self, place: str) -> tuple[Jurisdiction, ...]:
        """Return the files that bind a place, the highest first."""
        return tuple(one for path in gazetteer.layers_above(place) for one in self.layers.get(path, ()))


def _hash(texts: Mapping[str, str]) -> str:
    digest = hashlib.sha256()
    for name in sorted(texts):
        digest.update(f"{name}\n{len(texts[name])}\n{texts[name]}".encode())
    return digest.hexdigest()


def _items(one: Jurisdiction) -> tuple[Provision, ...]:
    return (*one.rules, *one.duties, *one.time_limits)


def _refuse_twice(jurisdictions: Iterable[Jurisdiction]) -> None:
    seen: dict[str, str] = {}
    for one in jurisdictions:
        for item in _items(one):
            if item.id in seen:
                raise LawError(f"id [{item.id}] of {one.path} already stands in {seen[item.id]}; ids are unique in the library")
            seen[item.id] = one.path


def _jurisdiction(name: str, text: str, parsed: Parsed) -> Jurisdiction:
    key = digest(text)
    if key in parsed:
        try:
            return Jurisdiction.model_validate(parsed[key])
        except ValidationError:
            pass  # read the text itself: only that knows the lines
    parsed[key], lines = read_yaml(text, name)
    return jurisdiction_of(parsed[key], lines, name)


def library_of(texts: Mapping[str, str], parsed: Parsed | None = None) -> Library:
    """Return the library of these texts by file name; the name without ".yaml" is the path it must hold. Raises LawError.

    `parsed` has the data of texts that were parsed before; those of the others are added to it.
    """
    known = {} if parsed is None else parsed
    layers: dict[str, tuple[Jurisdiction, ...]] = {}
    for name in sorted(texts):
        one = _jurisdiction(name, texts[name], known)
        if one.path != name.removesuffix(".yaml"):
            raise LawError(f"{name}:1: the file says path [{one.path}]; the file of that place is {one.path}.yaml")
        layers[one.path] = (one,)
    _refuse_twice(one for path in layers.values() for one in path)
    return Library(layers=layers, texts=dict(texts), hash=_hash(texts))


def _refuse_taken(library: Library, one: Jurisdiction, lines: Lines, file: str) -> None:
    known = {item.id: above.path for layers in library.layers.values() for above in layers for item in _items(above)}
    groups = (("rules", one.rules), ("duties", one.duties), ("time_limits", one.time_limits))
    faults = [
        f"{file}:{lines[group, at]}: id [{item.id}] already stands in the file of {known[item.id]}; take another"
        for group, items in groups
        for at, item in enumerate(items)
        if item.id in known
    ]
    if faults:
        raise LawError("\n".join(faults))


def _refuse_no_place(library: Library, one: Jurisdiction, lines: Lines, file: str) -> None:
    """A county is one of the Census; a city or an agency need not have a file of the package, or be in any list."""
    try:
        gazetteer.of_layer(one.path, one.kind, library.layers)
    except LawError as error:
        raise LawError(f"{file}:{lines[('path',)]}: {error}") from error


def with_layer(library: Library, text: str, file: str, under: str | None = None) -> Library:
    """Return a library with an agency's own layer below the package's rules, which all stay. Raises LawError.

    The layer binds at its own path; with `under` (a full path) at that place: a city's ordinance at a jail of its county.
    """
    data, lines = read_yaml(text, file)
    one = jurisdiction_of(data, lines, file)
    if one.adopted_by is None:
        raise LawError(f"{file}:1: a local layer says who put it in force: adopted_by: {{agency: ..., person: ..., on: ...}}")
    _refuse_no_place(library, one, lines, file)
    _refuse_taken(library, one, lines, file)
    at = under or one.path
    layers = {**library.layers, at: (*library.layers.get(at, ()), one)}
    texts = {**library.texts, f"{_UNDER}{under}:{file}" if under else f"{_LOCAL}{file}": text}
    return Library(layers=layers, texts=texts, hash=_hash(texts))


def _yaml_under(folder: Traversable, prefix: str) -> Iterable[tuple[str, str]]:
    for entry in folder.iterdir():
        if entry.is_dir():
            yield from _yaml_under(entry, f"{prefix}{entry.name}/")
        elif entry.name.endswith(".yaml") and not entry.name.endswith(".cases.yaml"):
            yield f"{prefix}{entry.name}", entry.read_text(encoding="utf-8")


def package_texts() -> dict[str, str]:
    """Return the texts of the package's own library by file name."""
    package = files("detainer.law")
    return {
        **dict(_yaml_under(package.joinpath("us"), "us/")),
        "us.yaml": package.joinpath("us.yaml").read_text(encoding="utf-8"),
    }


@cache
def library() -> Library:
    """Return the package's own library, read once. Raises LawError when a file of it is wrong."""
    texts = package_texts()
    parsed = compiled.read()
    before = len(parsed)
    found = library_of(texts, parsed)
    if len(parsed) > before:
        compiled.write({key: parsed[key] for key in map(digest, texts.values())})
    return found


def library_from(texts: Mapping[str, str]) -> Library:
    """Return the library whose `texts` these are, agencies' own layers among them. Raises LawError."""
    own = [name for name in texts if name.startswith((_LOCAL, _UNDER))]
    found = library_of({name: text for name, text in texts.items() if name not in own}, compiled.read())
    for name in own:
        if name.startswith(_UNDER):
            under, _, file = name.removeprefix(_UNDER).partition(":")
            found = with_layer(found, texts[name], file, under)
        else:
            found = with_layer(found, texts[name], name.removeprefix(_LOCAL))
    return found


def library_in(folder: Path) -> Library:
    """Return the library of a folder that holds us.yaml, us/ma.yaml and so on. Raises LawError."""
    return library_of(dict(_yaml_under(folder, "")))


def scopes(chain: tuple[Jurisdiction, ...], place: str) -> tuple[Scope, ...]:
    """Return for each layer the words and offence lists it sees: its own, then those of the layers above."""
    found: list[Scope] = []
    definitions: dict[str, Definition] = {}
    offences: dict[str, OffenceList] = {}
    for one in chain:
        definitions = {**definitions, **one.definitions}
        offences = {**offences, **one.offences}
        found.append(Scope(place=place, definitions=definitions, offences=offences))
    return tuple(found)
