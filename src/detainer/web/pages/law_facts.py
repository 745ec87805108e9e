"""The facts of the ask form as an address carries them: read from it, written to it, said in words. Pure."""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from detainer.law import LawError
from detainer.law.errors import nearest
from detainer.law.facts import KINDS, QUESTIONS
from detainer.web import words

OWN: Final = ("place", "ask", "on", "skip")  # parameters that are no facts
DETAILS: Final = ("offence", "statute", "class", "on")  # what the form asks of one offence, as `convictions.class`
NONE: Final = "none"
_YES_NO: Final = {"yes": True, "no": False}
# The words that a form shows for a word of the law where the word alone would not be understood.
LABELS: Final = {
    NONE: "None",
    "jail": "Jail",
    "police": "Police",
    "court": "Court staff",
    "state_prison": "State prison",
    "probation": "Probation office",
    "juvenile": "Juvenile facility",
    "federal": "Federal",
    "administrative": "Administrative (I-200 or I-205)",
    "judicial": "A judge's, of which kind is not known",
    "judicial_criminal": "A judge's criminal warrant",
    "judicial_civil": "A judge's civil warrant",
    "claims_us": "Claims to be a US citizen",
    "proved_us": "Has shown proof of US citizenship",
}
Lists = Mapping[str, Sequence[str]]
Titles = Mapping[str, str]
_NO_TITLES: Final[Titles] = {}


def _yes_no(name: str, given: Sequence[str]) -> bool:
    if given[-1] not in _YES_NO:
        raise LawError(f"{name}: [{given[-1]}] is neither yes nor no")
    return _YES_NO[given[-1]]


def _number(name: str, given: Sequence[str]) -> int:
    if not given[-1].isascii() or not given[-1].isdecimal() or len(given[-1]) > 9:
        raise LawError(f"{name}: [{given[-1]}] is not a whole number")
    return int(given[-1])


def _offence(name: str, text: str) -> dict[str, Any]:
    try:
        told = json.loads(text)
    except ValueError:
        told = None
    if not isinstance(told, dict):
        raise LawError(f"{name}: [{text}] is not an offence")
    return told


def _offences(name: str, given: Sequence[str]) -> list[dict[str, Any]]:
    return [_offence(name, text) for text in given if text != NONE]


_READ: Final[dict[str, Callable[[str, Sequence[str]], Any]]] = {
    "yes_no": _yes_no,
    "number": _number,
    "choices": lambda _name, given: [word for word in given if word != NONE],
    "list": _offences,
}


def _said(given: Lists) -> dict[str, list[str]]:
    """Return what was given of each fact, the details of an offence put together to one."""
    found = {name: [text.strip()[:500] for text in texts if text.strip()] for name, texts in given.items() if name not in OWN}
    for name in [name for name in found if "." in name]:
        fact, _, detail = name.partition(".")
        told = found.pop(name)
        if KINDS.get(fact) != "list" or detail not in DETAILS:
            raise LawError(f"[{name}] is not a fact")
        if told:
            found.setdefault(f"{fact}\n", []).extend([detail, told[-1]])
    for name in [name for name in found if name.endswith("\n")]:
        pairs = found.pop(name)
        offence = dict(zip(pairs[::2], pairs[1::2], strict=True))
        kept = [text for text in found.get(name.strip(), []) if text != NONE]
        found[name.strip()] = [*kept, json.dumps(offence, sort_keys=True)]
    return {name: texts for name, texts in found.items() if texts}


def facts_of(given: Lists) -> dict[str, Any]:
    """Return the facts that an address gives. LawError for a name that is no fact, or a value that cannot be read."""
    found: dict[str, Any] = {}
    for name, texts in _said(given).items():
        if name not in KINDS:
            raise LawError(f"[{name}] is not a fact{nearest(name, KINDS)}")
        read = _READ.get(KINDS[name])
        found[name] = read(name, texts) if read else texts[-1]
    return found


def written(name: str, value: Any) -> list[str]:
    """Return a fact's value as an address carries it, read again by `facts_of`."""
    match KINDS[name]:
        case "yes_no":
            return ["yes" if value else "no"]
        case "choices":
            return list(value) or [NONE]
        case "list":
            return [json.dumps(one, sort_keys=True) for one in value] or [NONE]
        case _:
            return [str(value)]


def _offence_in_words(one: Mapping[str, Any], titles: Titles) -> str:
    parts = {**one, "offence": titles.get(one.get("offence", ""), one.get("offence"))}
    said = [
        str(value) if key in ("offence", "statute") else f"{words.plain(key)} {_word(value)}"
        for key, value in parts.items()
        if value is not None
    ]
    return ", ".join(said) or "an offence of which nothing is known"


def example_in_words(offences: Sequence[Mapping[str, Any]], titles: Titles) -> str:
    """Return an example of a list of offences as words: what the offence is and its class, no more."""

    def short(one: Mapping[str, Any]) -> str:
        offence = one.get("offence")
        title = titles.get(offence, offence) if offence else "an offence of any kind"
        return f"{title[:1].upper()}{title[1:]} ({_word(one['class'])})" if one.get("class") else title

    return "; ".join(map(short, offences)) or LABELS[NONE]


def _word(value: Any) -> str:
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else words.plain(str(value))


def _label(value: Any) -> str:
    word = _word(value)
    return LABELS.get(str(value), word[:1].upper() + word[1:])


def in_words(name: str, value: Any, titles: Titles = _NO_TITLES) -> str:
    """Return a fact's value as words; a list of offences that the law names is said by its title."""
    match KINDS[name]:
        case "choices":
            return ", ".join(map(_label, value)) or LABELS[NONE]
        case "list":
            return "; ".join(_offence_in_words(one, titles) for one in value) or LABELS[NONE]
        case _:
            return _label(value)


def question(name: str) -> str:
    """Return the question of a fact."""
    return QUESTIONS[name]
