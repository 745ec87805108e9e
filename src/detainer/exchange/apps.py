"""The Django app of the exchange."""

from django.apps import AppConfig


class ExchangeConfig(AppConfig):
    """Its tables carry the design's words as names."""

    name = "detainer.exchange"
    label = "exchange"
    default_auto_field = "django.db.models.BigAutoField"
