"""The text of an agency's own layer: made whole with who adopted it, and checked."""

import datetime as dt
import json
from collections.abc import Iterator
from dataclasses import dataclass

from detainer.law import ASKS, Library
from detainer.law.answering import book_of
from detainer.law.check import layer_faults
from detainer.law.errors import LawError
from detainer.law.files import Lines, jurisdiction_of, read_yaml
from detainer.law.rules import Jurisdiction


@dataclass(frozen=True)
class Adoption:
    """Who puts a layer in force: the agency's name, the person, the first day."""

    agency: str
    person: str
    on: dt.date


def whole_text(text: str, who: Adoption, file: str) -> tuple[str, Jurisdiction]:
    """Return a file of law that says who adopted it, with what it says. One that said so itself stays as it is.

    Raises LawError with the line of each fault; a file that names somebody else is refused.
    """
    data, lines = read_yaml(text, file)
    _refuse_spelled_out(lines, file)
    one = jurisdiction_of(data, lines, file)
    _refuse_uncited(one, lines, file)
    told = {"agency": who.agency, "person": who.person, "on": who.on.isoformat()}
    if one.adopted_by is None:
        said = ", ".join(f"{key}: {json.dumps(value, ensure_ascii=False)}" for key, value in told.items())
        whole = f"{text.rstrip()}\nadopted_by: {{{said}}}\n"
        try:
            return whole, jurisdiction_of(*read_yaml(whole, file), file)
        except LawError as error:
            message = f"{file}:1: adopted_by cannot be written at the end of this file; write it in yourself: {{{said}}}"
            raise LawError(message) from error
    for key, value in told.items():
        found = str(getattr(one.adopted_by, key))
        if found != value:
            line = lines.get(("adopted_by", key), 1)
            raise LawError(f"{file}:{line}: adopted_by.{key}: the file says [{found}], the form [{value}]; leave adopted_by out")
    return text, one


def _refuse_spelled_out(lines: Lines, file: str) -> None:
    """The models' own form of a condition ({is: yes, fact: ...}) passes by the closed list of facts; the short one does not."""
    found = [line for path, line in lines.items() if path and path[-1] == "is"]
    if found:
        raise LawError(f"{file}:{found[0]}: [is] is no key of a file of law; write the condition in its short form")


def _refuse_uncited(one: Jurisdiction, lines: Lines, file: str) -> None:
    """The package's research may say of a duty that its citation was not found; an agency knows where its own law stands."""
    groups = (("duties", one.duties), ("time_limits", one.time_limits))
    uncited = [(lines[name, at], item.id) for name, items in groups for at, item in enumerate(items) if not item.cite]
    if uncited:
        raise LawError("\n".join(f"{file}:{line}: [{name}]: key [cite] is missing" for line, name in uncited))


def faults_of(library: Library, place: str, layer: Jurisdiction) -> Iterator[str]:
    """Yield a line for each fault of a layer at a place: line, rule, what is wrong. Raises LawError."""
    found = list(layer_faults(library, place, layer))
    yield from found
    for ask in () if found else ASKS:
        book_of(library, place, ask)  # rules that yield to each other in a circle are found in compiling
