"""Forms made from commands: a field for each thing that a command takes, and what was typed as the command's data.

A page shows `form_for(command, ...)()` and sends what comes back with `send(...)`: it returns what was done, or the form
again with every error next to its field and nothing lost. Labels stand in labels.py.
"""

import datetime as dt
import re
import types
import typing
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal, Union, get_args, get_origin
from uuid import UUID

from django import forms
from pydantic_core import PydanticUndefined

from detainer.exchange.commands import Command, Done, perform_once
from detainer.exchange.models import new_id
from detainer.exchange.refusals import Refused
from detainer.exchange.roles import Actor
from detainer.record.event import Event
from detainer.record.said import FacilityCode, JsonObject, Line, Occurred, Payload, PersonId, Text
from detainer.web import labels
from detainer.web.fields import Choices, Slot, field_of, line, occurred, one_of

KEY: Final = "key"  # hidden: a form that is sent twice is done once
VERSION: Final = "version"  # hidden: the version of the record that the form was shown on
NOT_MENDED: Final = ("answer", "deadlines")  # what the law or a clock said: a correction takes it over as it was
ROWS: Final = 3  # rows offered for a list such as charges

_ROW: Final = re.compile(r"(.+?)\.(\d+)\.(.+)")


# --- what a payload takes -----------------------------------------------------------------------------------------------


def _core(annotation: Any) -> tuple[Any, bool]:
    """Return an annotation without `| None`, and whether it had it; a named text or list keeps what makes it one."""
    is_optional = False
    while get_origin(annotation) in (Union, types.UnionType):
        is_optional = True
        annotation = next(part for part in get_args(annotation) if part is not type(None))
    known = annotation in (Line, Text, FacilityCode, Occurred, PersonId, JsonObject)
    if get_origin(annotation) is typing.Annotated and not known:
        annotation = get_args(annotation)[0]
    return annotation, is_optional


def _is_model(takes: Any) -> bool:
    return isinstance(takes, type) and issubclass(takes, Payload)


@dataclass(frozen=True)
class Plan:
    """How a command's form differs from what its payload alone would make."""

    command: str
    zone: str
    choices: Mapping[str, Choices]
    nested: Mapping[str, type[Payload]]
    leave_out: Collection[str]
    required: Collection[str]
    rows: int = ROWS


def _fields(model: type[Payload], plan: Plan, path: str = "", *, must: bool = True) -> Iterator[tuple[str, forms.Field]]:
    hints = typing.get_type_hints(model, include_extras=True)
    for name, info in model.model_fields.items():
        full = f"{path}{name}"
        if full in plan.leave_out:
            continue
        takes, is_optional = _core(hints[name])
        default = None if info.default is PydanticUndefined else info.default
        required = full in plan.required or (must and info.is_required())
        slot = Slot(
            full, takes, required, default if not _is_model(type(default)) else None, labels.label(plan.command, full), plan.zone
        )
        yield from _fields_of(slot, plan, is_optional=is_optional)


def _fields_of(slot: Slot, plan: Plan, *, is_optional: bool) -> Iterator[tuple[str, forms.Field]]:
    model, path = plan.nested.get(slot.path, slot.takes), slot.path
    if path in plan.choices:
        yield path, one_of(slot, choices=plan.choices[path])
    elif _is_model(model):
        yield from _fields(model, plan, f"{path}.", must=slot.required or not is_optional)
    elif get_origin(model) is tuple and _is_model(get_args(model)[0]):
        for row in range(plan.rows):
            for name, field in _fields(get_args(model)[0], plan, f"{path}.{row}.", must=False):
                yield name, _numbered(field, row)
    elif get_origin(model) is dict and get_origin(get_args(model)[0]) is Literal:
        for key in get_args(get_args(model)[0]):
            part = Slot(f"{path}.{key}", Line, required=False, default=None, label=labels.label(plan.command, f"{path}.{key}"))
            yield part.path, line(part)
    else:
        field = field_of(slot, is_optional=is_optional)
        if field is not None:
            yield path, field


def _numbered(field: forms.Field, row: int) -> forms.Field:
    field.label = f"{field.label} {row + 1}"
    return field


def form_for(
    command: Command,
    *,
    zone: str = "UTC",
    choices: Mapping[str, Choices] | None = None,
    nested: Mapping[str, type[Payload]] | None = None,
    leave_out: Collection[str] = (),
    required: Collection[str] = (),
    also: Mapping[str, forms.Field] | None = None,
    rows: int = ROWS,
) -> type[forms.Form]:
    """Return the Django form of a command, with `occurred`, and hidden `version` and `key`.

    `zone` is the facility's, in which a time that is typed is read. `choices` makes a field one of a list (an id, a code);
    `nested` says which payload a JSON field carries (a file's event, a correction); `leave_out` drops fields by path;
    `required` marks more than the payload demands; `also` adds fields or puts others in place; `rows` are offered for a list.
    """
    plan = Plan(command.name, zone, choices or {}, nested or {}, leave_out, required, rows)
    fields = dict(_fields(command.takes, plan))
    fields |= also or {}
    if "occurred" not in fields and "occurred" not in leave_out:
        when = Slot("occurred", Occurred, required=False, default=None, label=labels.label(command.name, "occurred"), zone=zone)
        fields["occurred"] = occurred(when)
    if "note" in fields:
        fields["note"] = fields.pop("note")  # the note comes last
    fields[VERSION] = forms.IntegerField(required=False, widget=forms.HiddenInput)
    fields[KEY] = forms.CharField(required=False, max_length=64, widget=forms.HiddenInput, initial=lambda: str(new_id()))
    return type("CommandForm", (forms.Form,), {**fields, "use_required_attribute": False})


# --- what was typed -----------------------------------------------------------------------------------------------------


def said(form: forms.Form) -> dict[str, Any]:
    """Return what a valid form says as a command's data: nested by the paths of its fields, without what was left empty."""
    data: dict[str, Any] = {}
    for path, value in form.cleaned_data.items():
        is_unticked = value is False and isinstance(form.fields[path], forms.BooleanField)
        if path != KEY and value not in (None, "", []) and not is_unticked:
            _put(data, path.split("."), _plain(value))
    return {name: _rows(value) for name, value in data.items()}


def _put(data: dict[str, Any], path: Sequence[str], value: Any) -> None:
    for part in path[:-1]:
        data = data.setdefault(part, {})
    data[path[-1]] = value


def _rows(value: Any) -> Any:
    """Return a dict that is keyed by the numbers of rows as a list, at any depth."""
    if not isinstance(value, dict):
        return value
    parts = {key: _rows(part) for key, part in value.items()}
    return list(parts.values()) if parts and all(key.isdigit() for key in parts) else parts


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, dt.date) else str(value) if isinstance(value, UUID) else value


def mending(event: Event) -> Callable[[dict[str, Any]], dict[str, Any]]:
    """Return how what a form of a correction says becomes the command's data.

    The form shows what the event says; what it does not show stays as it is, and what was not changed is not said again.
    """

    def shape(data: dict[str, Any]) -> dict[str, Any]:
        rest = {key: value for key, value in data.items() if key != "data"}
        kept = {key: value for key, value in event.data.items() if key in NOT_MENDED}
        instead = {**kept, **data.get("data", {})}
        return rest if rest.get("void") or instead == event.data else {**rest, "data": instead}

    return shape


def refuse(form: forms.Form, refused: Refused) -> str:
    """Put a refusal's errors next to their fields, and return what is to be said at the top; empty when the fields say it all."""
    typed = _typed_rows(form)
    placed = [(_place(form, _as_typed(error.field, typed)), error) for error in refused.errors]
    for path, error in placed:
        if path:
            form.add_error(path, _sentence(error.message))
    if refused.kind in ("changed", "key-reused"):
        _renew(form, refused)
    if placed and all(path for path, _ in placed):
        return ""
    return f"{refused.title}. {_sentence(refused.detail)}"


def _place(form: forms.Form, path: str) -> str | None:
    """Return the field that shows an error: its own, the one that holds it, or the first of those that it is about."""
    parts = path.split(".")
    wanted = [".".join(parts[:length]) for length in range(len(parts), 0, -1)]
    visible = [name for name in form.fields if not form[name].is_hidden]
    own = next((name for name in wanted if name in visible), None)
    return own or next((name for name in visible if name.startswith(f"{path}.")), None)


def _typed_rows(form: forms.Form) -> dict[str, list[str]]:
    """Return which rows of each list were filled: the second item of a list may stand in the third row."""
    rows: dict[str, list[str]] = {}
    for path, value in form.cleaned_data.items():
        found = _ROW.fullmatch(path)
        if found and value not in (None, "", []) and found[2] not in rows.setdefault(found[1], []):
            rows[found[1]].append(found[2])
    return rows


def _as_typed(path: str, typed: Mapping[str, list[str]]) -> str:
    found = _ROW.fullmatch(path)
    rows = typed.get(found[1], []) if found else []
    return f"{found[1]}.{rows[int(found[2])]}.{found[3]}" if found and int(found[2]) < len(rows) else path


def _renew(form: forms.Form, refused: Refused) -> None:
    """Let the form be sent again as it is now: on the version that its reader is shown, as a new command."""
    form.data = form.data.copy()
    form.data[KEY] = str(new_id())
    if "version" in refused.more:
        form.data[VERSION] = str(refused.more["version"])


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}{'' if text.endswith(('.', '!', '?')) else '.'}"


@dataclass(frozen=True)
class Sent:
    """What became of a form: what was done; or the form again, what is wrong at the top, and the HTTP status."""

    done: Done | None
    form: forms.Form
    problem: str = ""
    status: int = 200


def send(
    actor: Actor,
    command: Command,
    form: forms.Form,
    *,
    now: dt.datetime,
    stream: UUID | None = None,
    shape: Callable[[dict[str, Any]], dict[str, Any]] = dict,
) -> Sent:
    """Carry out what a bound form says, once for its key. `shape` may add to the data what the page itself knows."""
    if not form.is_valid():
        return Sent(None, form, status=422)
    try:
        done = perform_once(actor, command, shape(said(form)), now=now, stream=stream, key=form.cleaned_data.get(KEY) or None)
    except Refused as refused:
        if refused.kind in ("not-found", "not-allowed", "unavailable"):
            raise
        return Sent(None, form, refuse(form, refused), refused.status)
    return Sent(done, form)
