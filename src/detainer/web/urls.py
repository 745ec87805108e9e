"""Every address of the exchange."""

from django.urls import include, path

from detainer.web.pages import (
    agency_agreements,
    agency_channels,
    agency_law,
    board,
    booking,
    directory,
    files,
    home,
    inbox,
    law_ask,
    law_map,
    law_place,
    lodge,
    outcomes,
    papers,
    proof,
    reconciliation,
    release_check,
    request_commands,
    requests,
    stay_commands,
    stays,
)

urlpatterns = [
    path("api/v1/", include("detainer.api.urls")),
    path("", include("detainer.api.probes")),  # livez, readyz
    path("account/", include("allauth.urls")),
    path("", board.board, name="board"),
    path("agency", home.switch_agency, name="switch_agency"),
    path("agency/channels", agency_channels.show, name="agency-channels"),
    path("agency/agreements", agency_agreements.show, name="agency-agreements"),
    path("agency/law", agency_law.show, name="agency-law"),
    path("agency/law/withdraw", agency_law.withdraw, name="agency-law-withdraw"),
    path("inbox", inbox.inbox, name="inbox"),
    path("requests/<uuid:request_id>", requests.show, name="request"),
    path("requests/<uuid:request_id>/papers", papers.show, name="request-papers"),
    path("requests/<uuid:request_id>/papers/<slug:kind>", papers.paper, name="request-paper"),
    path("requests/<uuid:request_id>/papers/<slug:kind>.pdf", papers.drawn_pdf, name="request-paper-pdf"),
    path("papers/<uuid:document>.pdf", papers.kept_pdf, name="paper"),
    path("requests/<uuid:request_id>/<slug:name>", request_commands.command, name="request-command"),
    path("directory", directory.search, name="directory"),
    path("directory/<str:code>", directory.facility, name="facility"),
    path("requests/lodge", lodge.lodge, name="lodge"),
    path("requests/lodge/facilities", lodge.choices, name="lodge-choices"),
    path("stays", stays.stays, name="stays"),
    path("stays/book", booking.book, name="stay-book"),
    path("stays/roster", booking.roster, name="stay-roster"),
    path("stays/<uuid:stream>", stays.stay, name="stay"),
    path("stays/<uuid:stream>/release-check", release_check.check, name="stay-release-check"),
    path("stays/<uuid:stream>/<slug:name>", stay_commands.command, name="stay-command"),
    path("files", files.files, name="files"),
    path("files/begin", files.begin, name="file-begin"),
    path("files/<uuid:stream>", files.file, name="file"),
    path("files/<uuid:stream>/<slug:name>", files.command, name="file-command"),
    path("reconciliation", reconciliation.show, name="reconciliation"),
    path("reconciliation/month.csv", reconciliation.as_csv, name="reconciliation-csv"),
    path("reconciliation/month.pdf", reconciliation.as_pdf, name="reconciliation-pdf"),
    path("proof", proof.proof, name="proof"),
    path("outcomes", outcomes.tables, name="outcomes"),
    path("outcomes/report", outcomes.report, name="outcomes-report"),
    path("outcomes/report.css", outcomes.style, name="outcomes-style"),
    path("outcomes/tables/<str:table>", outcomes.table, name="outcomes-table"),
    path("law", law_map.law_map, name="law"),
    path("law/ask", law_ask.ask, name="law-ask"),
    path("law/<path:place>", law_place.place, name="law-place"),
]

handler400 = "detainer.web.problems.bad_request"
handler403 = "detainer.web.problems.forbidden"
handler404 = "detainer.web.problems.not_found"
handler500 = "detainer.web.problems.server_error"
