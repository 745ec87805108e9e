"""`detainer reconcile`: what one agency sent another in a month against what the other received."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from detainer.cli_running import HERE, Data, Json, as_worker

if TYPE_CHECKING:
    from detainer.exchange.reconciliation import Reconciled


def reconcile(
    agency: Annotated[str, typer.Option(help="The key of one agency.")],
    other: Annotated[str, typer.Option("--with", help="The key of the other.")],
    month: Annotated[str, typer.Option(help="A month such as 2026-10, of the days in the custodian's zone.")],
    as_: Annotated[str, typer.Option("--as", help="custodian or requester: what the first is, where it may be either.")] = "",
    csv: Annotated[Path | None, typer.Option(help="Write every request of the month to this file.")] = None,
    data: Data = HERE,
    as_json: Json = False,
) -> None:
    """Compare what a requester sent a custodian with what the other received, request by request, with why they differ.

    It names no person. Where one agency may be either side, the first is the custodian unless --as says otherwise.
    """
    with as_worker(data):
        from detainer.exchange import reconciliation  # noqa: PLC0415  (after Django's set-up)
        from detainer.record import reconciling_csv  # noqa: PLC0415

        pair = reconciliation.sides(*(reconciliation.named(key) for key in (agency, other)), as_)
        found = reconciliation.read(*(one.pk for one in pair), reconciliation.month(month))
        if csv:
            csv.write_text(reconciling_csv.written(found.content.entries, found.why), encoding="utf-8", newline="")
        typer.echo(json.dumps(_told(found), default=str) if as_json else "\n".join(_lines(found)))


def _told(found: "Reconciled") -> dict[str, Any]:
    entries = [{**entry.model_dump(mode="json"), "why": found.why(entry)} for entry in found.content.entries]
    return {
        "custodian": found.custodian.key,
        "requester": found.requester.key,
        "month": found.period.month,
        "sha256": found.content.sha256,
        "sums": found.sums.model_dump(mode="json"),
        "entries": entries,
        "signed": [{"agency": one.agency_name, "at": one.signed_at, "stands": one.stands} for one in found.signatures],
        "holds_without_request": [str(one.request) for one in found.holds if one.is_alarm],
    }


def _lines(found: "Reconciled") -> list[str]:
    told = found.sums
    lines = [f"{found.requester.name} to {found.custodian.name}, {found.period.month}"]
    lines.append(
        f"sent {told.sent}, received {told.received}, opened {told.opened}, "
        f"acknowledged {told.acknowledged}, answered {told.answered}, without a difference {told.agreed}"
    )
    lines += [f"  {difference.replace('_', ' ')}: {count}" for difference, count in told.differences.items()]
    lines += [
        f"{entry.reference or ''} {entry.request} {(entry.difference or '').replace('_', ' ')}: {found.why(entry)}".strip()
        for entry in found.content.entries
        if entry.difference
    ]
    lines += [f"ALARM: held without a live request: {one.request}" for one in found.holds if one.is_alarm]
    lines += [f"signed by {one.agency_name}{'' if one.stands else ' (the record has changed since)'}" for one in found.signatures]
    return [*lines, f"SHA-256 {found.content.sha256}"]
