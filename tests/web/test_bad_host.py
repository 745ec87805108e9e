"""A host that is not ours is answered in the form that its reader takes."""

from typing import Any

import pytest

pytestmark = pytest.mark.usefixtures("database")


@pytest.mark.parametrize(("path", "kind"), [("/api/v1/me", "application/problem+json"), ("/account/login/", "text/html")])
def test_a_host_that_is_not_named_is_answered_with_400(path: str, kind: str) -> None:
    from django.test import Client

    reply: Any = Client().get(path, headers={"host": "elsewhere.example"})
    assert reply.status_code == 400
    assert reply.headers["Content-Type"].startswith(kind)
