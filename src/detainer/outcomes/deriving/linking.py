"""What the same person id shows after a detainer and just before it: arrests, book-ins, later detainers, copies of the row.

Ids join within one release only, so every join here is on `release` and `unique_identifier`. A row without an id, or a
detainer without a readable day, is linked to nothing: its links are null, which says "not known", never "nothing followed".
"""

from collections.abc import Mapping
from typing import Final

import ibis
from ibis.expr import types as ir

from detainer.record.published import AT_LARGE, BLANKS, IN_CUSTODY, LIFTED, PASSES, Windows

PERSON: Final = ("release", "unique_identifier")
SOURCE: Final = ("release", "file", "sheet", "row")
_EVENT: Final = {"arrest": ("apprehension_date_time", "apprehension_date"), "book_in": ("book_in_date_time", "book_in_date")}
# A copy whose reason is one of these classes, or blank, says less of how the request ended than its fellow.
_SAYS_LITTLE: Final = ("duplicate", "superseded")


def once(table: ir.Table) -> ir.Table:
    """Return the rows of a table without those that were given twice: same release, file, sheet and row, the first `key` kept."""
    first = table.group_by(list(SOURCE)).agg(key=table.key.min())
    return table.semi_join(first, "key").distinct()


def column(table: ir.Table, name: str, kind: str) -> ir.Column:
    """Return a column by its published name; nulls of its kind when the table does not have it."""
    return table[name].cast(kind) if name in table.columns else ibis.null(kind)


def word(text: ir.Column) -> ir.StringColumn:
    """Return a published word as `detainer.record.published.folded` gives it."""
    folded = text.cast("string").upper().translate(BLANKS, " " * len(BLANKS))
    for _ in range(PASSES):
        folded = folded.replace("  ", " ")
    return folded.strip().nullif("")


def reading(table: ir.Table, title: str, name: str, known: Mapping[str, str], otherwise: str | None) -> ir.Table:
    """Return what each distinct word of a column is read as: a small table of `title` and `name`, without the null.

    A release repeats a few dozen words a million times: they are folded and looked up once each.
    """
    words = table.select(**{title: column(table, title, "string")}).distinct()
    words = words.filter(words[title].notnull()).mutate(folded=word(words[title]))
    read = words.folded.cases(*known.items(), else_=otherwise or ibis.null("string"))
    return words.select(title, **{name: words.folded.isnull().ifelse(ibis.null("string"), read)})


def with_links(
    detainers: ir.Table, arrests: ir.Table | None, detentions: ir.Table | None, windows: Windows | None = None
) -> ir.Table:
    """Return the detainers with the links of each; a table or column that is missing leaves its links null.

    `arrest_at`, `arrest_days`, `arrest_key`: the first arrest on or after the detainer's day (days between calendar days, 0 the
    same day; key of its row; of several at one moment the lowest), `arrest_before_days`: back to the nearest arrest at most
    `windows.before` days before it; the same for `book_in`. `arrest_custody`: `in_custody` or `at_large` by the arrest's method.
    `next_days`, `elsewhere_days`: to the person's next detainer on a later day, at any and at another facility.
    `duplicate_of`: key of the row that stands for this one as well (`others`). `lift_class`: what the lift reason is read as
    (`published.LIFTED`), `blank`, or `unlisted`.
    """
    windows = windows or Windows()
    reasons = reading(detainers, "detainer_lift_reason", "lift_class", _LIFT_CLASS, "unlisted")
    asked = requests(detainers)
    events = nearest(asked, {"arrest": arrests, "book_in": detentions}, windows.before)
    if arrests is not None:
        methods = reading(arrests, "apprehension_method", "arrest_custody", _CUSTODY, None)
        events = beside(events, methods.rename(arrest_method="apprehension_method"), "arrest_method").drop("arrest_method")
    else:
        events = events.rename(arrest_custody="arrest_method")
    linked = beside(beside(detainers, events), others(asked, reasons))
    if "detainer_lift_reason" not in linked.columns:
        return linked.mutate(lift_class=ibis.literal("blank"))
    linked = beside(linked, reasons, "detainer_lift_reason")
    return linked.mutate(lift_class=linked.lift_class.fill_null("blank"))


def requests(detainers: ir.Table) -> ir.Table:
    """Return the detainers that can be linked, narrow: key, release, id, day, facility code, lift reason."""
    code = "facility_code" if "facility_code" in detainers.columns else "detention_facility_code"
    asked = detainers.select(
        "key",
        release=column(detainers, "release", "string"),
        unique_identifier=column(detainers, "unique_identifier", "string"),
        day=column(detainers, "detainer_prepare_date", "date"),
        code=column(detainers, code, "string"),
        detainer_lift_reason=column(detainers, "detainer_lift_reason", "string"),
    )
    return asked.filter(asked.unique_identifier.notnull(), asked.day.notnull())


def moments(events: ir.Table, name: str) -> ir.Table:
    """Return arrests or book-ins, narrow: key, release, id, the moment (a day alone counts as its midnight), and the method."""
    told = [column(events, title, "timestamp") for title in _EVENT[name]]
    found = events.select(
        release=column(events, "release", "string"),
        unique_identifier=column(events, "unique_identifier", "string"),
        at=ibis.coalesce(*told),
        event_key=column(events, "key", "int64"),
        apprehension_method=column(events, "apprehension_method", "string"),
    )
    return found.filter(found.unique_identifier.notnull())


def nearest(asked: ir.Table, events: Mapping[str, ir.Table | None], before: int) -> ir.Table:
    """Return, by key, the first event of each kind on or after a request's day, and how near the last one before is.

    `events`: arrests as `arrest`, detentions as `book_in`; for each `{name}_at`, `{name}_days`, `{name}_key`,
    `{name}_before_days`, and of an arrest its `arrest_method`, as written. A request without any has no row. All kinds in one
    join: the engine then holds the people of the requests once.
    """
    kinds = [_of_kind(number, moments(table, name)) for number, (name, table) in enumerate(events.items()) if table is not None]
    found = ibis.union(*kinds) if kinds else ibis.memtable([], schema=_NO_EVENTS)
    pairs = asked.join(found, list(PERSON)).select("key", "day", "kind", "at", "event_key", "apprehension_method")
    pairs = pairs.mutate(days=pairs["at"].date().delta(pairs.day, unit="day"))
    pairs = pairs.filter(pairs.days >= -before)
    after = pairs.days >= 0
    # Of several at one moment the lowest key: the order of the fields is the order of the comparison.
    first = ibis.struct({"at": pairs["at"], "key": pairs.event_key, "method": pairs.apprehension_method})
    nearby: dict[str, ir.Value] = {}
    for number, name in enumerate(events):
        mine = pairs.kind == number
        nearby |= {
            f"{name}_first": first.min(where=mine & after),
            f"{name}_days": pairs.days.min(where=mine & after).cast("int32"),
            f"{name}_before": pairs.days.max(where=mine & ~after),
        }
    links = pairs.group_by("key").agg(**nearby)
    told: dict[str, ir.Value] = {}
    for name in events:
        told |= {
            f"{name}_at": links[f"{name}_first"]["at"],
            f"{name}_days": links[f"{name}_days"],
            f"{name}_key": links[f"{name}_first"]["key"],
            f"{name}_before_days": (-links[f"{name}_before"]).cast("int32"),
        }
    return links.select("key", **told, **({"arrest_method": links.arrest_first["method"]} if "arrest" in events else {}))


def _of_kind(number: int, found: ir.Table) -> ir.Table:
    return found.mutate(kind=ibis.literal(number, "int8"))


def others(asked: ir.Table, reasons: ir.Table) -> ir.Table:
    """Return, by key, what the person's other requests show: the next on a later day, and the row that stands for a copy.

    A copy has the same id, the same day and the same facility code as the row that stands for it: the first whose lift reason
    tells how the request ended, else the first. Rows without an id are never copies, equal as they may be: they may be
    different people.
    """
    other = asked.select(
        *PERSON, other_key=asked.key, other_day=asked.day, other_code=asked.code, reason=asked.detainer_lift_reason
    )
    pairs = asked.join(other, list(PERSON))
    pairs = pairs.filter(pairs.key != pairs.other_key, pairs.other_day >= pairs.day)
    telling = reasons.filter(reasons.lift_class.notin(_SAYS_LITTLE)).select(reason="detainer_lift_reason", telling=True)
    pairs = beside(pairs, telling, "reason")
    days = pairs.other_day.delta(pairs.day, unit="day").cast("int32")
    pairs = pairs.select(
        "key",
        "detainer_lift_reason",
        "other_key",
        other_telling=pairs.telling.notnull(),
        days=days,
        here=pairs.code.strip().upper() == pairs.other_code.strip().upper(),
    )
    same, later = (pairs.days == 0) & pairs.here, pairs.days > 0
    found = pairs.group_by("key", "detainer_lift_reason").agg(
        next_days=pairs.days.min(where=later),
        elsewhere_days=pairs.days.min(where=later & ~pairs.here),
        fellow=pairs.other_key.min(where=same),
        telling_fellow=pairs.other_key.min(where=same & pairs.other_telling),
    )
    found = beside(found, telling.rename(detainer_lift_reason="reason"), "detainer_lift_reason")
    tells = found.telling.notnull()
    # A row stands for its fellows when it is the first of those that tell, or of all if none does.
    rival = ibis.cases((found.telling_fellow.notnull(), found.telling_fellow), (tells, ibis.null("int64")), else_=found.fellow)
    yields = (rival < found.key) | (~tells & found.telling_fellow.notnull())
    return found.select("key", "next_days", "elsewhere_days", duplicate_of=yields.ifelse(rival, ibis.null("int64")))


def beside(table: ir.Table, links: ir.Table, by: str = "key") -> ir.Table:
    """Return a table with the columns of `links` beside it; null where there are none."""
    names = [name for name in links.columns if name != by]
    return table.left_join(links, by).select(*table.columns, *names)


_LIFT_CLASS: Final = {said: lifted.lift_class for said, lifted in LIFTED.items()}
_CUSTODY: Final = {**dict.fromkeys(sorted(IN_CUSTODY), "in_custody"), **dict.fromkeys(sorted(AT_LARGE), "at_large")}
_NO_EVENTS: Final = {
    "release": "string",
    "unique_identifier": "string",
    "at": "timestamp",
    "event_key": "int64",
    "apprehension_method": "string",
    "kind": "int8",
}
