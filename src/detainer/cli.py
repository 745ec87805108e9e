"""The operator's door: `detainer serve`, `replay`, `verify`, `rebuild`, `directory import`, `user add`, `token add`."""

import sys
from pathlib import Path
from typing import Annotated, Any

import psycopg
import typer

from detainer import cli_channels, cli_law, cli_outcomes, cli_reconcile, cli_release
from detainer.cli_running import HERE, Data, Json, as_worker, now, set_up, tell
from detainer.exchange import database, postgres, processes

app = typer.Typer(
    no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, help="The exchange for custody detainers."
)
directory = typer.Typer(no_args_is_help=True, help="Agencies and facilities.")
user = typer.Typer(no_args_is_help=True, help="Accounts.")
token = typer.Typer(no_args_is_help=True, help="Keys of machines.")
app.add_typer(directory, name="directory")
app.add_typer(user, name="user")
app.add_typer(token, name="token")
app.add_typer(cli_channels.app, name="channel")
app.add_typer(cli_law.app, name="law")
app.add_typer(cli_outcomes.app, name="outcomes")


@app.command()
def serve(
    data: Data = HERE,
    port: Annotated[int, typer.Option(help="The port to listen on.")] = 8000,
    host: Annotated[str, typer.Option(help="The address to listen on.")] = "127.0.0.1",
    demo: Annotated[bool, typer.Option("--demo", help="With the demo's cases and accounts. Never with real data.")] = False,
    outcomes: Annotated[
        Path | None, typer.Option(help="The folder of a build of outcomes to publish, open to all.", envvar="DETAINER_OUTCOMES")
    ] = None,
) -> None:
    """Run the exchange: database, web server and worker, until it is stopped."""
    with processes.until_stopped(), processes.alone(data, host, port):
        env = processes.environment(data, demo=demo) | ({"DETAINER_OUTCOMES": str(outcomes.absolute())} if outcomes else {})
        of_demo: list[Any] = []

        def meanwhile() -> None:
            set_up(addresses.worker, env)
            if demo:
                of_demo.extend(_demo_cases())

        with database.running(data) as addresses:
            processes.migrate(addresses, env, meanwhile)
            _enter(of_demo)
            processes.keep_running(data, addresses, env, host, port, lambda: _greet(host, port, of_demo))


DEMO = ("demo.yaml", "lynn-2024.yaml", "lynn-2024-as-it-should-have-gone.yaml", "essex-today.yaml")


def _demo_cases() -> list[Any]:
    from detainer.exchange import cases  # noqa: PLC0415  (after Django's set-up)

    return [cases.read(cases.examples() / name) for name in DEMO]


def _enter(of_demo: list[Any]) -> None:
    from detainer.exchange import cases  # noqa: PLC0415

    for case in of_demo:
        cases.replay(case, now())


def _greet(host: str, port: int, of_demo: list[Any]) -> None:
    typer.echo(f"Detainer runs at http://{host}:{port}/ (stop it with Ctrl-C)")
    accounts = [account for case in of_demo for account in case.accounts]
    if accounts:
        typer.echo("Demo accounts (synthetic people, public case; not for real data):")
    for account in accounts:
        typer.echo(f"  {account.username:18} {account.password:22} {account.says}")
    sys.stdout.flush()


@app.command()
def replay(file: Path, data: Data = HERE, as_json: Json = False) -> None:
    """Enter a case file: an account of what happened, or commands played again. What is already there is left as it is."""
    with as_worker(data):
        from detainer.exchange import cases  # noqa: PLC0415

        case = cases.read(file)
        streams = cases.replay(case, now())
        lines = [f"{name}: {stream}" for name, stream in streams.items()] or [
            "entered" if not (case.events or case.steps) else "already there"
        ]
        tell(as_json, {"case": case.case, "streams": {name: str(stream) for name, stream in streams.items()}}, "\n".join(lines))


@app.command()
def verify(data: Data = HERE, as_json: Json = False) -> None:
    """Prove the record whole, stream by stream; name each event that breaks it, and exit with 1."""
    with as_worker(data):
        from detainer.exchange import checkpoints, rebuild  # noqa: PLC0415

        with checkpoints.one_moment():
            found = list(checkpoints.verify())
            altered = list(checkpoints.altered())
            count, root = checkpoints.root()
            differing = rebuild.differing() if not found else []  # what is broken adds up to nothing
        told = {
            "streams": count,
            "root": root,
            "broken": [item.model_dump(mode="json") for item in found],
            "checkpoints_altered": [item.model_dump(mode="json") for item in altered],
            "read_tables_differ": [str(item) for item in differing],
        }
        lines = [f"event {item.event} (stream {item.stream}, version {item.version}) {item.why}" for item in found]
        lines += [f"the checkpoint of {item.day} {item.why}" for item in altered]
        lines += [
            f"the read table of stream {stream} is not what its events add up to: run `detainer rebuild`" for stream in differing
        ]
        tell(as_json, told, "\n".join(lines) or f"whole: {count} streams, root {root}")
        if found or altered or differing:
            raise typer.Exit(1)


@app.command("rebuild")
def rebuild_tables(data: Data = HERE, as_json: Json = False) -> None:
    """Make the read tables again from the events."""
    with as_worker(data):
        from detainer.exchange import rebuild  # noqa: PLC0415

        count = rebuild.everything()
        tell(as_json, {"streams": count}, f"{count} streams")


@directory.command("import")
def import_directory(file: Path, data: Data = HERE, as_json: Json = False) -> None:
    """Enter a directory: a CSV file (plain or .gz) of ICE's facility lists, the FBI's ORI list or our own columns; or a YAML
    file with `agencies` and `facilities`."""
    with as_worker(data):
        from detainer.exchange import case_file, register  # noqa: PLC0415

        if file.suffix in (".yaml", ".yml"):
            case = case_file.read(file)
            agencies, facilities = register.enter(case.agencies, case.facilities)
        else:
            agencies, facilities = register.import_file(file)
        tell(as_json, {"agencies": agencies, "facilities": facilities}, f"{agencies} agencies, {facilities} facilities")


@user.command("add")
def add_user(
    username: str,
    agency: Annotated[str, typer.Option(help="The agency's key.")],
    role: Annotated[list[str], typer.Option(help="clerk, supervisor, officer, counsel, auditor or admin; may be repeated.")],
    data: Data = HERE,
    password: Annotated[
        str, typer.Option(prompt=True, hide_input=True, confirmation_prompt=True, envvar="DETAINER_PASSWORD")
    ] = "",
) -> None:
    """Give a person an account at an agency."""
    with as_worker(data):
        from detainer.exchange import register  # noqa: PLC0415

        register.add_user(username, password, agency, role)
        typer.echo(f"{username} is {', '.join(role)} at {agency}")


@token.command("add")
def add_token(
    name: str,
    agency: Annotated[str, typer.Option(help="The agency's key.")],
    scope: Annotated[list[str], typer.Option(help="read, custody, request or supervise; may be repeated.")],
    data: Data = HERE,
    days: Annotated[int, typer.Option(help="How long it opens.")] = 365,
    acting_for: Annotated[str | None, typer.Option("--user", help="The user it acts for, where a person must be named.")] = None,
    as_json: Json = False,
) -> None:
    """Make a key for a machine. Its secret is shown once; only its hash is kept."""
    with as_worker(data):
        from detainer.exchange import register  # noqa: PLC0415

        secret = register.add_token(agency, name, scope, now=now(), days=days, username=acting_for)
        tell(as_json, {"token": secret}, secret)


@app.command("database")
def show_database(data: Data = HERE) -> None:
    """Print the addresses of the database, for psql and backups. Runs as long as it is open."""
    with database.running(data) as addresses:
        typer.echo(f"owner   {addresses.owner}\nservice {addresses.service}\nworker  {addresses.worker}")


app.command("bounced")(cli_channels.bounced)
app.command("release-check")(cli_release.release_check)
app.command("reconcile")(cli_reconcile.reconcile)


def main() -> None:
    """Run the command line. What goes wrong for a reason is told in a line and ends with 1."""
    from detainer.exchange.refusals import Refused  # noqa: PLC0415  (cheap, but only needed here)

    try:
        app()
    except Refused as refused:
        typer.echo(f"refused: {refused.detail}", err=True)
        for error in refused.errors[:20] if len(refused.errors) > 1 else ():
            typer.echo(f"  {error.field}: {error.message}", err=True)
        sys.exit(1)
    except (processes.CannotServe, postgres.CannotStart, psycopg.OperationalError) as error:
        typer.echo(f"detainer: {str(error).strip()}", err=True)
        sys.exit(1)


if __name__ == "__main__":
    main()
