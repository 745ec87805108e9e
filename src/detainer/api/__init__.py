"""The door for machines: the same commands and readings as the pages, as JSON under /api/v1."""
