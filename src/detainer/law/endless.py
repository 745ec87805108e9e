"""Conditions that could not be answered in any time: words that mean themselves, too many facts, too deep in each other."""

from collections.abc import Iterator

from detainer.law.conditions import AllOf, AnyOf, Condition, Defined, Not
from detainer.law.errors import LawError
from detainer.law.meaning import Scope, defined
from detainer.law.rules import Jurisdiction, Provision, Rule

# Ten times the facts of the largest file of the package; less than takes long to compile, or than Python nests.
_MOST_FACTS, _DEEPEST = 2_000, 12

Measure = tuple[int, int]


def conditions_of(item: Provision) -> list[Condition]:
    """Return the conditions and exceptions of a provision."""
    own: list[Condition] = [each for each in (item.when, item.unless) if each]
    return [*own, *item.unless_for.values()] if isinstance(item, Rule) else own


def _measured(condition: Condition, scope: Scope, within: tuple[str, ...], known: dict[str, Measure]) -> Measure:
    """Return how many single facts a condition turns on, its words spelled out, and how deep they stand. Raises LawError."""
    match condition:
        case Defined(word=word):
            if word in within:
                raise LawError(f"[{word}] means itself: {' -> '.join((*within, word))}")
            if word not in known:
                known[word] = _measured(defined(word, scope), scope, (*within, word), known)
            return known[word]
        case Not():
            parts: tuple[Condition, ...] = (condition.of,)
        case AllOf() | AnyOf():
            parts = condition.of
        case _:
            return 1, 0
    measures = [_measured(part, scope, within, known) for part in parts]
    return sum(size for size, _ in measures), 1 + max((deep for _, deep in measures), default=0)


def endless_in(one: Jurisdiction, scope: Scope) -> Iterator[tuple[str, str]]:
    """Yield the id of each provision of a file that cannot be answered, and why: a word that is not defined among it."""
    known: dict[str, Measure] = {}
    total = 0
    for item in (*one.rules, *one.duties, *one.time_limits):
        try:
            measures = [_measured(each, scope, (), known) for each in conditions_of(item)]
        except LawError as error:
            yield item.id, str(error)
            continue
        total += sum(size for size, _ in measures)
        deepest = max((deep for _, deep in measures), default=0)
        if deepest > _DEEPEST:
            yield item.id, f"its conditions stand {deepest} deep in each other, more than {_DEEPEST}"
        if total > _MOST_FACTS:
            yield item.id, f"the conditions of the file up to here turn on {total} facts, more than {_MOST_FACTS}"
            return
