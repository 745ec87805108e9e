"""The measures: each says in words what it counts, out of what, and what is not known; `measure` counts it by any groups."""

from collections.abc import Mapping, Sequence
from typing import Final

from ibis.expr import types as ir

from detainer.outcomes.counting.following import FOLLOWING
from detainer.outcomes.counting.groups import NO, Count, Counted, Measure, count_by, named, text
from detainer.outcomes.counting.spans import Release, followed, spans_of
from detainer.record.ends import OUTCOMES

RECENT: Final = 180  # days before the release's last day: a detainer this young that shows no end may still be open

_TITLES: Final[dict[str, str]] = {
    "handed_over": "handed over to the requester",
    "released_with_notice": "released, with notice",
    "released_without_notice": "released, without notice",
    "released": "released, notice not known",
    "declined": "declined by the custodian",
    "withdrawn": "withdrawn by the requester",
    "superseded": "replaced by a newer one",
    "duplicate": "entered twice",
    "not_in_custody": "not in that custody",
    "passed_on": "passed on to another custodian",
    "died": "died",
}
MIX: Final[dict[str, str]] = {outcome: _TITLES[outcome] for outcome in OUTCOMES if outcome not in ("open", "unknown")}
EVIDENCE: Final[dict[str, str]] = {
    "stated": "stated alone",
    "linked": "read from what followed",
    "both": "stated, and borne out",
    "contradicted": "stated, and spoken against",
}
WITHDRAWN: Final[dict[str, str]] = {
    "citizen": "a citizen, or a claim with evidence",
    "not_removable": "cannot be removed",
    "discretion": "the requester chose not to pursue",
    "case_closed": "the requester's case was closed",
    "could_not_come": "the requester could not come",
    "judicial_review": "judicial review",
    "in_error": "issued in error",
    "other": "another reason",
}
LAW: Final[dict[str, str]] = {
    "forbidden_allowed": "hold forbidden, notice allowed",
    "forbidden_forbidden": "hold and notice forbidden",
    "allowed_allowed": "hold and notice allowed",
    "allowed_forbidden": "hold allowed, notice forbidden",
}
_SAYS: Final = {"forbidden": ["must_not"], "allowed": ["must", "may"]}


def measure(
    name: str,
    table: ir.Table,
    by: Sequence[str] = (),
    *,
    spans: Sequence[Release] | None = None,
    duplicates: bool = False,
) -> ir.Table:
    """Return one measure by groups of `counting.GROUPS`: a row for each group that has any of its cases, and each part.

    Columns: the groups (null: not known), `category`, `numerator`, `denominator` (cases whose part is known), `unknown`, `open`,
    `duplicates` (copies of another row, left out unless `duplicates`), `share` (numerator of denominator; null of none), and
    `low` and `high`: the share of all cases if none, or all, of the unknown and open ones belonged to the part. In each row
    denominator + unknown + open is the number of the group's cases. `spans`: the releases, if they are known already
    (`spans_of` computes them). OutcomesError for a measure or group that there is not.
    """
    chosen = named(MEASURES, "measure", name)
    return count_by(chosen, table, by, spans_of(table) if spans is None else spans, duplicates=duplicates)


def law_beside(
    table: ir.Table, by: Sequence[str] = (), *, spans: Sequence[Release] | None = None, duplicates: bool = False
) -> ir.Table:
    """Return how detainers ended (`outcome_mix`) by what the law said of the hold and the notice, within the other groups."""
    others = [name for name in by if name not in ("law_hold", "law_notify")]
    return measure("outcome_mix", table, [*others, "law_hold", "law_notify"], spans=spans, duplicates=duplicates)


def _ended(table: ir.Table, spans: Sequence[Release]) -> tuple[ir.BooleanValue, ir.BooleanValue]:
    """Return whether how it ended is unknown, and whether it may be open still."""
    no_end = ~table.outcome.isin(list(MIX)).fill_null(False)
    young = (followed(table, spans) < RECENT).fill_null(False)
    open_ = ((table.outcome == "open") | (no_end & young)).fill_null(False)
    return no_end & ~open_, open_


def _one_of(value: ir.StringValue, parts: Mapping[str, str], rest: str | None = None) -> dict[str, ir.BooleanValue]:
    """Return the parts of a measure by the word in one column; `rest` is the part of every other word."""
    words = [part for part in parts if part != rest]
    conditions: dict[str, ir.BooleanValue] = {part: value == part for part in words}
    return conditions | ({rest: ~value.isin(words).fill_null(False)} if rest else {})


def _mix(table: ir.Table, spans: Sequence[Release]) -> Counted:
    return Counted(~NO, *_ended(table, spans), _one_of(table.outcome, MIX))


def _evidence(table: ir.Table, spans: Sequence[Release]) -> Counted:
    unknown, open_ = _ended(table, spans)
    without = ~table.evidence.isin(list(EVIDENCE)).fill_null(False) & ~open_
    return Counted(~NO, unknown | without, open_, _one_of(table.evidence, EVIDENCE))


def _withdrawn(table: ir.Table, _spans: Sequence[Release]) -> Counted:
    unstated = table.reason.isnull() | (table.reason == "unstated")
    return Counted(table.outcome == "withdrawn", unstated, NO, _one_of(table.reason, WITHDRAWN, rest="other"))


def _because(reason: str) -> Count:
    def count(table: ir.Table, spans: Sequence[Release]) -> Counted:
        yes = ((table.outcome == "withdrawn") & (table.reason == reason)).fill_null(False)
        return Counted(~NO, *_ended(table, spans), {reason: yes, "other": ~yes})

    return count


def _law(assumed: str = "") -> Count:
    def count(table: ir.Table, _spans: Sequence[Release]) -> Counted:
        hold, notify = text(table, f"law_hold{assumed}"), text(table, f"law_notify{assumed}")
        settled = [word for words in _SAYS.values() for word in words]
        known = hold.isin(settled) & notify.isin(settled)
        pairs = {part: part.split("_") for part in LAW}
        parts = {part: hold.isin(_SAYS[of_hold]) & notify.isin(_SAYS[of_notice]) for part, (of_hold, of_notice) in pairs.items()}
        return Counted(table.outcome == "declined", ~known.fill_null(False), NO, parts)

    return count


_ENDED_CASES = "every published detainer whose end is known; copies of another row are left out and counted beside"
_NO_END = "no end is stated and none can be read from what followed, and it is too old to be open still"
_MAY_BE_OPEN = (
    f"open: said to be open, or no end is known and it was prepared less than {RECENT} days before the release's last day. Left "
    "out of the denominator and counted beside; low and high show the share with it"
)
_NOT_OPEN = "none: what has not ended is no case of this measure"
_WORD_OF_ICE = (
    "An end is what the requester (ICE) wrote down. Agencies seldom tell it that they declined: a decline is one it learned of."
)
_WARRANT = (
    "Taken, for detainers since 2 April 2017: an I-200 or I-205, signed by an immigration officer, came with the detainer, and "
    "it and the form were complete. ICE's Policy 10074.2 requires it; whether it was done is not published."
)
_ZERO = "No decline in a place may mean that none was ever written down there."
_SNAPSHOT = "A release is a snapshot: later releases change reasons without a date."


def _because_of(name: str, title: str, says: str, reason: str) -> Measure:
    return Measure(
        name=name,
        title=title,
        says=says,
        numerator=f"those withdrawn because: {WITHDRAWN[reason]}",
        denominator=_ENDED_CASES,
        unknown=_NO_END,
        open=_MAY_BE_OPEN,
        limits=(_WORD_OF_ICE, _SNAPSHOT),
        parts={reason: WITHDRAWN[reason], "other": "ended otherwise"},
        count=_because(reason),
    )


_ALL: Final = (
    Measure(
        name="outcome_mix",
        title="How detainers ended",
        says="of the detainers whose end is known, how many ended in each way",
        numerator="those with that outcome",
        denominator=_ENDED_CASES,
        unknown=_NO_END,
        open=_MAY_BE_OPEN,
        limits=(
            _WORD_OF_ICE,
            _ZERO,
            _SNAPSHOT,
            "Handed over does not say that anybody was held past release: nothing in the data does.",
        ),
        parts=MIX,
        count=_mix,
    ),
    Measure(
        name="evidence",
        title="On what evidence the end is known",
        says="of the detainers whose end is known, how many are known from the requester's word, from what followed, or both",
        numerator="those with that evidence: the requester's word, what followed, or both",
        denominator=_ENDED_CASES,
        unknown=_NO_END,
        open=_MAY_BE_OPEN,
        parts=EVIDENCE,
        count=_evidence,
    ),
    *FOLLOWING,
    _because_of(
        "citizens",
        "Citizens",
        "how many detainers were withdrawn because the person is a United States citizen or claims it with evidence",
        "citizen",
    ),
    _because_of(
        "no_means",
        "The requester could not come",
        "how many detainers were withdrawn because the requester itself had not the means or the space to take the person",
        "could_not_come",
    ),
    Measure(
        name="withdrawn",
        title="Why detainers were withdrawn",
        says="of the withdrawn detainers whose reason is stated, how many were withdrawn for each",
        numerator="those with that reason",
        denominator="withdrawn detainers with a reason",
        unknown="withdrawn, and no reason stated",
        open=_NOT_OPEN,
        limits=(_SNAPSHOT,),
        parts=WITHDRAWN,
        count=_withdrawn,
    ),
    Measure(
        name="declined_law",
        title="Declined: what the law there said of the hold and the notice",
        says="of the declined detainers, how many were where the law forbade the hold and allowed the notice, and so on",
        numerator="those whose law said so of the hold and of the notice, on the detainer's day; allowed: may or must",
        denominator="declined detainers for which the law answers both from the facts that are published",
        unknown="the law turns on facts that are not published, is contradictory or for counsel, or the place is not known",
        open=_NOT_OPEN,
        limits=(
            _WORD_OF_ICE,
            _ZERO,
            "Which part of a request was declined is not published: that a notice was asked for and refused cannot be seen.",
            "The law is what this project's files say of the place and day. Not legal advice.",
        ),
        parts=LAW,
        count=_law(),
    ),
    Measure(
        name="declined_law_assumed",
        title="Declined: what the law there said, if each detainer came with its warrant",
        says="the same, where it is taken that an administrative warrant came with each detainer, as ICE's policy requires",
        numerator="those whose law said so of the hold and of the notice, on the detainer's day; allowed: may or must",
        denominator="declined detainers for which the law answers both, from the facts that are published and this one",
        unknown="the law turns on facts that are not published, is contradictory or for counsel, or the place is not known",
        open=_NOT_OPEN,
        limits=(
            _WARRANT,
            _WORD_OF_ICE,
            _ZERO,
            "Which part of a request was declined is not published: that a notice was asked for and refused cannot be seen.",
            "The law is what this project's files say of the place and day. Not legal advice.",
        ),
        parts=LAW,
        count=_law("_assumed"),
    ),
)
MEASURES: Final[dict[str, Measure]] = {each.name: each for each in _ALL}
