"""Case files: a sentence, a place, an ask, a day and facts, with the answer that must come out and the rule that gives it."""

from collections.abc import Iterable, Mapping
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any

from pydantic import Field, ValidationError

from detainer.law import compiled, words
from detainer.law.answering import answer
from detainer.law.answers import Answer
from detainer.law.compiled import Parsed, digest
from detainer.law.conditions import Part
from detainer.law.dates import Date
from detainer.law.files import read_yaml, validated
from detainer.law.library import Library
from detainer.law.rules import Line

_KEPT = "cases.json"


class Case(Part):
    """One case. `rules` must all be among the governing rules, `not_rules` none; `missing` are facts that must be asked for."""

    name: Line
    place: Line | None = None
    ask: words.Ask
    on: Date
    facts: dict[str, Any]
    answer: words.Value
    rules: tuple[str, ...] = ()
    not_rules: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    duties: tuple[str, ...] = ()
    time_limits: tuple[str, ...] = ()
    note: Line | None = None
    cite: Line | None = None


class CaseFile(Part):
    """The cases of one place."""

    place: Line
    cases: tuple[Case, ...] = Field(min_length=1)


def read_cases(text: str, file: str) -> CaseFile:
    """Return the cases in a YAML text. Raises LawError with file and line."""
    data, lines = read_yaml(text, file)
    return validated(CaseFile.model_validate, data, lines, file)


def _under(folder: Traversable, prefix: str) -> Iterable[tuple[str, str]]:
    for entry in folder.iterdir():
        if entry.is_dir() and entry.name != "__pycache__":
            yield from _under(entry, f"{prefix}{entry.name}/")
        elif entry.name.endswith(".cases.yaml"):
            yield f"{prefix}{entry.name}", entry.read_text(encoding="utf-8")


def _case_file(text: str, name: str, parsed: Parsed) -> CaseFile:
    key = digest(text)
    if key in parsed:
        try:
            return CaseFile.model_validate(parsed[key])
        except ValidationError:
            pass  # read the text itself: only that knows the lines
    parsed[key], lines = read_yaml(text, name)
    return validated(CaseFile.model_validate, parsed[key], lines, name)


@cache
def case_files() -> Mapping[str, CaseFile]:
    """Return the package's own case files by file name, read once and kept between runs. Raises LawError."""
    texts = dict(_under(files("detainer.law"), ""))
    parsed = compiled.read(name=_KEPT)
    before = len(parsed)
    found = {name: _case_file(text, name, parsed) for name, text in sorted(texts.items())}
    if len(parsed) > before:
        compiled.write({key: parsed[key] for key in map(digest, texts.values())}, name=_KEPT)
    return found


def _lacking(what: str, wanted: tuple[str, ...], given: Iterable[str]) -> list[str]:
    have = list(given)
    return [f"{what} [{one}] is not among {have}" for one in wanted if one not in have]


def faults_of(case: Case, given: Answer) -> list[str]:
    """Return what of an answer is not as the case says; nothing when all is."""
    rules = [rule.id for rule in given.rules]
    return [
        *([] if given.value == case.answer else [f"the answer is {given.value}, not {case.answer}"]),
        *_lacking("rule", case.rules, rules),
        *(f"rule [{one}] should not govern" for one in case.not_rules if one in rules),
        *_lacking("missing fact", case.missing, (one.fact for one in given.missing)),
        *_lacking("duty", case.duties, (one.id for one in given.duties)),
        *_lacking("time limit", case.time_limits, (one.id for one in given.time_limits)),
        *([] if not case.note or any(case.note in one for one in given.notes) else [f"no note says [{case.note}]"]),
    ]


def run(case: Case, place: str, library: Library | None = None) -> list[str]:
    """Return the faults of a case, asked at its own place or else at that of its file."""
    return faults_of(case, answer(case.place or place, case.ask, case.on.first, case.facts, library))
