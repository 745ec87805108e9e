"""A caller who speaks to the API as a machine does, what comes back, and a scene of two parties and a stranger."""

import json
from dataclasses import dataclass, field
from typing import Any

PERSON = {"name": "Zebulon Marker", "date_of_birth": "1990-05-17"}
LODGE = {
    "person": PERSON,
    "form": "I-247A",
    "asks": ["notify", "hold"],
    "basis": {"warrant": "administrative", "warrant_form": "I-200"},
    "reference": "MARKER-77",
}


@dataclass
class Reply:
    """What came back."""

    status: int
    headers: dict[str, str]
    body: bytes
    told: Any = field(init=False)

    def __post_init__(self) -> None:
        self.told = json.loads(self.body) if "json" in self.headers.get("Content-Type", "") else None

    @property
    def problem(self) -> str:
        """The type of the problem that came back."""
        assert self.headers["Content-Type"] == "application/problem+json", (self.status, self.body[:300])
        assert self.told["status"] == self.status
        return str(self.told["type"]).removeprefix("/problems/")

    @property
    def fields(self) -> list[str]:
        """The fields that the problem names."""
        assert self.problem
        return [error["field"] for error in self.told["errors"]]


class Caller:
    """Calls the API with a token."""

    def __init__(self, secret: str | None) -> None:
        from django.test import Client

        self.secret = secret
        self.client = Client(raise_request_exception=False)

    def call(
        self, method: str, path: str, body: Any = None, *, content_type: str = "application/json", headers: Any = (), **query: Any
    ) -> Reply:
        sent = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        own = {"Authorization": f"Bearer {self.secret}"} if self.secret else {}
        address = path if path.startswith(("/api", "/livez", "/readyz")) else f"/api/v1{path}"
        got = self.client.generic(
            method, address, sent, content_type=content_type, headers={**own, **dict(headers)}, query_params=query or None
        )
        return Reply(got.status_code, dict(got.headers), got.content)

    def get(self, path: str, **query: Any) -> Reply:
        return self.call("GET", path, **query)

    def post(self, path: str, body: Any = None, **more: Any) -> Reply:
        return self.call("POST", path, body, **more)

    def done(self, path: str, body: Any = None, **more: Any) -> Any:
        """Post, and return what was told; fails when it was refused."""
        reply = self.post(path, body, **more)
        assert reply.status in (200, 201), (reply.status, reply.told)
        return reply.told


@dataclass
class Scene:
    """A requester and a custodian, machines that speak for them, and a stranger."""

    requester: Any
    custodian: Any
    stranger: Any
    officer: Caller
    clerk: Caller
    other: Caller

    def lodge(self, **more: Any) -> str:
        """Lodge a request and return its id."""
        return str(self.officer.done("/requests", {**LODGE, "facility": self.custodian.facility, **more})["id"])

    def book(self, number: str = "B-1", **more: Any) -> str:
        """Book the person and return the stay's id."""
        said = {"facility": self.custodian.facility, "booking_number": number, "person": PERSON, **more}
        return str(self.clerk.done("/stays", said)["id"])
