"""How layers of law combine: which rules bind once it is known, or not known, which of them apply."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from typing import NamedTuple

from detainer.law.truth import AND, FALSE, NOT, OR, TRUE, UNKNOWN, Truth
from detainer.law.words import Effect, Value


@dataclass(frozen=True)
class Weight:
    """One rule as the combination sees it: its layer (0 is the highest), effect, and whether it is a court's order."""

    layer: int
    effect: Effect
    soft: bool = False
    court_order: bool = False
    might: tuple[Effect, ...] = ()


class Binding(NamedTuple):
    """What binds after the layers are combined, each in three truth values."""

    require: Truth
    forbid: Truth
    doubt: Truth


@dataclass(frozen=True)
class Scale:
    """One layer of rules, sorted once by what they can weigh: each a tuple of positions in the list of all rules."""

    forbid: tuple[int, ...]
    require: tuple[int, ...]
    ordered_forbid: tuple[int, ...]
    ordered_require: tuple[int, ...]
    bars: tuple[int, ...]
    might_bind: tuple[int, ...]
    might_require: tuple[int, ...]
    might_forbid: tuple[int, ...]


def _scale(weights: Sequence[Weight], layer: int) -> Scale:
    here = [(at, weight) for at, weight in enumerate(weights) if weight.layer == layer]

    def firm(effect: Effect, *, order: bool) -> tuple[int, ...]:
        return tuple(at for at, one in here if one.effect == effect and one.court_order is order and not one.soft)

    def might(*effects: Effect) -> tuple[int, ...]:
        return tuple(at for at, one in here if set(effects) & set(one.might))

    return Scale(
        forbid=firm("forbid", order=False),
        require=firm("require", order=False),
        ordered_forbid=firm("forbid", order=True),
        ordered_require=firm("require", order=True),
        bars=firm("bars_restriction", order=False),
        # A doubtful permission, where nothing forbids, doubts nothing.
        might_bind=might("require", "forbid", "bars_restriction"),
        might_require=might("require", "bars_restriction"),
        might_forbid=might("forbid"),
    )


def scales(weights: Sequence[Weight]) -> tuple[Scale, ...]:
    """Return the layers of these rules, the highest first."""
    return tuple(_scale(weights, layer) for layer in range(max((weight.layer for weight in weights), default=-1) + 1))


def _any(applies: Sequence[Truth], positions: tuple[int, ...]) -> Truth:
    found = FALSE
    for at in positions:
        found = OR[found][applies[at]]
    return found


def weigh(layers: Sequence[Scale], applies: Sequence[Truth]) -> Binding:
    """Return what binds, when it is known or not known of each rule whether it applies.

    A higher layer's require or forbid voids a lower layer's contrary; a policy bar voids lower forbids. A court's order to
    the agency is voided by no layer. Where a higher layer is itself in doubt, a lower rule that the doubt could void is in
    doubt too.
    """
    require = forbid = barred = doubt = might_require = might_forbid = FALSE
    higher_require = higher_forbid = FALSE
    for layer in layers:
        unruled = AND[NOT[higher_require]][NOT[higher_forbid]]
        standing_doubt = AND[_any(applies, layer.might_bind)][unruled]
        standing_forbid = AND[_any(applies, layer.forbid)][AND[NOT[higher_require]][NOT[barred]]]
        standing_require = AND[_any(applies, layer.require)][NOT[higher_forbid]]
        doubt = OR[doubt][standing_doubt]
        firm_forbid = AND[standing_forbid][NOT[might_require]]
        firm_require = AND[standing_require][NOT[might_forbid]]
        forbid = OR[forbid][OR[firm_forbid][_any(applies, layer.ordered_forbid)]]
        require = OR[require][OR[firm_require][_any(applies, layer.ordered_require)]]
        higher_forbid = OR[higher_forbid][firm_forbid]
        higher_require = OR[higher_require][firm_require]
        barred = OR[barred][_any(applies, layer.bars)]
        might_require = OR[might_require][AND[_any(applies, layer.might_require)][standing_doubt]]
        might_forbid = OR[might_forbid][AND[_any(applies, layer.might_forbid)][standing_doubt]]
    return Binding(require=require, forbid=forbid, doubt=doubt)


def combine(weights: Sequence[Weight], applies: Sequence[Truth]) -> Binding:
    """Return what binds of these rules."""
    return weigh(scales(weights), applies)


_DECIDED: dict[tuple[bool, bool, bool], Value] = {
    (True, True, True): "conflict",
    (True, True, False): "conflict",
    (True, False, True): "must",
    (True, False, False): "must",
    (False, True, True): "must_not",
    (False, True, False): "must_not",
    (False, False, True): "ask_counsel",
    (False, False, False): "may",
}
_POSSIBLE: dict[Truth, tuple[bool, ...]] = {FALSE: (False,), UNKNOWN: (False, True), TRUE: (True,)}


def possible(binding: Binding) -> frozenset[Value]:
    """Return the values that the answer can still take."""
    choices = product(_POSSIBLE[binding.require], _POSSIBLE[binding.forbid], _POSSIBLE[binding.doubt])
    return frozenset(_DECIDED[choice] for choice in choices)


def _only(values: frozenset[Value]) -> Value:
    return next(iter(values)) if len(values) == 1 else "needs_facts"


_VALUES: dict[Binding, Value] = {
    binding: _only(possible(binding))
    for binding in (Binding(require, forbid, doubt) for require, forbid, doubt in product((FALSE, UNKNOWN, TRUE), repeat=3))
}


def value_of(binding: Binding) -> Value:
    """Return the one value that is possible, or needs_facts when more than one is."""
    return _VALUES[binding]


def contributes(weight: Weight, value: Value) -> bool:
    """Say whether a rule that applies is one the answer rests on."""
    wanted: dict[Value, tuple[Effect, ...]] = {
        "must": ("require",),
        "must_not": ("forbid",),
        "conflict": ("require", "forbid"),
        "ask_counsel": ("ask_counsel",),
        "may": ("permit", "bars_restriction", "require"),
        "needs_facts": (),
    }
    return weight.effect in wanted[value] and (weight.effect != "require" or value != "may" or weight.soft)
