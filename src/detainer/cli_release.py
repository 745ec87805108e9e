"""`detainer release-check`: what a release would leave undone, for a booking of an agency."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from detainer.cli_running import HERE, Data, Json, as_worker, now, tell
from detainer.record import when

if TYPE_CHECKING:
    from detainer.record.release_check import Check, Finding, Waiting


def release_check(
    booking: Annotated[str, typer.Argument(help="The booking number, whole.")],
    agency: Annotated[str, typer.Option(help="The key of the custodian that booked the person.")],
    data: Data = HERE,
    as_json: Json = False,
) -> None:
    """Say what a release would leave undone. Ends with 0 when going on takes no reason, with 1 when it does.

    It records nothing and forbids nothing: a judge's warrant, a notice that is due and the like take a reason at the release.
    """
    with as_worker(data):
        from detainer.exchange import release_checking  # noqa: PLC0415  (after Django's set-up)

        stay, found = release_checking.of_booking(agency, booking, now())
        zone = stay.facility.zone if stay.facility else "UTC"
        told: dict[str, Any] = {"booking_number": booking, **found.model_dump(mode="json"), "owed": bool(found.duties)}
        tell(as_json, told, "\n".join(_lines(booking, found, zone)))
        if found.duties:
            raise typer.Exit(1)


def _lines(booking: str, found: "Check", zone: str) -> list[str]:
    count, owed = len(found.requests), len(found.duties)
    lines = [f"booking {booking}: {count} request{'' if count == 1 else 's'} wait{'s' if count == 1 else ''}, {owed} owed"]
    of_none = [one for one in found.findings if one.request is None]
    for request in found.requests:
        lines.append(_heading(request, zone))
        lines += [_line(one) for one in found.findings if one.request == request.id]
    return [*lines, *(_line(one) for one in of_none)]


def _heading(request: "Waiting", zone: str) -> str:
    number = f", reference {request.reference}" if request.reference else ""
    ended = "" if request.live else ", ended"
    lodged = when.in_words(when.parse(request.lodged, zone), zone)
    return f"{request.form} of {request.requester_name}{number}, lodged {lodged}{ended} ({request.id})"


def _line(found: "Finding") -> str:
    mark = "WARRANT" if found.kind == "judicial_warrant" else "OWED" if found.duty else "to know"
    law = f" [{found.rule.cite}]" if found.rule else ""
    settle = f" -> {found.command.partition('.')[2]}" if found.command else ""
    return f"  {mark}: {found.words}{law}{settle}"
