"""How layers of law combine: which rules bind once it is known, or not known, which of them apply."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

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


@dataclass(frozen=True)
class Binding:
    """What binds after the layers are combined, each in three truth values."""

    require: Truth
    forbid: Truth
    doubt: Truth


def _any(weights: Sequence[Weight], applies: Sequence[Truth], layer: int, effect: Effect, *, order: bool) -> Truth:
    found = FALSE
    for weight, value in zip(weights, applies, strict=True):
        if weight.layer == layer and weight.effect == effect and weight.court_order is order and not weight.soft:
            found = OR[found][value]
    return found


def _might(weights: Sequence[Weight], applies: Sequence[Truth], layer: int, effects: tuple[Effect, ...]) -> Truth:
    found = FALSE
    for weight, value in zip(weights, applies, strict=True):
        if weight.layer == layer and any(effect in weight.might for effect in effects):
            found = OR[found][value]
    return found


def combine(weights: Sequence[Weight], applies: Sequence[Truth]) -> Binding:
    """Return what binds. A higher layer's require or forbid voids a lower layer's contrary; a policy bar voids lower forbids.

    A court's order to the agency is voided by no layer. Where a higher layer is itself in doubt, a lower rule that the
    doubt could void is in doubt too.
    """
    require = forbid = barred = doubt = might_require = might_forbid = FALSE
    higher_require = higher_forbid = FALSE
    for layer in range(max((weight.layer for weight in weights), default=-1) + 1):
        own_forbid = _any(weights, applies, layer, "forbid", order=False)
        own_require = _any(weights, applies, layer, "require", order=False)
        # A doubtful permission, where nothing forbids, doubts nothing.
        own_doubt = _might(weights, applies, layer, ("require", "forbid", "bars_restriction"))
        standing_forbid = AND[own_forbid][AND[NOT[higher_require]][NOT[barred]]]
        standing_require = AND[own_require][NOT[higher_forbid]]
        standing_doubt = AND[own_doubt][AND[NOT[higher_require]][NOT[higher_forbid]]]
        doubt = OR[doubt][standing_doubt]
        firm_forbid = AND[standing_forbid][NOT[might_require]]
        firm_require = AND[standing_require][NOT[might_forbid]]
        forbid = OR[forbid][OR[firm_forbid][_any(weights, applies, layer, "forbid", order=True)]]
        require = OR[require][OR[firm_require][_any(weights, applies, layer, "require", order=True)]]
        higher_forbid = OR[higher_forbid][firm_forbid]
        higher_require = OR[higher_require][firm_require]
        barred = OR[barred][_any(weights, applies, layer, "bars_restriction", order=False)]
        might_require = OR[might_require][AND[_might(weights, applies, layer, ("require", "bars_restriction"))][standing_doubt]]
        might_forbid = OR[might_forbid][AND[_might(weights, applies, layer, ("forbid",))][standing_doubt]]
    return Binding(require=require, forbid=forbid, doubt=doubt)


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


def value_of(binding: Binding) -> Value:
    """Return the one value that is possible, or needs_facts when more than one is."""
    values = possible(binding)
    return next(iter(values)) if len(values) == 1 else "needs_facts"


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


__all__ = ["TRUE", "Binding", "Weight", "combine", "contributes", "possible", "value_of"]
