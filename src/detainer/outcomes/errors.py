"""The one kind of error that a person who builds outcomes is shown: what is wrong, where, what would be right."""


class OutcomesError(Exception):
    """Input or an option that cannot be used. The text names the file (sheet, row, column), the fault, what would be right."""
