"""Every address of the exchange."""

from django.urls import include, path

urlpatterns = [
    path("api/v1/", include("detainer.api.urls")),
    path("", include("detainer.api.probes")),  # livez, readyz
    path("account/", include("allauth.urls")),
]

handler403 = "detainer.web.problems.forbidden"
handler404 = "detainer.web.problems.not_found"
handler500 = "detainer.web.problems.server_error"
