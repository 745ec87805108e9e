"""`detainer channel ...`: an agency's channels as its operator sets them; `detainer bounced`: a mail that came back."""

import sys
from typing import TYPE_CHECKING, Annotated

import typer
from pydantic import ValidationError

from detainer.cli_running import HERE, Data, Json, as_worker, now, tell

if TYPE_CHECKING:
    from detainer.exchange.models import Channel

app = typer.Typer(no_args_is_help=True, help="How agencies are told of events beside their inboxes.")

Agency = Annotated[str, typer.Option(help="The agency's key.")]
Which = Annotated[str, typer.Argument(help="webhook, email, second_email or fax.")]


def _told(channel: "Channel") -> dict[str, object]:
    names = ("kind", "address", "active", "failing_since", "next_try_at", "failure")
    return {name: getattr(channel, name) for name in names} | {"secrets": len(channel.secrets)}


def _line(channel: "Channel") -> str:
    state = "on" if channel.active else "off"
    failing = (
        f", nothing arrives since {channel.failing_since:%Y-%m-%d %H:%M} UTC: {channel.failure}" if channel.failing_since else ""
    )
    return f"{channel.kind:12} {channel.address} ({state}{failing})"


@app.command("list")
def show(agency: Agency, data: Data = HERE, as_json: Json = False) -> None:
    """List an agency's channels, and since when nothing arrives there."""
    with as_worker(data):
        from detainer.exchange import register  # noqa: PLC0415  (after Django's set-up)
        from detainer.exchange.channels import own  # noqa: PLC0415

        found = own.of_agency(register.agency(agency).id)
        tell(as_json, {"channels": [_told(one) for one in found]}, "\n".join(map(_line, found)) or "the inbox alone")


@app.command()
def add(kind: Which, address: str, agency: Agency, data: Data = HERE, as_json: Json = False) -> None:
    """Set where a kind of channel leads. A webhook's secret is shown once."""
    with as_worker(data):
        from detainer.exchange import refusals, register  # noqa: PLC0415
        from detainer.exchange.channels import own  # noqa: PLC0415

        try:
            said = own.SaveChannel.model_validate({"kind": kind, "address": address})
        except ValidationError as error:
            raise refusals.invalid(error) from error
        saved = own.save(register.agency(agency).id, said, now())
        tell(as_json, {**_told(saved.channel), "secret": saved.secret}, saved.secret or _line(saved.channel))


@app.command()
def remove(kind: Which, agency: Agency, data: Data = HERE) -> None:
    """Remove a channel. What still waits for it is shown to who sent it."""
    with as_worker(data):
        from detainer.exchange import register  # noqa: PLC0415
        from detainer.exchange.channels import own  # noqa: PLC0415

        own.remove(register.agency(agency).id, kind)
        typer.echo(f"{agency} has no {kind} any more")


@app.command()
def rotate(
    kind: Which,
    agency: Agency,
    data: Data = HERE,
    end_others: Annotated[bool, typer.Option("--end-others", help="The secret before it ends now: it may be known.")] = False,
    as_json: Json = False,
) -> None:
    """Make a new secret of a webhook; it is shown once. The one before it stays live until the next, unless it is ended."""
    with as_worker(data):
        from detainer.exchange import register  # noqa: PLC0415
        from detainer.exchange.channels import own  # noqa: PLC0415

        saved = own.rotate(register.agency(agency).id, kind, own.RotateSecret(end_others=end_others), now())
        tell(as_json, {**_told(saved.channel), "secret": saved.secret}, saved.secret or "")


@app.command("test")
def try_now(kind: Which, agency: Agency, data: Data = HERE, as_json: Json = False) -> None:
    """Send a signed event of a test now, and tell what came of it; ends with 1 where it was not accepted."""
    with as_worker(data):
        from detainer.exchange import register  # noqa: PLC0415
        from detainer.exchange.channels import own  # noqa: PLC0415

        tried = own.test(own.one(register.agency(agency).id, kind), now())
        outcome = tried.outcome
        told = {"accepted": outcome.is_accepted, "failure": outcome.failure, "said": outcome.said, "reply": outcome.reply}
        said = "accepted" if outcome.is_accepted else f"{outcome.failure}: {outcome.said}"
        tell(as_json, {**told, "seconds": tried.seconds}, f"{said} in {tried.seconds:.2f} s {outcome.reply}".rstrip())
        if not outcome.is_accepted:
            raise typer.Exit(1)


def bounced(data: Data = HERE, as_json: Json = False) -> None:
    """Read a mail that came back (RFC 3464) from standard input: the delivery that it carried then needs a person."""
    text = sys.stdin.buffer.read()
    with as_worker(data):
        from detainer.exchange import bounces  # noqa: PLC0415

        found = bounces.read(text)
        is_news = bounces.take(found, now())
        told = {"delivery": str(found.delivery), "status": found.status, "needs_person": is_news}
        tell(as_json, told, f"delivery {found.delivery} {'needs a person' if is_news else 'is as it was'}")
