"""Accounts are made by an agency's administrator (`detainer user add`), never by signing oneself up."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter


class NoOpenSignup(DefaultAccountAdapter):
    """allauth's adapter, with sign-up closed."""

    def is_open_for_signup(self, request: Any) -> bool:  # noqa: ARG002  (allauth's signature)
        """Return False: accounts are given, not taken."""
        return False
