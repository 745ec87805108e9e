"""The one table of the published columns, from `listing`: what is compared of a title, what is read as nothing, as yes, as no.

No two tables are read the same way by accident: `TableOf.day` and one of `TableOf.marks` must be among the titles of a file.
"""

import datetime as dt
import re
from collections.abc import Mapping
from typing import Final, Literal

from pydantic import BaseModel, ConfigDict

from detainer.outcomes.reading.listing import FURTHER, LISTED, Listed, TableName

Kind = Literal["date", "moment", "text", "integer", "number", "yes_no"]


class Column(BaseModel):
    """One published column.

    `titles` are the other titles it has had; its name is always one. `since` is the first plausible day or year, `ahead` says
    that a day after the reading is plausible (a projected release). `opaque` text (identifiers) is nearly all different and is
    kept as it stands. `also` names the column whose source serves this one too, when it has none of its own.
    """

    model_config = ConfigDict(frozen=True)

    name: str
    kind: Kind
    titles: tuple[str, ...] = ()
    unit: str | None = None
    since: dt.date = dt.date(1920, 1, 1)
    ahead: bool = False
    opaque: bool = False
    also: str | None = None


class TableOf(BaseModel):
    """A published table: its columns by name, the column of its day, and the columns of which a file must have one."""

    model_config = ConfigDict(frozen=True)

    name: TableName
    row: str
    day: str
    marks: tuple[str, ...]
    columns: dict[str, Column]
    of_title: dict[str, str]
    of_words: dict[str, str]

    def column_of(self, title: str) -> str | None:
        """Return the column that a title is of: by its words in their order, else by the same words in another order."""
        key = key_of(title)
        return self.of_title.get(key) or self.of_words.get(_any_order(key))

    @property
    def days(self) -> tuple[str, ...]:
        """Return the columns that can give the day: its own, and the one that serves it too."""
        return tuple(name for name in (self.day, self.columns[self.day].also) if name)


# Words of titles that mean the same; the long form stands for both.
_WORDS: Final[Mapping[str, str]] = {
    "msc": "most serious conviction",
    "mscc": "most serious conviction",
    "toa": "time apprehension",
    "tod": "time detainer",
    "aor": "area responsibility",
    "misd": "misdemeanor",
    "prep": "prepare",
    "prepared": "prepare",
    "osc": "order show cause",
    "anonymised": "anonymized",
    "identifer": "identifier",
    "reentry": "re entry",
    "bookin": "book in",
    "bookout": "book out",
    "id": "identifier",
    "anon": "anonymized",
    "anonymous": "anonymized",
    "deidentified": "anonymized",
    "detloc": "detention facility code",
    "dt": "date",
    "fac": "facility",
    "rsn": "reason",
    "chg": "charge",
    "lvl": "level",
    "cntry": "country",
    "coc": "citizenship country",
    "cob": "birth country",
}
_IDLE: Final = {"of", "to", "the", "and", "a"}


def key_of(title: str) -> str:
    """Return what is compared of a title: its words in small letters without punctuation, short forms spelled out, each once.

    `detainerPrepareDate` has the words of `Detainer Prepare Date`.
    """
    words = re.sub(r"[^a-z0-9]+", " ", re.sub(r"(?<=[a-z])(?=[A-Z][a-z])", " ", title).lower()).split()
    spelled = [part for word in words for part in _WORDS.get(word, word).split()]
    return " ".join(dict.fromkeys(word for word in spelled if word not in _IDLE))


def _any_order(key: str) -> str:
    return " ".join(sorted(key.split()))


def _columns(listed: str) -> dict[str, Column]:
    """Return columns from lines `kind name = Title | Title`; a line that begins with `|` goes on with the one before."""
    columns: dict[str, Column] = {}
    for line in filter(None, map(str.strip, re.sub(r"\n\s*\|", " |", listed).splitlines())):
        head, _, titles = line.partition("=")
        kind, name = head.split()
        told = {"kind": kind, "name": name, "titles": [title.strip() for title in titles.split("|") if title.strip()]}
        columns[name] = Column.model_validate(told | FURTHER.get(name, {}))
    return columns


def _table(listed: Listed) -> TableOf:
    columns = _columns(listed.columns)
    of_title = {key_of(column.name): column.name for column in columns.values()}
    for column in columns.values():
        for title in column.titles:
            of_title.setdefault(key_of(title), column.name)
    of_words: dict[str, set[str]] = {}
    for key, column_name in of_title.items():
        of_words.setdefault(_any_order(key), set()).add(column_name)
    return TableOf(
        name=listed.name,
        row=listed.row,
        day=listed.day,
        marks=tuple(listed.marks.split()),
        columns=columns,
        of_title=of_title,
        of_words={words: min(names) for words, names in of_words.items() if len(names) == 1},
    )


TABLES: Final[dict[TableName, TableOf]] = {listed.name: _table(listed) for listed in LISTED}

OPAQUE: Final = frozenset(key for table in TABLES.values() for key, name in table.of_title.items() if table.columns[name].opaque)
OF_TIME: Final = frozenset(
    key for table in TABLES.values() for key, name in table.of_title.items() if table.columns[name].kind in ("date", "moment")
)

# What stands where there is nothing. Compared in small letters, trimmed, with single blanks.
NULLS: Final = frozenset(
    {
        *("", "na", "n/a", "n.a.", "#n/a", "null", "(null)", "<null>", "<na>", "nan", "(blank)", "[blank]", "-", "--", "."),
        *("redacted", "[redacted]", "withheld", "not available", "no data"),
    }
)
# The exemption under which a value was withheld: "b(6), b(7)c", "(B)(6);(B)(7)(C)", "(b) (7)(E)".
REDACTED: Final = r"^(?:\(?b\)?\s*\(\s*\d\s*\)\s*(?:\(?\s*[a-f]\s*\)?)?[\s,;&/]*)+$"
# In a date, a number or a yes/no these too say nothing; in a text they are values ("Unknown" is a gender).
NULLS_OF_VALUES: Final = NULLS | {"not applicable", "unk", "unknown", "none", "tbd"}
YES: Final = frozenset({"yes", "y", "true", "t", "1", "1.0"})
NO: Final = frozenset({"no", "n", "false", "f", "0", "0.0"})
