"""Reading facts that come as plain data: what the model of facts would make of them, faster for words that were seen before."""

from collections.abc import Callable, Mapping
from typing import Any

from pydantic import BaseModel

from detainer.law.facts import KINDS, Facts, Known, Offence, following
from detainer.law.made import made


class _Reader:
    """Reads the fields of a model one by one. Most are words that were seen before; those are looked up, not checked again."""

    def __init__(self, model: type[BaseModel]) -> None:
        self.model = model
        self.nothing: dict[str, Any] = dict.fromkeys(model.model_fields)
        self.names = {field.alias or name: name for name, field in model.model_fields.items()} | {
            name: name for name in self.nothing
        }
        self.seen: dict[tuple[str, type, Any], tuple[str, Any]] = {}

    def checked(self, name: str, told: Any) -> tuple[str, Any]:
        """Return a field's own name and its value as the model has it; ValueError when the model refuses it."""
        if name not in self.names:
            raise ValueError(name)
        field = self.names[name]
        found = (field, getattr(self.model.model_validate({name: told}), field))
        if len(self.seen) > _MOST_SEEN:
            self.seen.clear()
        self.seen[name, told.__class__, told] = found
        return found

    def read(self, told: Mapping[str, Any], lists: Callable[[str, Any], Any]) -> dict[str, Any]:
        """Return all fields; those not told are None. `lists` reads what holds more than words."""
        fields, seen = self.nothing.copy(), self.seen
        for name, value in told.items():
            # A list of words is looked up as a tuple, which means the same.
            key = (name, value.__class__, value) if value.__class__ is not list else (name, tuple, tuple(value))
            try:
                field, fields[field] = seen[key]
            except KeyError:
                field, fields[field] = self.checked(name, key[2])
            except TypeError:
                fields[name] = lists(name, value)
        return fields


_MOST_SEEN = 20_000
_OF_FACTS, _OF_OFFENCE = _Reader(Facts), _Reader(Offence)


def _offence(told: Any) -> Offence:
    if isinstance(told, Offence):
        return told
    if not isinstance(told, dict):
        raise TypeError("an offence is a mapping")
    return made(Offence, _OF_OFFENCE.read(told, _no_list))


def _no_list(name: str, _value: Any) -> Any:
    raise TypeError(f"{name} is not a list")


def _offences(name: str, listed: Any) -> tuple[Offence, ...]:
    if KINDS.get(name) != "list":
        raise TypeError(f"{name} is not a list of offences")
    return tuple([_offence(told) for told in listed])


def known_from(facts: Facts | Mapping[str, Any]) -> Known:
    """Return what `vars(Facts.model_validate(facts))` would, faster for familiar words. ValueError or TypeError for faults."""
    if isinstance(facts, Facts):
        return vars(facts)
    known = _OF_FACTS.read(facts, _offences)
    known.update(following(known))
    return known
