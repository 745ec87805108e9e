"""Which commands on a request this side and these roles may give now: what a page offers."""

from collections.abc import Collection, Iterable

from detainer.exchange.commands import COMMANDS, Command
from detainer.record.views import RequestView
from detainer.web.sides import Side, fits


def may_give(command: Command, view: RequestView, side: Side, roles: Collection[str]) -> bool:
    """Return whether a command on a request is this side's, of one of these roles, and fits the state that it is in."""
    if command.stream != "request" or command.begins or side == "reader":
        return False
    return command.side in ("party", side) and bool(command.roles & set(roles)) and fits(command.name, view, side)


def commands_now(view: RequestView, side: Side, roles: Iterable[str]) -> list[Command]:
    """Return the commands that this side may give on a request now, in the order of the table of commands."""
    held = frozenset(roles)
    return [command for command in COMMANDS if may_give(command, view, side, held)]
