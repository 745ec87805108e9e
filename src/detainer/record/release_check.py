"""What stands in the way of a release, or must be done at it: from a stay and the requests that wait on it to findings. Pure.

Judge-signed warrants are kept apart from civil papers (process.md section 6, F6); a hold shows its hard end (F7). Nothing here
forbids a release: over a duty it takes a reason, and over a judge's warrant a reason that names it.
"""

import datetime as dt
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from typing import Final, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from detainer.record import when
from detainer.record.kinds import ReleaseChecked
from detainer.record.said import Ask, RuleSaid
from detainer.record.views import AskView, RequestView, StayView

Kind = Literal[
    "judicial_warrant",
    "notice_due",
    "decision_due",
    "hold_due",
    "copy_not_served",
    "held_past_end",
    "held_without_request",
    "holding",
    "claim_open",
    "receipt_owed",
    "live_request",
    "not_linked",
]
JUDICIAL: Final = {"judicial_criminal": "criminal", "judicial_civil": "civil"}


class Frozen(BaseModel):
    """Frozen, like the views that it is made from."""

    model_config = ConfigDict(frozen=True)


class HoldEnd(Frozen):
    """When a hold must end under one rule of counting; of several one `governs`."""

    rule: str
    label: str
    due_at: dt.datetime
    governs: bool
    arithmetic: str = ""
    cite: str | None = None
    source: str | None = None


class Finding(Frozen):
    """One thing found: what, of which request, and the command (`request.give_notice`) that settles it, where one does.

    A `duty` takes a reason to go on against; the rest is to know. `rule` is the law's, where the law is the reason; `ask` the
    part and `of` the event that the command is about.
    """

    kind: Kind
    request: UUID | None
    words: str
    duty: bool = False
    rule: RuleSaid | None = None
    command: str | None = None
    ask: Ask | None = None
    of: UUID | None = None
    due_at: dt.datetime | None = None


class Waiting(Frozen):
    """A request that waits on the stay, as a reader tells it from others."""

    id: UUID
    requester: UUID
    requester_name: str
    form: str
    reference: str | None
    warrant: Literal["criminal", "civil"] | None
    live: bool
    holding: bool
    lodged: str


class Check(Frozen):
    """What was found when somebody looked: the requests that wait, the findings, duties first."""

    stay: UUID
    at: dt.datetime
    requests: tuple[Waiting, ...]
    findings: tuple[Finding, ...]

    @property
    def duties(self) -> tuple[Finding, ...]:
        """What takes a reason to go on against."""
        return tuple(found for found in self.findings if found.duty)

    @property
    def warrants(self) -> tuple[UUID, ...]:
        """The requests that came with a warrant that a judge signed."""
        return tuple(found.request for found in self.findings if found.kind == "judicial_warrant" and found.request)

    def recorded(self) -> ReleaseChecked:
        """Return the payload of the event that says what was found."""
        return ReleaseChecked(
            requests=tuple(one.id for one in self.requests if one.live),
            warrants=len(self.warrants),
            duties=tuple(f"{found.kind} {found.request}" for found in self.duties),
        )


class Beside(Frozen):
    """What the check takes beside the views.

    `hold_ends` and `copies` are by request: when its hold must end, the law under which a copy is owed to the person.
    `unlinked` is how many live requests of the custodian are linked to no stay; `cause` why the person is let out, if known.
    """

    now: dt.datetime
    zone: str = "UTC"
    cause: str | None = None
    names: Mapping[UUID, str] = {}
    hold_ends: Mapping[UUID, Sequence[HoldEnd]] = {}
    copies: Mapping[UUID, RuleSaid] = {}
    unlinked: int = 0


def check(stay: StayView, requests: Iterable[RequestView], beside: Beside) -> Check:
    """Return what is found of the requests that wait on a stay: live ones, and those that ended while the person is held."""
    waiting = [view for view in requests if view.is_live or view.is_holding]
    found = [one for view in waiting for rule in _RULES for one in rule(view, beside)]
    found += _not_linked(beside.unlinked)
    return Check(
        stay=stay.id,
        at=beside.now,
        requests=tuple(_waiting(view, beside) for view in waiting),
        findings=tuple(sorted(found, key=lambda one: (one.kind != "judicial_warrant", not one.duty, _ORDER[one.kind]))),
    )


def _waiting(view: RequestView, beside: Beside) -> Waiting:
    return Waiting(
        id=view.id,
        requester=view.requester,
        requester_name=beside.names.get(view.requester, ""),
        form=view.form,
        reference=view.reference,
        warrant=warrant_of(view),
        live=view.is_live,
        holding=view.is_holding,
        lodged=view.lodged,
    )


def warrant_of(view: RequestView) -> Literal["criminal", "civil"] | None:
    """Return which warrant of a judge came with a request, on the requester's word or the custodian's; None for none."""
    told = {str(view.basis.warrant), *map(str, view.facts.get("warrant") or ())}
    return "criminal" if "judicial_criminal" in told else "civil" if "judicial_civil" in told else None


# --- what is found, rule by rule -----------------------------------------------------------------------------------------


def _judicial_warrant(view: RequestView, _beside: Beside) -> Iterator[Finding]:
    kind = warrant_of(view)
    if kind:
        transfer = _asked(view, "transfer")
        command = "request.hand_over" if transfer and transfer.choice == "honour" else None
        words = f"a judge signed the {kind} warrant that came with this request: it is no civil paper of an immigration officer"
        yield Finding(kind="judicial_warrant", request=view.id, words=words, duty=True, command=command)


def _notice_due(view: RequestView, _beside: Beside) -> Iterator[Finding]:
    ask = _asked(view, "notify")
    if ask is None or view.release_notice is not None or not view.is_live:
        return
    if ask.choice == "honour" and not _no_longer_lawful(ask):
        yield _owed("notice_due", view, ask, "a notice that was decided is not given", "request.give_notice")
    elif ask.choice is None and _must(ask):
        words = "the law says that notice must be given, and nobody has decided it"
        yield _owed("notice_due", view, ask, words, _deciding(ask))


def _decision_due(view: RequestView, beside: Beside) -> Iterator[Finding]:
    """Yield the decision that is owed on what the law says must be done, and the one that the law has overtaken."""
    for ask in view.asks if view.is_live else ():
        over = ask.ask == "hold" and (beside.cause == "court_order" or view.hold_ended is not None)
        if ask.ask in ("hold", "transfer") and ask.choice is None and _must(ask) and not over:
            words = f"the law says that {_DEEDS[ask.ask]}, and nobody has decided it"
            yield _owed("decision_due", view, ask, words, _deciding(ask))
        elif ask.choice == "honour" and _no_longer_lawful(ask):
            words = f"since it was decided that {_DEEDS[ask.ask]}, the law's answer became that it must not: decide it again"
            yield _owed("decision_due", view, ask, words, "request.decide").model_copy(update={"duty": False})


def _hold_due(view: RequestView, beside: Beside) -> Iterator[Finding]:
    ask = _asked(view, "hold")
    if ask is None or not view.is_live or view.hold_started is not None or ask.choice != "honour" or _no_longer_lawful(ask):
        return
    owed = _owed("hold_due", view, ask, "a hold that was decided has not started", "request.start_hold")
    # A court's order ends a hold at once; and where the law leaves the hold to the custodian, nobody is bound to it.
    yield owed.model_copy(update={"duty": _must(ask) and beside.cause != "court_order"})


def _copy_not_served(view: RequestView, beside: Beside) -> Iterator[Finding]:
    if view.is_live and view.served is None:
        rule = beside.copies.get(view.id)
        words = "a copy of the request is not served on the person"
        yield Finding(
            kind="copy_not_served", request=view.id, words=words, duty=rule is not None, rule=rule, command="request.serve"
        )


def _hold(view: RequestView, beside: Beside) -> Iterator[Finding]:
    if not view.is_holding:
        return
    ends = sorted(beside.hold_ends.get(view.id, ()), key=lambda end: (not end.governs, end.due_at))
    due = ends[0].due_at if ends else None
    is_past = due is not None and due <= beside.now
    kind: Kind = "held_without_request" if not view.is_live else "held_past_end" if is_past else "holding"
    ask = _asked(view, "hold")
    is_duty = kind == "holding" and ask is not None and _must(ask) and beside.cause != "court_order"
    rule = _rule_of(ask) if is_duty and ask else _rule_of_end(ends[0]) if ends else None
    words = f"{_HELD[kind]}{_ends_in_words(ends, beside.zone)}"
    command = None if kind == "holding" else "request.end_hold"
    yield Finding(kind=kind, request=view.id, words=words, duty=is_duty, rule=rule, command=command, ask="hold", due_at=due)


_HELD: Final[dict[str, str]] = {
    "holding": "the person is held under this request",
    "held_past_end": "the person is held under this request although the time allowed is over",
    "held_without_request": "the person is held although the request has ended",
}


def _ends_in_words(ends: Sequence[HoldEnd], zone: str) -> str:
    if not ends:
        return ""
    told = [f"{when.in_words(when.parse(when.instant(end.due_at)), zone)} ({end.label})" for end in ends]
    return f": the hold must end by {told[0]}" + (f"; by the other count {', '.join(told[1:])}" if told[1:] else "")


def _claim_open(view: RequestView, _beside: Beside) -> Iterator[Finding]:
    if view.contests_open:
        grounds = ", ".join(dict.fromkeys(view.grounds_open)) or "no ground told"
        words = f"a claim against the request waits for an answer ({grounds})"
        yield Finding(kind="claim_open", request=view.id, words=words, command="request.answer_contest")


_RECEIPTS: Final[dict[str, tuple[str, str]]] = {
    "cancelled": ("the withdrawal of the request", "request.cancel_received"),
    "relayed": ("the request that was passed on here", "request.acknowledge"),
    "contested": ("a claim against the request", "request.receive"),
}


def _receipt_owed(view: RequestView, _beside: Beside) -> Iterator[Finding]:
    for owed in view.chase.owed:
        if owed.to == view.custodian:
            what, command = _RECEIPTS[owed.kind]
            words = f"nobody has acknowledged {what}"
            yield Finding(kind="receipt_owed", request=view.id, words=words, command=command, of=owed.event)


def _live_request(view: RequestView, _beside: Beside) -> Iterator[Finding]:
    if not view.is_live:
        return
    undecided = [ask for ask in view.asks if ask.choice is None]
    told = ", ".join(f"{ask.ask} (the law: {_plain(ask.answer.value) if ask.answer else 'no answer yet'})" for ask in undecided)
    words = f"undecided: {told}" if undecided else "every part of the request is decided"
    command = _deciding(undecided[0]) if undecided else None
    if view.acknowledged is None:
        words, command = f"nobody has acknowledged the request; {words}", "request.acknowledge"
    first = undecided[0].ask if undecided and view.acknowledged else None
    yield Finding(kind="live_request", request=view.id, words=words, command=command, ask=first)


def _not_linked(count: int) -> list[Finding]:
    if not count:
        return []
    words = f"{count} live request{'s' if count > 1 else ''} to this agency {'are' if count > 1 else 'is'} linked to no stay: "
    return [Finding(kind="not_linked", request=None, words=f"{words}see that none is about this person")]


_RULES: Final[tuple[Callable[[RequestView, Beside], Iterator[Finding]], ...]] = (
    *(_judicial_warrant, _notice_due, _decision_due, _hold_due, _copy_not_served),
    *(_hold, _claim_open, _receipt_owed, _live_request),
)
_ORDER: Final[dict[Kind, int]] = {
    "judicial_warrant": 0,
    "notice_due": 1,
    "decision_due": 2,
    "hold_due": 3,
    "copy_not_served": 4,
    "held_past_end": 5,
    "held_without_request": 6,
    "holding": 7,
    "claim_open": 8,
    "receipt_owed": 9,
    "live_request": 10,
    "not_linked": 11,
}
_DEEDS: Final[dict[Ask, str]] = {
    "notify": "notice must be given",
    "hold": "the person must be held",
    "transfer": "the person must be handed over",
    "share": "information must be shared",
    "interview": "an interview must be allowed",
}


def _asked(view: RequestView, ask: Ask) -> AskView | None:
    return next((one for one in view.asks if one.ask == ask), None)


def _must(ask: AskView) -> bool:
    return ask.answer is not None and ask.answer.value == "must"


def _no_longer_lawful(ask: AskView) -> bool:
    """Return whether the law has come to forbid what was decided while it allowed it."""
    return ask.answer is not None and ask.answer.value == "must_not" and not ask.against_answer


def _deciding(ask: AskView) -> str:
    return "request.confirm_decision" if ask.proposal else "request.decide"


def _owed(kind: Kind, view: RequestView, ask: AskView, words: str, command: str) -> Finding:
    return Finding(kind=kind, request=view.id, words=words, duty=True, rule=_rule_of(ask), command=command, ask=ask.ask)


def _rule_of(ask: AskView) -> RuleSaid | None:
    """Return the rule that binds an ask; none where the law leaves it to the custodian."""
    is_bound = ask.answer is not None and ask.answer.value in ("must", "must_not") and ask.answer.rules
    return ask.answer.rules[0] if is_bound and ask.answer else None


def _rule_of_end(end: HoldEnd) -> RuleSaid | None:
    return RuleSaid(id=end.rule, cite=end.cite, source=end.source or None) if end.cite else None


def _plain(value: str) -> str:
    return value.replace("_", " ")


# --- going on ------------------------------------------------------------------------------------------------------------


def at_hand_over(findings: Iterable[Finding], request: UUID) -> tuple[Finding, ...]:
    """Return what takes a reason to hand the person over for a request: another's warrant of a judge, a claim that is open."""
    return tuple(
        found.model_copy(update={"duty": True})
        for found in findings
        if (found.kind == "judicial_warrant" and found.request != request)
        or (found.kind == "claim_open" and found.request == request)
    )


def whatever_the_cause(found: Finding) -> bool:
    """Return whether a duty stands for every cause of a release: a court's order ends what binds to hold."""
    return found.duty and not (found.kind in ("hold_due", "holding") or (found.kind == "decision_due" and found.ask == "hold"))


def not_told(duties: Sequence[Finding], reason: str | None, warrants: Collection[UUID]) -> list[tuple[str, str]]:
    """Return what a command that goes on against duties does not say: the field, and what is wrong with it.

    Every duty takes a reason; a judge's warrant must be named, so that nobody goes on without having seen it; and what is
    named must be one.
    """
    signed = [found for found in duties if found.kind == "judicial_warrant"]
    wrong = [
        ("over_warrants", f"{found.words} ({found.request}): name it, and say why the person leaves all the same")
        for found in signed
        if found.request not in warrants
    ]
    wrong += [
        ("over_warrants", f"no warrant of a judge waits on this stay with the request [{one}]")
        for one in warrants
        if one not in {found.request for found in signed}
    ]
    if duties and not reason:
        told = "; ".join(f"{found.words} ({found.request})" for found in duties)
        wrong.append(("against_duty", f"{told}: settle it first, or say why not"))
    return wrong
