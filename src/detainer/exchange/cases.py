"""Case files entered into the exchange, for demos, tests and the operator's replay.

A case is an account (`events`: who did what and who says so, entered as they were told) or a play (`steps`: commands given
one after another, with every check that a live command passes). Replaying a case that is already there does nothing.
"""

import datetime as dt
from functools import cache
from uuid import UUID

from django.contrib.auth.hashers import make_password
from django.db import transaction

from detainer.exchange import register
from detainer.exchange.case_file import Case, examples, read, stream_id
from detainer.exchange.models import Agency, OversightGrant
from detainer.exchange.playing import play
from detainer.exchange.telling import tell

__all__ = ["Case", "examples", "read", "replay", "stream_id"]


def replay(case: Case, now: dt.datetime) -> dict[str, UUID]:
    """Enter a case, as the worker and in one transaction; return the ids of its streams by their names.

    Raises Refused where an event or a command is refused, with its number; nothing is then written.
    """
    with transaction.atomic():
        register.enter(case.agencies, case.facilities)
        _enter_accounts(case)
        _enter_grants(case, now)
        known = {row.key: row for row in Agency.objects.all()}
        return {**tell(case, known, now), **play(case, known, now)}


def _enter_accounts(case: Case) -> None:
    hashed = cache(make_password)  # slow by design: a demo's accounts share a password, which everybody may know
    for account in case.accounts:
        register.add_user(
            account.username, account.password, account.agency, account.roles, full_name=account.says, hashed=hashed
        )


def _enter_grants(case: Case, now: dt.datetime) -> None:
    for grant in case.oversight:
        OversightGrant.objects.get_or_create(
            agency=register.agency(grant.agency),
            oversight=register.agency(grant.oversight),
            ended_at=None,
            defaults={"basis": grant.basis, "granted_at": now},
        )
