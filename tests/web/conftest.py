"""The agencies of the tests of the pages, and a clerk who is signed in."""

from collections.abc import Callable
from typing import Any

import pytest
from web_making import signed_in


@pytest.fixture
def ice(party: Callable[..., Any]) -> Any:
    """A requester of the federal government."""
    return party("requester", facility_kind="federal", jurisdiction="us")


@pytest.fixture
def essex(party: Callable[..., Any]) -> Any:
    """A jail in Massachusetts: the law there forbids the hold and lets it notify."""
    return party("custodian")


@pytest.fixture
def requester(party: Callable[..., Any]) -> Any:
    """A requester in Massachusetts."""
    return party("requester")


@pytest.fixture
def jail(party: Callable[..., Any]) -> Any:
    """A jail in Massachusetts."""
    return party("custodian")


@pytest.fixture
def clerk(jail: Any) -> Any:
    """The jail's clerk, signed in."""
    return signed_in(jail.clerk)
