"""What the OpenAPI document says is what the API does: Schemathesis calls every address of it, in process."""

import json
import os
import re
import time
from collections import Counter
from typing import Any

import hypothesis
import pytest
from hypothesis import HealthCheck, strategies

EXAMPLES = int(os.environ.get("DETAINER_EXAMPLES", "4"))  # of each operation, for each of two callers
SECONDS = 15 * EXAMPLES  # of the processor, for all of it: the other tests look for what is known


def document() -> dict[str, Any]:
    from detainer.api import openapi
    from detainer.api.urls import api

    told: dict[str, Any] = json.loads(openapi.document(api))
    return told


def test_the_document_is_openapi_3_1_and_open_to_who_has_no_token_yet(caller: Any) -> None:
    reply = caller().get("/openapi.json")
    assert (reply.status, reply.told["openapi"]) == (200, "3.1.0")
    assert reply.headers["Cache-Control"] == "no-store"


def test_every_command_of_the_table_is_an_address_with_its_own_body(database: Any) -> None:
    from detainer.api.commands import path_of
    from detainer.exchange.commands import COMMANDS

    told = document()
    for command in COMMANDS:
        operation = told["paths"][f"/api/v1{path_of(command)}"]["post"]
        name = operation["requestBody"]["content"]["application/json"]["schema"]["$ref"].rpartition("/")[2]
        said = told["components"]["schemas"][name]
        assert {*command.takes.model_fields, "occurred", "version"} == set(said["properties"])
        assert said["additionalProperties"] is False
        assert command.says in operation["description"]
    assert "/api/v1/requests/{id}/give-notice" in told["paths"]


def test_every_reference_of_the_document_leads_somewhere_and_every_operation_has_a_name_of_its_own(database: Any) -> None:
    told = document()
    references = set(re.findall(r'"#/components/schemas/([^"]+)"', json.dumps(told)))
    assert references <= set(told["components"]["schemas"])
    names = [operation["operationId"] for path in told["paths"].values() for operation in path.values()]
    assert len(names) == len(set(names))


def test_every_operation_says_what_it_answers_when_it_refuses(database: Any) -> None:
    for path in document()["paths"].values():
        for operation in path.values():
            always = {"401", "500", "503"} if "security" in operation else {"500"}
            assert always <= set(operation["responses"])
            errors = [reply for status, reply in operation["responses"].items() if status >= "400"]
            assert all(list(error["content"]) == ["application/problem+json"] for error in errors)


@pytest.fixture
def operations(database: Any) -> list[Any]:
    import schemathesis
    from schemathesis.config import SchemathesisConfig

    from detainer.web.wsgi import application

    @schemathesis.serializer("application/x-ndjson", "application/ndjson", "application/jsonl")
    def lines(ctx: Any, value: Any) -> bytes:
        return str(value).encode(errors="replace")

    schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", application, config=SchemathesisConfig())
    return [operation.ok() for operation in schema.get_all_operations()]


def test_no_call_that_schemathesis_thinks_of_fails_or_answers_what_is_not_documented(scene: Any, operations: list[Any]) -> None:
    from schemathesis.specs.openapi.checks import negative_data_rejection, positive_data_acceptance

    person = scene.officer.get(f"/requests/{scene.lodge()}").told["request"]["person"]
    file = scene.officer.done("/files", {"person": {"name": "Zebulon Marker"}})["id"]
    ids = {"/requests/": scene.lodge(), "/stays/": scene.book(), "/files/": file, "/identities/": person}
    # Schemathesis cannot know which well-formed commands the record, the law or the life-cycle refuse; and a body that its
    # schema does not take may still be none at all, which is an empty one.
    beside = [positive_data_acceptance, negative_data_rejection]
    called: Counter[int] = Counter()
    began = time.process_time()

    def check(operation: Any, caller: Any) -> None:
        """Call an operation as a party of what it names: half of its ids and facilities are real ones."""

        @hypothesis.settings(
            max_examples=EXAMPLES, deadline=None, database=None, derandomize=True, suppress_health_check=list(HealthCheck)
        )
        @hypothesis.given(case=operation.as_strategy(), real=strategies.booleans())
        def calls(case: Any, real: bool) -> None:
            for path, known in ids.items():
                if real and path in operation.path and case.path_parameters:
                    case.path_parameters = dict.fromkeys(case.path_parameters, known)
            if real and isinstance(case.body, dict) and "facility" in case.body:
                case.body["facility"] = scene.custodian.facility
            response = case.call(headers=headers)
            called[response.status_code] += 1
            case.validate_response(response, excluded_checks=beside, headers=headers)

        headers = {"Authorization": f"Bearer {caller.secret}"}
        calls()

    for operation in operations:
        for caller in (scene.clerk, scene.officer):
            check(operation, caller)
    assert {200, 404, 422} <= set(called), called
    assert max(called) < 500
    assert time.process_time() - began < SECONDS
