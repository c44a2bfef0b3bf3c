"""The pictures that answers name only by an address, as DashScope and OpenRouter do: signed, and for a time."""

from __future__ import annotations

import base64
import secrets
import time
from collections import OrderedDict
from typing import Final

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from .delivery import HEADERS
from .faults import Fault
from .whereabouts import HERE

LIFETIME: Final = 86_400
"""How long an address lives, in seconds."""
MOST_KEPT: Final = 64

_EXPIRED: Final = (
    '<?xml version="1.0" encoding="UTF-8"?><Error><Code>AccessDenied</Code>'
    "<Message>Request has expired.</Message></Error>"
)


class MadePictures:
    """The pictures that can be fetched; the oldest go first."""

    def __init__(self) -> None:
        self._kept: OrderedDict[str, bytes] = OrderedDict()

    def routes(self) -> list[Route]:
        """Give the routes of the pictures."""
        return [Route("/made/{name}", self._picture, methods=["GET"])]

    def address(self, result: str, fault: Fault) -> str:
        """Keep a picture, given as base64, and tell where it is, or with which fault it would be."""
        name, here = f"{secrets.token_hex(12)}.png", HERE.get().url
        if fault.hits is not None:
            return f"{here}/faulty/{fault.hits}/{name}"
        self._kept[name] = base64.b64decode(result)
        while len(self._kept) > MOST_KEPT:
            self._kept.popitem(last=False)
        expires = int(time.time()) + (-1 if fault.picture == "expired" else LIFETIME)
        return f"{here}/made/{name}?Expires={expires}&Signature=sandbox"

    async def _picture(self, request: Request) -> Response:
        """Give a picture that was made, until its address has expired."""
        data = self._kept.get(request.path_params["name"])
        if data is None:
            return PlainTextResponse("Not found", status_code=404, headers=HEADERS)
        if int(request.query_params.get("Expires", 0)) < time.time():
            return Response(_EXPIRED, status_code=403, headers=HEADERS, media_type="application/xml")
        return Response(data, headers=HEADERS, media_type="image/png")
