"""Deeds at the same moment, with real threads and connections."""

import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

from django import db
from django.db import transaction

from detainer.exchange.refusals import Refused

Deed = Callable[[], Any]


def in_a_thread(deed: Deed) -> Any:
    """Return what a deed does, or the refusal of it, on a connection of the thread's own."""
    try:
        return deed()
    except Refused as refusal:
        return refusal
    finally:
        db.connections.close_all()


def meet(first: Deed, second: Deed) -> tuple[Any, Any]:
    """Do `second` while the transaction of `first` is still open: it has read what was there before, and waits to write."""
    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            done = first()
            running = pool.submit(in_a_thread, second)
            wait_until_it_waits(running)
        return done, running.result(timeout=20)


def wait_until_it_waits(running: Future[Any]) -> None:
    """Wait until somebody waits for a lock, or it is done."""
    until = time.monotonic() + 10
    with db.connection.cursor() as cursor:
        while time.monotonic() < until and not running.done():
            cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
            if cursor.fetchone() != (0,):
                return
            time.sleep(0.01)


def at_once(deeds: Sequence[Deed]) -> list[Any]:
    """Do all of these as nearly at one moment as threads allow; return what each did or its refusal, in order."""
    barrier = threading.Barrier(len(deeds))

    def start(deed: Deed) -> Any:
        def when_all_are_here() -> Any:
            db.connection.ensure_connection()
            barrier.wait(timeout=20)
            return deed()

        return in_a_thread(when_all_are_here)

    with ThreadPoolExecutor(len(deeds)) as pool:
        return [running.result(timeout=60) for running in [pool.submit(start, deed) for deed in deeds]]
