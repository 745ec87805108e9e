"""When something happened, as a document shows it: local times and EDTF dates, said in the words of a language."""

import re
from collections.abc import Mapping
from typing import Final

from pydantic import BaseModel, ConfigDict

Words = Mapping[str, str]

_PARTS: Final = re.compile(r"(\d{2}[\dX]{2})(?:-(\d{2}|XX))?(?:-(\d{2}|XX))?([~?%]?)", re.ASCII)


class Moment(BaseModel):
    """An instant in the time of the facility (`at`, `zone`), or the first and last date (EDTF) between which it lies.

    Of one date the two are the same; None is open.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    at: str | None = None
    zone: str = ""
    first: str | None = None
    last: str | None = None


def in_words(moment: Moment, times: Words) -> str:
    """Return a moment as it stands beside a label, from the patterns and months of a language's `times`."""
    if moment.at is not None:
        day, _, time = moment.at.partition("T")
        return times["instant"].format(time=time, zone=moment.zone, day=_date(day, times))
    first, last = (_date(side, times) if side else None for side in (moment.first, moment.last))
    if first and last:
        return first if first == last else times["between"].format(first=first, last=last)
    if first or last:
        return times["since"].format(when=first) if first else times["until"].format(when=last)
    return times["unknown"]


def _date(side: str, times: Words) -> str:
    """Return one date of EDTF level 0-1 in words: `29 January 2024`, `about July 2022`, `the 2020s`, `spring 2024`."""
    parts = _PARTS.fullmatch(side)
    if parts is None:
        return side
    year, month, day, mark = (part or "" for part in parts.groups())
    said = times["decade"].format(year=year.replace("X", "0")) if "X" in year else year
    if month not in ("", "XX"):
        known = {"month": times[month], "year": said}
        said = times["month"].format(**known) if day in ("", "XX") else times["day"].format(day=int(day), **known)
    if mark in ("~", "%"):
        said = times["about"].format(when=said)
    return times["uncertain"].format(when=said) if mark in ("?", "%") else said
