"""The commands: the one way in which anything changes. One command is one function and one transaction."""

from detainer.exchange.commands.registry import COMMANDS, Command, named
from detainer.exchange.commands.run import Done, perform, perform_once

__all__ = ["COMMANDS", "Command", "Done", "named", "perform", "perform_once"]
