"""A reader who leaves while a middleware still has the response: its export ends all the same."""

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
    """More than is made ahead of its reader."""

    queryset = CityName.objects.all()
    city = Column("city__name")
    name = Column("name")

    class Meta:
        permission = None


class Keeping(MiddlewareMixin):
    """Has the response until its reader has gone, and keeps it, as a cycle of references does."""

    def process_response(
        self, request: HttpRequest, response: HttpResponseBase
    ) -> HttpResponseBase:
        kept.append(response)
        answered.set()
        assert gone.wait(20)
        return response


async def leave() -> Export:
    """What is told of the list to one who went when it was about to come."""
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
    """In the thread of the request, whose connection is closed then."""
    with closing(connection):
        return wait_until(Export.objects.exclude(state=State.RUNNING).first)


def test_the_export_ends_as_cancelled(alone: Any, register: Register, settings: Any) -> None:
    register(LongList)
    settings.MIDDLEWARE = [f"{__name__}.Keeping", *settings.MIDDLEWARE]
    assert asyncio.run(leave()).state == State.CANCELLED
    kept.clear()
