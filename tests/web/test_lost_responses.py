"""If a reader disconnects while a middleware has the response, the export ends."""

import asyncio
import threading
from contextlib import closing
from typing import Any

from asgiref.sync import sync_to_async
from django.core.handlers.asgi import ASGIHandler
from django.db import connection
from django.http import HttpRequest, HttpResponseBase
from django.utils.deprecation import MiddlewareMixin

import reports
from geo.models import CityName
from reports import Column
from reports.models import Export
from reports.web.delivery.server_detection import telling_its_server
from tests.web.conftest import Register, wait_until

SCOPE = {
    "type": "http",
    "http_version": "1.1",
    "method": "GET",
    "path": "/reports/long-list.csv",
    "query_string": b"",
    "headers": [(b"host", b"testserver")],
}
State = Export.State
answered, gone = threading.Event(), threading.Event()
kept: list[HttpResponseBase] = []


class LongList(reports.Report):
    """Larger than the part produced ahead of the reader."""

    queryset = CityName.objects.all()
    city = Column("city__name")
    name = Column("name")

    class Meta:
        permission = None


class Keeping(MiddlewareMixin):
    """Delays the response until its reader has gone, and keeps it, like a reference cycle."""

    def process_response(
        self, request: HttpRequest, response: HttpResponseBase
    ) -> HttpResponseBase:
        kept.append(response)
        answered.set()
        assert gone.wait(20)
        return response


async def leave() -> Export:
    """Requests the list, disconnects before it arrives, and returns its record."""
    messages = [{"type": "http.request", "body": b"", "more_body": False}]

    async def receive() -> dict[str, Any]:
        if messages:
            return messages.pop()
        await asyncio.to_thread(answered.wait)
        asyncio.get_running_loop().call_later(0.1, gone.set)
        return {"type": "http.disconnect"}

    async def send(message: dict[str, Any]) -> None:
        raise AssertionError(f"nobody is there to be sent {message}")

    receive.__module__ = "uvicorn.protocols.http.h11_impl"  # whose connections break visibly
    await telling_its_server(ASGIHandler())(SCOPE, receive, send)
    return await sync_to_async(told)()


def told() -> Export:
    """Returns the record; runs in the thread of the request, and closes its connection."""
    with closing(connection):
        return wait_until(Export.objects.exclude(state=State.RUNNING).first)


def test_the_export_ends_as_cancelled(alone: Any, register: Register, settings: Any) -> None:
    register(LongList)
    settings.MIDDLEWARE = [f"{__name__}.Keeping", *settings.MIDDLEWARE]
    assert asyncio.run(leave()).state == State.CANCELLED
    kept.clear()
