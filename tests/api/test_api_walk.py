"""Every address of the API, walked from its document with every scope of an agency that has no part in a case: nothing leaks.

An address that is added tomorrow is walked too: its ids are filled with those of another agency's rows.
"""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

import pytest

from detainer.exchange.roles import SCOPES

from .scene import LODGE, PERSON, Caller

DIRECTORY = ("agencies", "facilities")
SCOPE_SETS = [*([scope] for scope in SCOPES), list(SCOPES)]


@dataclass
class Case:
    """Rows of two parties: the ids that a guesser would like to open, and the words that must not be seen."""

    ids: dict[str, str]
    words: tuple[str, ...]


@dataclass(frozen=True)
class Operation:
    """One method of one address."""

    method: str
    path: str
    body: dict[str, Any] | None

    @property
    def kind(self) -> str:
        """What the address is about: the word after /api/v1."""
        return self.path.split("/")[3]

    def on(self, ids: dict[str, str]) -> str:
        """Return the address with its parameter filled; KeyError for one about something that this walk has no rows of."""
        return re.sub(r"{\w+}", lambda _: ids[self.kind], self.path)

    @property
    def is_by_id(self) -> bool:
        # The directory is everybody's, with each agency's own law; who is in a case it does not tell. A channel is named by its
        # kind: it is the caller's own, whoever calls.
        return "{" in self.path and self.kind != "channels" and not (self.kind in DIRECTORY and self.method == "GET")


def operations(*, public: bool = False) -> Iterator[Operation]:
    """Yield what takes a token; or what is open to all (the law), which the document says by naming no security."""
    from detainer.api import openapi
    from detainer.api.urls import api

    told = json.loads(openapi.document(api))
    for path, methods in told["paths"].items():
        for method, operation in methods.items():
            if public == ("security" in operation):
                continue
            content = operation.get("requestBody", {}).get("content", {}).get("application/json")
            schema = told["components"]["schemas"][content["schema"]["$ref"].rpartition("/")[2]] if content else None
            yield Operation(method.upper(), path, smallest(schema, told["components"]["schemas"]) if schema else None)


def smallest(schema: dict[str, Any], schemas: dict[str, Any]) -> Any:
    """Return the smallest body that a schema takes, so that a call is refused for who makes it and not for what it says."""
    if "$ref" in schema:
        return smallest(schemas[schema["$ref"].rpartition("/")[2]], schemas)
    if "enum" in schema:
        return schema["enum"][0]
    if "anyOf" in schema:
        return smallest(schema["anyOf"][0], schemas)
    by_type = {
        "object": lambda: {name: smallest(schema["properties"][name], schemas) for name in schema.get("required", ())},
        "array": lambda: [smallest(schema["items"], schemas)] * schema.get("minItems", 0),
        "boolean": lambda: False,
        "string": lambda: str(uuid4()) if schema.get("format") == "uuid" else "2024",
    }
    return by_type[schema["type"]]()


@pytest.fixture
def case(scene: Any, deliver: Any) -> Case:
    """A request with its stay, delivered and acknowledged, a file, and who it is about."""
    request, stay = scene.lodge(), scene.book("MARKER-B-9")
    deliver()
    scene.clerk.done(f"/requests/{request}/acknowledge", {"stay": stay})
    file = scene.officer.done("/files", {"person": PERSON})["id"]
    shown = scene.officer.get(f"/requests/{request}").told
    delivery = shown["deliveries"][0]["id"]
    person = shown["request"]["person"]
    scene.clerk.done(f"/requests/{request}/documents", {"kind": "request_sheet"})
    document = scene.clerk.get(f"/requests/{request}/documents").told["documents"][0]["id"]
    ids = {
        "channels": "webhook",
        "documents": document,
        "requests": request,
        "stays": stay,
        "files": file,
        "deliveries": delivery,
        "identities": person,
        "facilities": scene.custodian.facility,
        "agencies": str(scene.custodian.id),
    }
    return Case(
        ids,
        (request, stay, file, delivery, document, person, "Marker", "MARKER", str(scene.requester.id), str(scene.custodian.id)),
    )


@pytest.fixture
def nobody_changed_anything(as_worker: Any) -> Iterator[None]:
    def rows() -> list[Any]:
        from detainer.exchange import models

        with as_worker():
            counts = [model.objects.count() for model in (models.Event, models.Delivery, models.IdempotencyKey, models.LawLayer)]
            opened = models.Delivery.objects.exclude(opened_at=None).count()
            destroyed = models.Identity.objects.exclude(destroyed_at=None).count()
        return [*counts, opened, destroyed]

    before = rows()
    yield
    assert rows() == before


@pytest.mark.parametrize("scopes", SCOPE_SETS, ids="+".join)
def test_another_agencys_ids_are_as_good_as_absent_at_every_address(
    scene: Any, case: Case, caller: Callable[..., Caller], scopes: list[str], request: pytest.FixtureRequest
) -> None:
    request.getfixturevalue("nobody_changed_anything")
    stranger = caller(scene.stranger.id, *scopes, user=scene.stranger.supervisor.user)
    absent = {kind: str(uuid4()) for kind in case.ids}
    walked = 0
    for operation in operations():
        if not operation.is_by_id:
            continue
        walked += 1
        theirs, nobodys = (stranger.call(operation.method, operation.on(ids), operation.body) for ids in (case.ids, absent))
        kind = operation.kind
        assert theirs.status == nobodys.status, operation
        assert theirs.status == 404 or (operation.method == "POST" and theirs.status == 403), (operation, theirs.told)
        assert theirs.body.replace(case.ids[kind].encode(), b"ID") == nobodys.body.replace(absent[kind].encode(), b"ID"), (
            operation
        )
    assert walked > 35


@pytest.mark.parametrize("scopes", SCOPE_SETS, ids="+".join)
def test_no_list_of_another_agency_shows_a_row_of_the_case(
    scene: Any, case: Case, caller: Callable[..., Caller], scopes: list[str], request: pytest.FixtureRequest
) -> None:
    request.getfixturevalue("nobody_changed_anything")
    stranger = caller(scene.stranger.id, *scopes)
    walked = 0
    for operation in operations():
        if operation.is_by_id or operation.method != "GET" or operation.kind in DIRECTORY:
            continue
        walked += 1
        reply = stranger.call("GET", operation.path)
        assert reply.status == 200 or (operation.kind == "channels" and "supervise" not in scopes and reply.status == 403), (
            operation
        )
        assert [word for word in case.words if word in reply.body.decode()] == [], operation
    assert walked >= 6


def test_without_a_token_every_address_answers_401(case: Case, scene: Any, caller: Callable[..., Caller]) -> None:
    for operation in operations():
        reply = caller().call(operation.method, operation.on(case.ids))
        assert reply.status == 401, operation


def test_without_a_token_are_the_law_and_a_papers_receipt_alone_and_show_nothing_of_a_case(
    case: Case, caller: Callable[..., Caller]
) -> None:
    open_to_all = list(operations(public=True))
    assert {operation.kind for operation in open_to_all} == {"law", "receipts"}
    for operation in open_to_all:
        for known in case.ids.values():
            reply = caller().call(operation.method, re.sub(r"{\w+}", known, operation.path), operation.body)
            assert reply.status in (200, 404, 422), operation
            assert [word for word in case.words if word in reply.body.decode().replace(known, "")] == [], operation


def test_each_party_sees_the_request_and_not_the_others_own_rows(scene: Any, case: Case) -> None:
    ids = case.ids
    assert scene.clerk.get(f"/requests/{ids['requests']}").status == 200
    assert scene.officer.get(f"/requests/{ids['requests']}").status == 200
    assert scene.clerk.get(f"/files/{ids['files']}").status == 404
    assert scene.officer.get(f"/stays/{ids['stays']}").status == 404
    assert scene.clerk.get("/files").told["files"] == []
    assert scene.officer.get("/stays").told["stays"] == []


def test_the_wrong_side_may_read_and_not_write(scene: Any, case: Case) -> None:
    request = case.ids["requests"]
    for wrong, command, said in (
        (scene.officer, "decide", {"ask": "notify", "choice": "honour"}),
        (scene.officer, "give-notice", {}),
        (scene.clerk, "cancel", {"reason": "citizen"}),
    ):
        reply = wrong.post(f"/requests/{request}/{command}", said)
        assert (reply.status, reply.problem) == (403, "not-allowed")


def test_an_oversight_body_reads_what_it_was_let_read_and_never_an_identity(
    scene: Any, case: Case, party: Any, caller: Callable[..., Caller], as_worker: Any
) -> None:
    import datetime as dt

    from detainer.exchange.models import OversightGrant

    body = party("oversight")
    auditor = caller(body.id, *SCOPES, user=body.supervisor.user)
    assert auditor.get("/requests").told["requests"] == []
    with as_worker():
        OversightGrant.objects.create(
            agency_id=scene.custodian.id, oversight_id=UUID(str(body.id)), basis="a state law", granted_at=dt.datetime.now(dt.UTC)
        )
    shown = auditor.get(f"/requests/{case.ids['requests']}")
    assert (shown.status, shown.told["identity"]) == (200, None)
    assert auditor.get(f"/stays/{case.ids['stays']}").told["identity"] is None
    assert auditor.get(f"/files/{case.ids['files']}").status == 404
    for operation in operations():
        if operation.method == "GET" and operation.kind not in DIRECTORY:
            told = auditor.call("GET", operation.on(case.ids)).body.decode()
            assert "Zebulon" not in told, operation
        if operation.method == "POST" and operation.is_by_id:
            reply = auditor.call("POST", operation.on(case.ids), operation.body)
            assert reply.status in (403, 404), (operation, reply.told)


def test_a_lodged_request_is_seen_by_its_two_parties_alone(scene: Any) -> None:
    request = scene.officer.done("/requests", {**LODGE, "facility": scene.custodian.facility})["id"]
    seen = [one.get(f"/requests/{request}").status for one in (scene.officer, scene.clerk, scene.other)]
    assert seen == [200, 200, 404]
