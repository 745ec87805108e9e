"""One rule's way of counting a time limit: how long, from what or back to what, and which days are left out."""

from datetime import date, datetime, timedelta
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, NonNegativeInt, model_validator

from detainer.clock.calendars import DAY_KINDS, DayKind
from detainer.clock.counting import back_on_counted_days, end_of_day, on_counted_days, whole_days, whole_days_before
from detainer.clock.moments import utc


class CountingRule(BaseModel):
    """How one rule counts: minutes, hours, whole days, or until the end of the day; the kinds of day left out of the count.

    `backward` counts back from what it must come before. Nought hours is at once. `calendar` is the state's, for the days
    on which its courts do not sit. Hours are clock hours on counted days; a day is a whole local day, and the day of the
    start is not counted.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    rule: str
    label: str
    minutes: NonNegativeInt | None = None
    hours: NonNegativeInt | None = None
    days: NonNegativeInt | None = None
    until: Literal["end_of_day"] | None = None
    direction: Literal["forward", "backward"] = "forward"
    excluded: tuple[DayKind, ...] = ()
    calendar: str = "us"
    cite: str
    source: str

    @model_validator(mode="after")
    def _one_length(self) -> Self:
        if sum(part is not None for part in (self.minutes, self.hours, self.days, self.until)) != 1:
            raise ValueError("a rule counts in exactly one of: minutes, hours, days, until")
        if self.until and self.direction == "backward":
            raise ValueError("the end of the day is not counted backward")
        return self

    def leaves_out(self, day: date) -> bool:
        """Whether the clock stands still on that local calendar day."""
        return any(DAY_KINDS[kind](day, self.calendar) for kind in self.excluded)

    @property
    def length(self) -> timedelta:
        """Its minutes or hours. Raises ValueError for a rule that counts in days or to the end of the day."""
        if self.minutes is None and self.hours is None:
            raise ValueError(f"[{self.rule}] counts in whole days, which are not all equally long")
        return timedelta(minutes=self.minutes or 0, hours=self.hours or 0)

    def due(self, start: datetime, zone: str) -> datetime:
        """The instant, in UTC, at which the limit ends, or (backward) at which it must have begun. `zone` is the facility's.

        Raises ValueError when `start` has no time zone or `zone` is unknown.
        """
        if self.until:
            return end_of_day(start, zone)
        is_back = self.direction == "backward"
        if self.days is not None:
            return (whole_days_before if is_back else whole_days)(start, self.days, zone, self.leaves_out)
        if self.excluded:
            return (back_on_counted_days if is_back else on_counted_days)(start, self.length, zone, self.leaves_out)
        return utc(start, "start") + (-self.length if is_back else self.length)

    @property
    def length_in_words(self) -> str:
        """How the sum begins: `48 h from`, `10 min from`, `5 days before the day of`, `until 23:59 on the day of`."""
        if self.until:
            return "until 23:59 on the day of"
        is_back = self.direction == "backward"
        if self.days is not None:
            number = f"{self.days} day" if self.days == 1 else f"{self.days} days"
            return f"{number} {'before' if is_back else 'after'} the day of"
        number = f"{self.hours} h" if self.hours is not None else f"{self.minutes} min"
        if not self.length:
            return "at once at"
        return f"{number} {'before' if is_back else 'from'}"
