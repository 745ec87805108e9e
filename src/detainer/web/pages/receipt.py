"""The receipt of a fax or a packet: open to whoever has the paper, by its reference and code. It tells nothing of anybody."""

import datetime as dt

from allauth.core import ratelimit
from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods
from pydantic import ValidationError

from detainer.exchange import receipt_codes, refusals
from detainer.exchange.receipt_codes import GiveReceipt, Receipt
from detainer.exchange.refusals import Refused
from detainer.web.forms import refuse
from detainer.web.templatetags.detainer import moment


class ReceiptForm(forms.Form):
    """What stands on the cover sheet, and who says so."""

    use_required_attribute = False
    reference = forms.CharField(
        label="Reference",
        help_text="As the cover sheet prints it. Capital or small letters, with or without the line between.",
        max_length=40,
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}),
    )
    code = forms.CharField(
        label="Code",
        max_length=40,
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}),
    )
    who = forms.CharField(label="Who has it?", help_text="Badge number or office, not a name.", max_length=200)


@require_http_methods(["GET", "HEAD", "POST"])
def give(request: HttpRequest) -> HttpResponse:
    """Show the form; a POST gives the receipt. One address may try thirty times a minute; ten wrong codes lock a reference."""
    if request.method != "POST":
        return render(request, "receipt.html", {"form": ReceiptForm()})
    form = ReceiptForm(request.POST)
    if not ratelimit.consume(request, action="receipt_code"):
        return render(request, "429.html", {}, status=429)
    if not form.is_valid():
        return _again(request, form, status=422)
    try:
        said = GiveReceipt.model_validate(form.cleaned_data)
        receipt = receipt_codes.use(said.reference, said.code, said.who, dt.datetime.now(dt.UTC))
    except ValidationError as error:
        return _again(request, form, refuse(form, refusals.invalid(error)), status=422)
    except Refused as refused:
        return _again(request, form, refuse(form, refused), status=refused.status)
    return _given(request, receipt, said.reference)


def _again(request: HttpRequest, form: forms.Form, problem: str = "", *, status: int) -> HttpResponse:
    return render(request, "receipt.html", {"form": form, "problem": problem}, status=status)


def _given(request: HttpRequest, receipt: Receipt, reference: str) -> HttpResponse:
    """Show that the receipt is recorded, now or before; the same code again gives no second one."""
    told = {"is_new": receipt.is_new, "at": moment(receipt.at), "reference": receipt_codes.spelt(reference)}
    return render(request, "receipt.html", {"given": told})
