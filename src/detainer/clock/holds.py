"""When a hold on a federal immigration detainer must end: the counting rules of each edition of the form."""

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType

from detainer.clock.deadlines import Deadline, deadlines
from detainer.clock.rules import CountingRule

REGULATION = CountingRule(
    rule="us-time-limit/regulation",
    label="the regulation's outer bound: 48 hours, leaving out Saturdays, Sundays and federal holidays",
    hours=48,
    excluded=("saturday", "sunday", "federal_holiday"),
    cite="8 CFR 287.7(d)",
    source="https://nortontooby.com/content/detention-habeas-where-48-hours-passed",
)

FORM_I_247A = CountingRule(
    rule="us-time-limit/form_2017",
    label="what the form asks: 48 elapsed hours, weekends and holidays included",
    hours=48,
    cite="Form I-247A; ICE guidance for Form I-247A",
    source="https://www.scribd.com/document/343192456/ICE-Guidance-for-Form-I-247A",
)

FORM_I_247D = FORM_I_247A.model_copy(
    update={"cite": "Form I-247D", "source": "https://tingenwilliams.com/2015/overview-ice-form-247/3694"}
)

FORM_I_247 = CountingRule(
    rule="us-time-limit/form_pre_2015",
    label="what the form asks: 48 hours, leaving out Saturdays, Sundays and federal holidays",
    hours=48,
    excluded=("saturday", "sunday", "federal_holiday"),
    cite="Form I-247 (2010-2013)",
    source=("https://nortontooby.com/node/15804 ; https://nebash.com/article/ice-detainers-frequently-asked-questions/2352"),
)

HOLD_RULES: Mapping[str, tuple[CountingRule, ...]] = MappingProxyType(
    {
        "I-247A": (FORM_I_247A, REGULATION),
        "I-247D": (FORM_I_247D, REGULATION),
        "I-247": (FORM_I_247, REGULATION),
        "I-247G": (),
        "I-247N": (),
    }
)
"""The counting rules of a hold by the form of the request, the form's own first. A form that asks only for notice has
none. Form I-247X is not here: nothing that it says about time has been read."""


def hold_deadlines(release_due: datetime, *, zone: str, form: str) -> tuple[Deadline, ...]:
    """Until when a person may be held on the request, under each counting rule; the earlier deadline governs.

    `release_due` is the moment at which the person would otherwise have been released from criminal custody: not the
    receipt of the detainer, nor the call to ICE, nor the service of the form. `zone` is the facility's time zone.
    A request cannot be stretched past what it asks, so what the form asks governs even where the regulation allows
    more; the regulation's figure is only an outer bound. A form that asks only for notice (I-247G, I-247N) starts no
    hold clock: the tuple is empty. A second detainer does not start the clock again.
    Raises ValueError when `release_due` has no time zone, or the zone or the form is unknown.
    Source of the rule: us-time-limit (8 CFR 287.7(d); Form I-247A).
    """
    if form not in HOLD_RULES:
        raise ValueError(f"form must be one of {', '.join(HOLD_RULES)}, not {form!r}")
    return deadlines("hold_expiry", release_due, HOLD_RULES[form], zone=zone, argument="release_due")
