"""A survey of the library: which places have a file, what their files cover, how well it was checked, what is not known."""

from collections import Counter

from detainer.law import words
from detainer.law.answers import Frozen
from detainer.law.library import Library
from detainer.law.library import library as own_library
from detainer.law.rules import Jurisdiction, Provision


class PlaceListed(Frozen):
    """A place that has a file of law."""

    path: str
    name: str
    kind: str


class ForCounsel(Frozen):
    """A rule that no condition can say faithfully, or whose law is not settled: what it could mean, and why it is left open."""

    rule: str
    asks: tuple[words.Ask, ...]
    might: tuple[words.Effect, ...]
    why: str


class Coverage(Frozen):
    """What one file covers. Counts are of rules, duties and time limits together, except `rules`.

    `newest_check` is the newest day on which a provision was checked against its source, `checked` how many were at all,
    `from_memory` how many have no source that was read.
    """

    path: str
    name: str
    kind: str
    as_of: str
    asks: tuple[words.Ask, ...]
    rules: int
    duties: int
    time_limits: int
    newest_check: str | None
    checked: int
    from_memory: int
    confidence: dict[words.Confidence, int]
    for_counsel: tuple[ForCounsel, ...]
    gaps: tuple[str, ...]
    open_questions: tuple[str, ...]


def _provisions(one: Jurisdiction) -> tuple[Provision, ...]:
    return (*one.rules, *one.duties, *one.time_limits)


def _coverage(one: Jurisdiction) -> Coverage:
    items = _provisions(one)
    checks = sorted((item.last_checked_on for item in items if item.last_checked_on), key=lambda date: date.last)
    sure = Counter(item.confidence for item in items)
    asked = {ask for rule in one.rules for ask in rule.asks}
    return Coverage(
        path=one.path,
        name=one.name,
        kind=one.kind,
        as_of=str(one.as_of),
        asks=tuple(ask for ask in words.ASKS if ask in asked),
        rules=len(one.rules),
        duties=len(one.duties),
        time_limits=len(one.time_limits),
        newest_check=str(checks[-1]) if checks else None,
        checked=len(checks),
        from_memory=sum(item.source.startswith("memory") for item in items),
        confidence={word: sure[word] for word in ("high", "medium", "low")},
        for_counsel=tuple(
            ForCounsel(rule=rule.id, asks=rule.asks, might=rule.might, why=rule.note or "")
            for rule in one.rules
            if rule.effect == "ask_counsel"
        ),
        gaps=tuple(f"{gap.about}: {gap.text}" for gap in one.nothing_found),
        open_questions=one.open_questions,
    )


def coverage(library: Library | None = None) -> tuple[Coverage, ...]:
    """Return a row for each file of the library, by path."""
    layers = (library or own_library()).layers
    return tuple(_coverage(one) for path in sorted(layers) for one in layers[path])


def places(library: Library | None = None) -> tuple[PlaceListed, ...]:
    """Return the places that have a file of law, by path. Every county of the United States can be asked about besides."""
    layers = (library or own_library()).layers
    return tuple(PlaceListed(path=path, name=layers[path][0].name, kind=layers[path][0].kind) for path in sorted(layers))
