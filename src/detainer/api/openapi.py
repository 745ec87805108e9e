"""The OpenAPI 3.1 document: ninja's, with the body of each command from the table of commands. Made once, then kept."""

import functools
from typing import Any, Final

from django.http import HttpRequest, HttpResponse
from ninja import NinjaAPI
from pydantic import BaseModel, Field, create_model
from pydantic.json_schema import models_json_schema
from pydantic_core import to_json

from detainer.api import commands, law
from detainer.api.problems import Problem
from detainer.exchange.agreements import AgreeTo, ProposeAgreement
from detainer.exchange.channels.own import ChangeChannel, RotateSecret, SaveChannel
from detainer.exchange.commands import COMMANDS, Command
from detainer.exchange.law_layers import AdoptLayer, WithdrawLayer
from detainer.exchange.receipt_codes import GiveReceipt
from detainer.exchange.reconciliation import SignReconciliation
from detainer.record.said import Occurred

PREFIX: Final = "command."  # what is said, in the document's schemas, beside what is shown
ENVELOPE: Final[dict[str, Any]] = {
    "occurred": (
        Occurred | None,
        Field(None, description="When it happened (EDTF or an instant with its offset); now unless said."),
    ),
    "version": (int | None, Field(None, description="The version of the record that it is made on; 409 when it has changed.")),
}


def body_of(command: Command) -> type[BaseModel]:
    """Return what a command's body holds: its payload, when it occurred, the version it was made on."""
    own = command.takes.model_fields
    fields = {name: field for name, field in ENVELOPE.items() if name not in own}
    made: type[BaseModel] = create_model(
        commands.body_name(command), __base__=command.takes, __doc__=command.takes.__doc__, **fields
    )
    return made


@functools.cache
def document(api: NinjaAPI) -> bytes:
    """Return the whole document as JSON."""
    told: dict[str, Any] = api.get_openapi_schema()
    bodies = [(body_of(command), "validation") for command in COMMANDS] + [
        (commands.Expunge, "validation"),
        (law.LawQuestions, "validation"),
        (AdoptLayer, "validation"),
        (WithdrawLayer, "validation"),
        (ProposeAgreement, "validation"),
        (AgreeTo, "validation"),
        (SignReconciliation, "validation"),
        (SaveChannel, "validation"),
        (ChangeChannel, "validation"),
        (RotateSecret, "validation"),
        (GiveReceipt, "validation"),
    ]
    _, said = models_json_schema(bodies, ref_template=f"#/components/schemas/{PREFIX}{{model}}")  # type: ignore[arg-type]
    problem = Problem.model_json_schema(mode="validation", ref_template="#/components/schemas/{model}")
    schemas = told["components"]["schemas"]
    schemas.update(problem.pop("$defs"))
    schemas["Problem"] = problem
    schemas.update({f"{PREFIX}{name}": schema for name, schema in said["$defs"].items()})
    return to_json(told)


def view(api: NinjaAPI) -> Any:
    """Return the view that serves the document."""

    def openapi(request: HttpRequest) -> HttpResponse:  # noqa: ARG001
        return HttpResponse(document(api), content_type="application/json")

    return openapi
