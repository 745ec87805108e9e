"""The agencies of the tests of the exchange: what the law lets each of them do differs by where it is."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from exchange_making import as_role, table


@pytest.fixture
def ice(party: Callable[..., Any]) -> Any:
    """A requester."""
    return party("requester", facility_kind="federal", jurisdiction="us")


@pytest.fixture
def border_patrol(party: Callable[..., Any]) -> Any:
    """Another requester."""
    return party("requester", facility_kind="federal", jurisdiction="us")


@pytest.fixture
def essex(party: Callable[..., Any]) -> Any:
    """A jail in Massachusetts, where nobody may be held on a civil detainer (Lunn)."""
    return party("custodian")


@pytest.fixture
def missouri(party: Callable[..., Any]) -> Any:
    """A jail in Missouri, whose law, as far as this build knows it, leaves the hold to the custodian."""
    return party("custodian", jurisdiction="us/mo", zone="America/Chicago")


@pytest.fixture
def bristol(party: Callable[..., Any]) -> Any:
    """Another jail in Massachusetts."""
    return party("custodian", jurisdiction="us/ma/bristol")


@pytest.fixture
def inspector(party: Callable[..., Any]) -> Callable[..., Any]:
    """An oversight body that the agencies named have let read their records."""

    def of(*agencies: Any) -> Any:
        body = party("oversight", facility_kind="federal", jurisdiction="us")
        with as_role("detainer_worker"):
            for agency in agencies:
                table("OversightGrant").objects.create(
                    agency_id=agency.id, oversight_id=body.id, basis="G.L. c. 12A", granted_at=dt.datetime.now(dt.UTC)
                )
        return body

    return of
