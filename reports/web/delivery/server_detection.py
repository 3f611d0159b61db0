"""The server that a request came by, where that decides how a download ends."""

from contextlib import ExitStack
from typing import Any

from django.core.handlers.asgi import ASGIRequest
from django.http import HttpRequest

from reports.web.delivery.proxy_detection import is_behind_http10

# Seen to reset the connection when a chunked response fails (curl then exits with 18), under WSGI
# by SERVER_SOFTWARE, under ASGI by the module that they receive with. Not gunicorn's asgi worker,
# which was seen to leave a reader without an answer behind one who had reset a stream.
BREAKING_SERVERS = ("gunicorn/", "uvicorn.protocols.http.")
SERVER, AT_END = "isoline.server", "isoline.at_end"


def telling_its_server(application: Any) -> Any:
    """The ASGI application, with its server's module in each scope: ASGI itself does not tell it.

    What stands between the two and receives by itself is an unknown server. An ExitStack in the
    scope is closed when the request has been dealt with: Django forgets a response whose reader
    leaves between the view and the sending, and a cycle of references keeps it for long.
    """

    async def told(scope: dict[str, Any], receive: Any, send: Any) -> None:
        module = getattr(receive, "__module__", "")
        with ExitStack() as at_end:
            await application({**scope, SERVER: module, AT_END: at_end}, receive, send)

    return told


def breaks_visibly(request: HttpRequest) -> bool:
    """Whether a reader sees that a stream on this request's connection failed."""
    if isinstance(request, ASGIRequest):
        server, version = request.scope.get(SERVER, ""), request.scope.get("http_version", "")
    else:
        server = request.META.get("SERVER_SOFTWARE", "")
        version = request.META.get("SERVER_PROTOCOL", "").removeprefix("HTTP/")
    return (
        server.startswith(BREAKING_SERVERS)
        and version == "1.1"
        and not is_behind_http10(request.META)
    )
