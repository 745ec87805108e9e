"""Pages as a test reads them: their words, their fields, and a form filled as a person would."""

import html
import re
from typing import Any

_FIELD = re.compile(r"<input[^>]*>")
_ATTRIBUTE = re.compile(r'([a-z-]+)="([^"]*)"')


def words_of(response: Any) -> str:
    """Return what a page says, without its tags, its spaces collapsed."""
    body = re.sub(r"<(script|style|select)\b.*?</\1>", " ", response.content.decode(), flags=re.DOTALL)
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", body)).split()).replace(" .", ".").replace(" ,", ",")


def hidden(response: Any) -> dict[str, str]:
    """Return the hidden fields of a page's forms, such as the version and the key."""
    fields = [dict(_ATTRIBUTE.findall(tag)) for tag in _FIELD.findall(response.content.decode())]
    return {
        field["name"]: html.unescape(field.get("value", ""))
        for field in fields
        if field.get("type") == "hidden" and "name" in field
    }


def errors_of(response: Any, name: str) -> str:
    """Return the error that stands next to a field."""
    found = re.search(rf'id="id_{re.escape(name)}_error">(.*?)</div>', response.content.decode(), flags=re.DOTALL)
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", found[1])).split()) if found else ""


def send(client: Any, address: str, **fields: Any) -> Any:
    """Open a form and send it filled: `__` in a name stands for the dot of a path."""
    shown = client.get(address)
    assert shown.status_code == 200, words_of(shown)
    return client.post(address, {**hidden(shown), **{name.replace("__", "."): value for name, value in fields.items()}})
