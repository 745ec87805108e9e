"""What the same person id shows after a detainer and just before it: arrests, book-ins, later detainers, copies of the row.

Ids join within one release only, so every join here is on `release` and `unique_identifier`. A row without an id, or a
detainer without a readable day, is linked to nothing: its links are null, which says "not known", never "nothing followed".
"""

from collections.abc import Sequence
from typing import Final

import ibis
from ibis.expr import types as ir

from detainer.record.published import AT_LARGE, BLANKS, IN_CUSTODY, LIFTED, Windows

PERSON: Final = ("release", "unique_identifier")
SOURCE: Final = ("release", "file", "sheet", "row")
_EVENT: Final = {"arrest": ("apprehension_date_time", "apprehension_date"), "book_in": ("book_in_date_time", "book_in_date")}
# A copy with one of these reasons, or with none, says less of how the request ended than its fellow.
_SAYS_LITTLE: Final = tuple(said for said, lifted in LIFTED.items() if lifted.lift_class in ("duplicate", "superseded"))


def once(table: ir.Table) -> ir.Table:
    """Return the rows of a table without those that were given twice: same release, file, sheet and row, the first `key` kept."""
    first = table.group_by(list(SOURCE)).agg(key=table.key.min())
    return table.semi_join(first, "key").distinct()


def column(table: ir.Table, name: str, kind: str) -> ir.Column:
    """Return a column by its published name; nulls of its kind when the table does not have it."""
    return table[name].cast(kind) if name in table.columns else ibis.null(kind)


def word(text: ir.Column) -> ir.StringColumn:
    """Return a published word folded as `detainer.record.published.folded` does it."""
    folded: ir.StringColumn = text.cast("string").re_replace(BLANKS, " ").strip().upper().nullif("")
    return folded


def with_links(
    detainers: ir.Table, arrests: ir.Table | None, detentions: ir.Table | None, windows: Windows | None = None
) -> ir.Table:
    """Return the detainers with the links of each; a table or column that is missing leaves its links null.

    `arrest_at`, `arrest_days`, `arrest_key`: the first arrest on or after the detainer's day (days between calendar days, 0 the
    same day; key of its row; of several at one moment the lowest), `arrest_before_days`: back to the nearest arrest at most
    `windows.before` days before it; the same for `book_in`. `arrest_custody`: `in_custody` or `at_large` by the arrest's method.
    `next_days`, `elsewhere_days`: to the person's next detainer on a later day, at any and at another facility.
    `duplicate_of`: key of the row that stands for this one as well (`copies`).
    """
    windows = windows or Windows()
    asked = requests(detainers)
    arrest = nearest(asked, arrests, "arrest", windows.before)
    book_in = nearest(asked, detentions, "book_in", windows.before)
    again = _asked_again(asked)
    linked = detainers
    for links in (arrest, book_in, custody(arrest, arrests), later(again), copies(again)):
        linked = beside(linked, links)
    return linked


def requests(detainers: ir.Table) -> ir.Table:
    """Return the detainers that can be linked, narrow: key, release, id, day, facility code, whether the lift reason tells."""
    reason = word(column(detainers, "detainer_lift_reason", "string"))
    code = column(detainers, "facility_code" if "facility_code" in detainers.columns else "detention_facility_code", "string")
    asked = detainers.select(
        "key",
        release=column(detainers, "release", "string"),
        unique_identifier=column(detainers, "unique_identifier", "string"),
        day=column(detainers, "detainer_prepare_date", "date"),
        code=word(code),
        telling=reason.notnull() & ~reason.isin(_SAYS_LITTLE),
    )
    return asked.filter(asked.unique_identifier.notnull(), asked.day.notnull())


def moments(events: ir.Table, name: str) -> ir.Table:
    """Return arrests or book-ins, narrow: key, release, id, and the moment; a day alone counts as its midnight."""
    told = [column(events, title, "timestamp") for title in _EVENT[name]]
    found = events.select(
        release=column(events, "release", "string"),
        unique_identifier=column(events, "unique_identifier", "string"),
        at=ibis.coalesce(*told),
        event_key=column(events, "key", "int64"),
    )
    return found.filter(found.unique_identifier.notnull(), found["at"].notnull())


def nearest(asked: ir.Table, events: ir.Table | None, name: str, before: int) -> ir.Table:
    """Return, by key, the first event on or after the day of each request that has one, and how near the last one before is."""
    found = ibis.memtable([], schema=_NO_EVENTS) if events is None else moments(events, name)
    pairs = asked.join(found, list(PERSON)).select("key", "day", "at", "event_key")
    pairs = pairs.mutate(days=pairs["at"].date().delta(pairs.day, unit="day"))
    pairs = pairs.filter(pairs.days >= -before)
    after, event = pairs.days >= 0, ibis.struct({"at": pairs["at"], "key": pairs.event_key})
    links = pairs.group_by("key").agg(
        first=event.min(where=after), days=pairs.days.min(where=after), before=pairs.days.max(where=~after)
    )
    return links.select(
        "key",
        **{
            f"{name}_at": links["first"]["at"],
            f"{name}_days": links.days.cast("int32"),
            f"{name}_key": links["first"]["key"],
            f"{name}_before_days": (-links.before).cast("int32"),
        },
    )


def custody(arrest: ir.Table, arrests: ir.Table | None) -> ir.Table:
    """Return, by key, where the person was at the linked arrest, as far as its method says: `in_custody`, `at_large`."""
    if arrests is None or "apprehension_method" not in arrests.columns:
        return ibis.memtable([], schema={"key": "int64", "arrest_custody": "string"})
    method = word(arrests.apprehension_method)
    where = ibis.cases((method.isin(sorted(IN_CUSTODY)), "in_custody"), (method.isin(sorted(AT_LARGE)), "at_large"), else_=None)
    told = arrests.select(arrest_key=arrests.key, arrest_custody=where)
    told = told.filter(told.arrest_custody.notnull())
    return arrest.join(told, "arrest_key").select("key", "arrest_custody")


def _asked_again(asked: ir.Table) -> ir.Table:
    """Return the requests for people who have several: the only ones that can have a later one or a copy."""
    several = asked.group_by(list(PERSON)).agg(times=asked.key.count())
    return asked.semi_join(several.filter(several.times > 1), list(PERSON))


def later(asked: ir.Table) -> ir.Table:
    """Return, by key, the days to the next request for the person on a later day: at any facility, and at another one."""
    other = asked.select("release", "unique_identifier", next_day=asked.day, next_code=asked.code)
    pairs = asked.join(other, list(PERSON))
    pairs = pairs.filter(pairs.next_day > pairs.day)
    days = pairs.next_day.delta(pairs.day, unit="day").cast("int32")
    return pairs.group_by("key").agg(next_days=days.min(), elsewhere_days=days.min(where=pairs.code != pairs.next_code))


def copies(asked: ir.Table) -> ir.Table:
    """Return, by key, the row that stands for a copy as well: same id, same day, same facility code.

    The row that stands is the first whose lift reason tells how the request ended, else the first. Rows without an id are never
    copies, equal as they may be: they may be different people.
    """
    same = ["release", "unique_identifier", "day", "code"]
    coded = asked.filter(asked.code.notnull())
    stands = coded.group_by(same).agg(
        stands=ibis.coalesce(coded.key.min(where=coded.telling), coded.key.min()), rows=coded.key.count()
    )
    found = coded.join(stands.filter(stands.rows > 1), same)
    return found.filter(found.key != found.stands).select("key", duplicate_of=found.stands)


def beside(table: ir.Table, links: ir.Table) -> ir.Table:
    """Return a table with the columns of `links` beside it, by key; null where there are none."""
    names: Sequence[str] = [name for name in links.columns if name != "key"]
    joined = table.left_join(links, "key")
    return joined.select(*table.columns, *names)


_NO_EVENTS: Final = {"release": "string", "unique_identifier": "string", "at": "timestamp", "event_key": "int64"}
