"""The addresses of the API, under /api/v1."""

from django.urls import path
from django.views.decorators.http import require_safe
from ninja import NinjaAPI

import detainer
from detainer.api import (
    agreements,
    channels,
    commands,
    directory,
    documents,
    feed,
    inbox,
    law,
    law_layers,
    openapi,
    problems,
    reading,
    reconciliations,
    release_check,
)
from detainer.api.routes import router
from detainer.api.tokens import Token

api = NinjaAPI(
    title="Detainer",
    version=detainer.__version__,
    description="One shared, provable record of each custody detainer, from lodging to outcome. What the law answers here is "
    "research with its sources, not legal advice. Errors are problem+json (RFC 9457).",
    auth=Token(),
    openapi_url=None,  # ours is served below; a page that shows it would load its scripts from elsewhere
    docs_url=None,
    urls_namespace="api",
)
# Each has put its own routes on the router.
WITH_ROUTES = (
    *(reading, commands, agreements, release_check, documents, reconciliations, inbox, channels, feed, directory),
    *(law_layers, law),
)
api.add_router("", router)
problems.register(api)

app_name = "api"
urlpatterns = [path("openapi.json", require_safe(openapi.view(api)), name="openapi"), *api.urls[0]]
for pattern in urlpatterns:
    pattern.callback = problems.always(pattern.callback)
