"""Accounts are made by an agency's administrator (`detainer user add`), never by signing oneself up."""

from typing import Any, Final

from allauth.account.adapter import DefaultAccountAdapter
from django.core.exceptions import PermissionDenied

NOWHERE: Final = "0.0.0.0"  # noqa: S104  (no address to listen on: who comes from none)


class NoOpenSignup(DefaultAccountAdapter):
    """allauth's adapter, with sign-up closed."""

    def get_client_ip(self, request: Any) -> str:
        """Return the client's address; those whose server tells none share one, and with it the limits of one."""
        try:
            return super().get_client_ip(request)
        except PermissionDenied:
            return NOWHERE

    def is_open_for_signup(self, request: Any) -> bool:  # noqa: ARG002  (allauth's signature)
        """Return False: accounts are given, not taken."""
        return False
