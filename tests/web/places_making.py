"""Facilities of one name in several states, as the directory has them by the dozen."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from web_making import table


def elsewhere(as_worker: Callable[..., Any], agency: UUID, name: str, county: str, **places: str) -> None:
    """Make them: `elsewhere(as_worker, agency.id, "Twin County Jail", "Twin", PA="TWNPA", NY="TWNNY")`."""
    with as_worker():
        for state, code in places.items():
            table("Facility").objects.create(
                code=code,
                agency_id=agency,
                name=name,
                kind="jail",
                county=county,
                city=f"City of {code}",
                state=state,
                jurisdiction=f"us/{state.lower()}",
                zone="America/New_York",
            )
