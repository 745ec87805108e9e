"""The one router of the API: an address that is read and written has its methods in one place, whichever module adds them."""

from ninja import Router

router = Router()
