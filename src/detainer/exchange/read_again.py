"""Does a transaction of the worker again when somebody acted on what it had read at the same moment."""

from collections.abc import Callable
from typing import Final, TypeVar

from django.db import transaction

from detainer.exchange.refusals import Refused

T = TypeVar("T")
TRIES: Final = 5


def read_again(act: Callable[[], T]) -> T:
    """Do `act` in a transaction and return what it does; where it is refused as `changed`, it reads and acts again.

    Raises Refused: any other refusal at once, `changed` after five tries.
    """
    for attempt in range(TRIES):
        try:
            with transaction.atomic():
                return act()
        except Refused as refused:
            if refused.kind != "changed" or attempt == TRIES - 1:
                raise
    raise AssertionError("the last try returns or raises")
