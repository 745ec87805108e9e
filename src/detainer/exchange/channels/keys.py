"""The secrets that sign what goes to a webhook: kept encrypted under the exchange's key, at most two of a channel live."""

import base64
import contextlib
import datetime as dt
import secrets
from collections.abc import Sequence
from functools import lru_cache
from typing import Any, Final

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

LIVE: Final = 2
PREFIX: Final = "whsec_"  # Standard Webhooks


class Unreadable(Exception):  # noqa: N818
    """The exchange's key is not the one under which the secrets were kept: they must be made anew."""


@lru_cache(maxsize=4)
def key_for(what: str, length: int = 32) -> bytes:
    """Return a key of its own for one purpose, drawn from the exchange's key."""
    return HKDF(SHA256(), length, salt=None, info=f"detainer {what}".encode()).derive(settings.SECRET_KEY.encode())


def _box() -> Fernet:
    return Fernet(base64.urlsafe_b64encode(key_for("webhook secrets")))


def made(kept: Sequence[dict[str, Any]], now: dt.datetime) -> tuple[str, list[dict[str, Any]]]:
    """Return a new secret, and what is kept of a channel's secrets then: the newest first, the one before still live."""
    secret = PREFIX + base64.b64encode(secrets.token_bytes(32)).decode()
    entry = {"secret": _box().encrypt(secret.encode()).decode(), "made_at": now.isoformat()}
    return secret, [entry, *kept][:LIVE]


def opened(kept: Sequence[dict[str, Any]]) -> list[str]:
    """Return a channel's live secrets, the newest first. Raises Unreadable where none can be read.

    One that was kept under another key is passed over: it signs nothing any more, and must not stop the one made after it.
    """
    found = [secret for entry in kept if (secret := _opened(entry))]
    if kept and not found:
        raise Unreadable("the secrets of this channel were kept under another key")
    return found


def _opened(entry: dict[str, Any]) -> str | None:
    with contextlib.suppress(InvalidToken):
        return _box().decrypt(entry["secret"].encode()).decode()
    return None
