"""Detects the server of a request, because servers differ in how a failed download ends."""

from contextlib import ExitStack
from typing import Any

from django.core.handlers.asgi import ASGIRequest
from django.http import HttpRequest

from reports import compat
from reports.web.delivery.proxy_detection import is_behind_http10

# These were tested to reset the connection when a chunked response fails (curl exits with 18). WSGI
# servers are named by SERVER_SOFTWARE, ASGI servers by the module of their `receive`. gunicorn's
# asgi worker is not among them: in a test, the next reader after one that reset a stream got no
# answer.
BREAKING_SERVERS = ("gunicorn/", "uvicorn.protocols.http.")
SERVER, AT_END = "isoline.server", "isoline.at_end"


def telling_its_server(application: Any) -> Any:
    """Returns the ASGI application with the server's module added to each scope.

    ASGI itself does not name the server. Behind middleware with its own `receive` the server is
    unknown. The scope also gets an ExitStack that is closed at the end of the request: Django
    forgets a response whose reader disconnects between the view and the sending, and a reference
    cycle keeps it for long.
    """

    async def told(scope: dict[str, Any], receive: Any, send: Any) -> None:
        with ExitStack() as at_end:
            await application(
                {**scope, SERVER: compat.module_of_server(receive), AT_END: at_end}, receive, send
            )

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
