"""Whether the exchange lives and can serve, for whoever watches it: no sign-in, no page, and an answer in time whatever hangs."""

import contextlib
import functools
from concurrent.futures import Future, ThreadPoolExecutor
from http import HTTPStatus
from typing import Any, Final

import psycopg
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.views.decorators.http import require_safe

import detainer
from detainer.api.replies import answer

TIMEOUT: Final = 2  # seconds
# One look at a time, apart from the server's threads and pool: a database that hangs holds this thread and no other.
_looks: Final = ThreadPoolExecutor(max_workers=1, thread_name_prefix="readyz")


@require_safe
def livez(request: HttpRequest) -> HttpResponse:  # noqa: ARG001
    """Answer: the process can."""
    return answer({"status": "alive", "version": detainer.__version__})


@require_safe
def readyz(request: HttpRequest) -> HttpResponse:  # noqa: ARG001
    """Tell whether the database is reached and has this version's tables, and how long the oldest delivery has been waiting."""
    found = _looked() or {"database": "unreachable", "migrations": "unknown", "oldest_undelivered_seconds": None}
    is_ready = found["database"] == "reachable" and found["migrations"] == "at_head"
    told = {"status": "ready" if is_ready else "not_ready", "version": detainer.__version__, **found}
    return answer(told, status=HTTPStatus.OK if is_ready else HTTPStatus.SERVICE_UNAVAILABLE)


def _looked() -> dict[str, Any] | None:
    look: Future[dict[str, Any]] = _looks.submit(_look)
    with contextlib.suppress(TimeoutError, psycopg.Error):
        return look.result(TIMEOUT)
    look.cancel()
    return None


def _look() -> dict[str, Any]:
    told = connection.get_connection_params()
    options = f"{told.get('options', '')} -c statement_timeout={TIMEOUT}s"
    with psycopg.connect(
        dbname=told["dbname"],
        user=told.get("user"),
        password=told.get("password"),
        host=told.get("host"),
        port=told.get("port"),
        options=options,
        connect_timeout=TIMEOUT,
    ) as probe:
        applied = set(probe.execute("SELECT app, name FROM django_migrations").fetchall())
        if not _heads() <= applied:
            return {"database": "reachable", "migrations": "behind", "oldest_undelivered_seconds": None}
        waiting = probe.execute("SELECT oldest_undelivered()").fetchone()
    return {"database": "reachable", "migrations": "at_head", "oldest_undelivered_seconds": waiting[0] if waiting else None}


@functools.cache
def _heads() -> frozenset[tuple[str, str]]:
    """Return the last migrations that this version's code brings."""
    return frozenset(MigrationLoader(None).graph.leaf_nodes())


urlpatterns = [path("livez", livez, name="livez"), path("readyz", readyz, name="readyz")]
