"""Who may open a page: somebody signed in, who works for an agency of a kind that has that page."""

import functools
from collections.abc import Callable, Iterable
from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse

from detainer.exchange.refusals import Refused

View = Callable[..., HttpResponse]


def signed_in(*, kinds: Iterable[str] = ()) -> Callable[[View], View]:
    """Return a decorator: nobody is sent to sign in, another is refused (`not-allowed`), the rest see the page.

    `kinds` are the kinds of agency that have the page; none: every agency has it.
    """
    wanted = frozenset(kinds)

    def decorate(view: View) -> View:
        @functools.wraps(view)
        def page(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            actor = getattr(request, "actor", None)
            if not request.user.is_authenticated:
                return redirect_to_login(request.get_full_path())
            if actor is None:
                raise Refused("not-allowed", "this account belongs to no agency: its administrator can add it to one")
            if wanted and not actor.kinds & wanted:
                raise Refused("not-allowed", f"this page is for a {' or '.join(sorted(wanted))}")
            return view(request, *args, **kwargs)

        return page

    return decorate
