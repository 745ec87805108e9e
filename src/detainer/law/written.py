"""Conditions written as Python: each rule is compiled once to a short function, so that many answers a second can be given."""

from collections.abc import Callable, Iterable
from typing import NamedTuple

from detainer.law import truth
from detainer.law.conditions import AllOf, Always, AnyOf, Condition, Defined, Not, Offences, Place
from detainer.law.meaning import Scope, defined, lies_in
from detainer.law.single import leaf_of
from detainer.law.truth import Truth
from detainer.law.writing import Writing

# An outcome is a number: its truth in the two lowest bits and, above them, why. Where it is not known, that is the set of the
# conditions that the rule waits for: bit n stands for the rule's leaf n.
Outcome = int
NOT_MET, EXCEPTED, DISPLACED, NOT_BOUND, NOT_IN_FORCE = 0 << 2, 1 << 2, 2 << 2, 3 << 2, 4 << 2
UNKNOWN, APPLIES = 1, 2
TRUTH = 3
_TRUTHS: tuple[Truth, ...] = (truth.FALSE, truth.UNKNOWN, truth.TRUE)


def truth_of(outcome: int) -> Truth:
    """Return whether a rule with this outcome applies."""
    return _TRUTHS[outcome & TRUTH]


class Literal(NamedTuple):
    """A condition about a single fact, or its opposite."""

    leaf: Condition
    opposite: bool


class Joined(NamedTuple):
    """Conditions that all hold, or of which any does. Of no parts, the first is true and the second false."""

    all: bool
    parts: tuple["Literal | Joined", ...]


Formula = Literal | Joined


def _joined(of_all: bool, parts: Iterable[Formula]) -> Formula:
    """Return a conjunction or disjunction without nesting of its own kind, the quickest part first: order changes nothing."""
    flat: list[Formula] = []
    for part in parts:
        if isinstance(part, Joined) and part.all is of_all:
            flat += part.parts
        elif isinstance(part, Joined) and not part.parts:
            return part
        else:
            flat.append(part)
    return flat[0] if len(flat) == 1 else Joined(of_all, tuple(sorted(flat, key=_cost)))


def _cost(formula: Formula) -> int:
    if isinstance(formula, Joined):
        return sum(map(_cost, formula.parts))
    return 20 if isinstance(formula.leaf, Offences) else 1


def formula(condition: Condition, scope: Scope, opposite: bool = False) -> Formula:
    """Return a condition (or its opposite) with its words spelled out and `not` moved to the single facts, by De Morgan's laws.

    Raises LawError when it uses a word that nothing defines.
    """
    match condition:
        case Always():
            return Joined(not opposite, ())
        case Place():
            return Joined(any(lies_in(scope.place, area) for area in condition.within) is not opposite, ())
        case Defined():
            return formula(defined(condition.word, scope), scope, opposite)
        case Not():
            return formula(condition.of, scope, not opposite)
        case AllOf() | AnyOf():
            parts = [formula(part, scope, opposite) for part in condition.of]
            return _joined(isinstance(condition, AllOf) is not opposite, parts)
        case _:
            return Literal(condition, opposite)


class _Rule:
    """The function of a rule as it is written: its text, and the leaves that it can wait for (by bit)."""

    def __init__(self, scope: Scope) -> None:
        self.scope = scope
        self.text = Writing("known, on, others")
        self.leaves: dict[Condition, int] = {}

    def block(self, one: Joined, depth: int, decided: str) -> None:
        """Write the parts of a conjunction (or disjunction); `decided` is what to do when one fails (or holds).

        After the lines, `open_DEPTH` has the bits of what is not known.
        """
        for part in one.parts:
            if isinstance(part, Literal):
                self.literal(part, one.all, depth, decided)
            elif part.parts:
                self.nested(part, depth, decided)
            else:
                self.text.line(depth, decided)

    def literal(self, part: Literal, within_all: bool, depth: int, decided: str) -> None:
        """Write the test of a single fact."""
        leaf = leaf_of(part.leaf, self.scope, self.text)
        bit = 1 << self.leaves.setdefault(part.leaf, len(self.leaves))
        self.text.line(depth, leaf.first)
        self.text.line(depth, f"if {leaf.unknown}: open_{depth} |= {bit}")
        self.text.line(depth, f"elif {leaf.fails if within_all is not part.opposite else leaf.holds}: {decided}")

    def nested(self, part: Joined, depth: int, decided: str) -> None:
        """Write a disjunction within a conjunction, or the other way round: a part that decides it leaves the outer undecided."""
        inner = depth + 1
        self.text.line(depth, f"open_{inner} = 0")
        self.text.line(depth, "for _ in once:")
        self.block(part, inner, "break")
        self.text.line(depth, "else:")
        self.text.line(inner, f"if not open_{inner}: {decided}")
        self.text.line(inner, f"open_{depth} |= open_{inner}")


def _whole(one: Formula, of_all: bool) -> Joined:
    return one if isinstance(one, Joined) and one.all is of_all else Joined(of_all, (one,))


class Settling(NamedTuple):
    """How a rule's outcome is found from the facts, the day and the outcomes of the rules before it; what it can wait for."""

    settle: Callable[..., int]
    leaves: tuple[Condition, ...]

    def waits_for(self, outcome: int) -> tuple[Condition, ...]:
        """Return the conditions about single facts that an outcome not known waits for."""
        return tuple(leaf for bit, leaf in enumerate(self.leaves) if outcome >> 2 >> bit & 1)


def settling(
    conditions: tuple[Condition, ...], exceptions: tuple[Condition, ...], displacers: tuple[int, ...], scope: Scope
) -> Settling:
    """Return a rule's function: it applies when all conditions hold, no exception does, and no rule stands instead of it.

    Raises LawError when a condition uses a word or list that nothing defines.
    """
    rule = _Rule(scope)
    when = _whole(_joined(True, [formula(each, scope) for each in conditions]), True)
    unless = _whole(_joined(False, [formula(each, scope) for each in exceptions]), False)
    rule.text.line(0, "open_0 = 0")
    rule.block(when, 0, f"return {NOT_MET}")
    rule.block(unless, 0, f"return {EXCEPTED}")
    rule.text.line(0, f"outcome = open_0 << 2 | {UNKNOWN} if open_0 else {APPLIES}")
    for at in displacers:
        rule.text.line(0, f"before = others[{at}] & {TRUTH}")
        rule.text.line(0, f"if before == {APPLIES}: return {DISPLACED}")
        rule.text.line(0, f"if before == {UNKNOWN} and outcome == {APPLIES}: outcome = {UNKNOWN}")
    rule.text.line(0, "return outcome")
    return Settling(rule.text.compiled(), tuple(rule.leaves))


def holding(conditions: tuple[Condition, ...], exceptions: tuple[Condition, ...], scope: Scope) -> Callable[..., Truth]:
    """Return the function of known facts and day that says whether all conditions hold and no exception does: its truth."""
    settle = settling(conditions, exceptions, (), scope).settle
    return lambda known, on: truth_of(settle(known, on, ()))
