"""The law of a place as a reader sees it: every provision as a sentence with its spans, how it stands on a day, what changed."""

import datetime as dt
from collections.abc import Iterable, Iterator
from typing import Literal

from detainer.law import gazetteer, words
from detainer.law.answers import Adopter, ClockShown, Frozen, SpanShown, adopter_of
from detainer.law.book import bound_here
from detainer.law.english import bound, conditions_of, sentence
from detainer.law.library import Library, scopes
from detainer.law.library import library as own_library
from detainer.law.meaning import Scope
from detainer.law.rules import Duty, Jurisdiction, Rule, TimeLimit
from detainer.law.showing import clock_shown, span_shown
from detainer.law.spans import Standing, span_on

Kind = Literal["rule", "duty", "time_limit"]
Item = Rule | Duty | TimeLimit


class SentenceShown(Frozen):
    """What a provision says about an ask."""

    ask: words.Ask
    sentence: str


class ProvisionShown(Frozen):
    """A rule, a duty or a time limit. `standing` and `span` are those of the day asked about, None when no day was given.

    `standing` is `stands`, `doubtful` (its dates are known only roughly), `suspended` (enjoined, stayed, repealed, pending) or
    `not_yet_or_over`. `effect` is that of a rule, `clock` that of a duty or limit.
    `binds_here` is False for a provision of a file above that binds other places only.
    """

    id: str
    kind: Kind
    place: str
    effect: words.Effect | None
    strength: words.Strength
    binds: str
    binds_here: bool
    sentences: tuple[SentenceShown, ...]
    clock: ClockShown | None
    standing: Standing | None
    span: SpanShown | None
    spans: tuple[SpanShown, ...]
    cite: str | None
    source: str
    confidence: words.Confidence
    last_checked_on: str | None
    note: str | None


class NoticeShown(Frozen):
    """Something that a file says about itself: what was looked for and not found, or what may have changed unseen."""

    about: str
    text: str


class LayerShown(Frozen):
    """One file of law."""

    path: str
    name: str
    kind: str
    as_of: str
    binds: str
    summary: str
    adopted_by: Adopter | None
    provisions: tuple[ProvisionShown, ...]
    nothing_found: tuple[NoticeShown, ...]
    cautions: tuple[NoticeShown, ...]
    open_questions: tuple[str, ...]


class PlaceShown(Frozen):
    """The law of a place: its layers, the highest first. `on` is None when no day was given."""

    place: str
    name: str
    on: dt.date | None
    layers: tuple[LayerShown, ...]
    without_file: tuple[str, ...]


class Change(Frozen):
    """A provision that stands otherwise on the second day than on the first; a span is None when none covers the day."""

    provision: ProvisionShown
    before: Standing
    after: Standing
    span_before: SpanShown
    span_after: SpanShown


class Difference(Frozen):
    """What changed at a place between two days."""

    place: str
    from_: dt.date
    to: dt.date
    changes: tuple[Change, ...]


def _sentences(item: Item, scope: Scope) -> Iterator[SentenceShown]:
    for ask in item.asks:
        if isinstance(item, Rule):
            yield SentenceShown(ask=ask, sentence=sentence(item, ask, scope))
        else:
            conditions = conditions_of(item, scope)
            yield SentenceShown(ask=ask, sentence=f"{item.text} Applies{conditions}." if conditions else item.text)


def _provision(item: Item, kind: Kind, one: Jurisdiction, scope: Scope, on: dt.date | None) -> ProvisionShown:
    standing, span = span_on(item.spans, on) if on else (None, None)
    clock = None if isinstance(item, Rule) else item.clock
    return ProvisionShown(
        id=item.id,
        kind=kind,
        place=one.path,
        effect=item.effect if isinstance(item, Rule) else None,
        strength=item.strength if isinstance(item, Rule) else "firm",
        binds=item.binds.text or bound(item.binds),
        binds_here=bound_here(item.binds, scope.place),
        sentences=tuple(_sentences(item, scope)),
        clock=clock_shown(clock) if clock else None,
        standing=standing,
        span=span_shown(span) if span else None,
        spans=tuple(span_shown(each) for each in item.spans),
        cite=item.cite,
        source=item.source,
        confidence=item.confidence,
        last_checked_on=str(item.last_checked_on) if item.last_checked_on else None,
        note=item.note,
    )


def _items(one: Jurisdiction) -> Iterator[tuple[Item, Kind]]:
    yield from ((rule, "rule") for rule in one.rules)
    yield from ((duty, "duty") for duty in one.duties)
    yield from ((limit, "time_limit") for limit in one.time_limits)


def _layer(one: Jurisdiction, scope: Scope, on: dt.date | None) -> LayerShown:
    return LayerShown(
        path=one.path,
        name=one.name,
        kind=one.kind,
        as_of=str(one.as_of),
        binds=one.binds,
        summary=one.summary,
        adopted_by=adopter_of(one.adopted_by) if one.adopted_by else None,
        provisions=tuple(_provision(item, kind, one, scope, on) for item, kind in _items(one)),
        nothing_found=tuple(NoticeShown(about=each.about, text=each.text) for each in one.nothing_found),
        cautions=tuple(NoticeShown(about=", ".join(each.asks), text=each.text) for each in one.cautions),
        open_questions=one.open_questions,
    )


def show(place: str, on: dt.date | None = None, library: Library | None = None) -> PlaceShown:
    """Return the law of a place, with how each provision stands on a day when one is given. Raises PlaceUnknown."""
    kept = library or own_library()
    path = gazetteer.canonical(place, kept.layers)
    chain = kept.chain(path)
    with_file = {one.path for one in chain}
    return PlaceShown(
        place=path,
        name=gazetteer.name_of(path),
        on=on,
        layers=tuple(_layer(one, scope, on) for one, scope in zip(chain, scopes(chain, path), strict=True)),
        without_file=tuple(above for above in gazetteer.layers_above(path) if above not in with_file),
    )


def _provisions(shown: PlaceShown) -> Iterable[ProvisionShown]:
    return (provision for layer in shown.layers for provision in layer.provisions)


def diff(place: str, from_: dt.date, to: dt.date, library: Library | None = None) -> Difference:
    """Return the provisions that bind at a place and stand otherwise on the second day than on the first. Raises PlaceUnknown."""
    before, after = show(place, from_, library), show(place, to, library)
    changes = tuple(
        Change(provision=new, before=old.standing, after=new.standing, span_before=old.span, span_after=new.span)
        for old, new in zip(_provisions(before), _provisions(after), strict=True)
        if new.binds_here and old.standing and new.standing and old.span and new.span
        if old.standing != new.standing or (old.span != new.span and "not_yet_or_over" not in (old.standing, new.standing))
    )
    return Difference(place=after.place, from_=from_, to=to, changes=changes)
