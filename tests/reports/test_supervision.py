"""The threads shared by all exports of a process survive a failing export or reader."""

import logging
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from geo.backends.wrapper import DatabaseWrapperMixin, database_wrapper
from reports.errors import LimitReached, ReaderGone
from reports.exports.heartbeat import Heartbeat
from reports.exports.pipeline import ExportPipeline
from reports.exports.supervision import ExportSupervisor
from reports.exports.tracking import TrackedExport
from reports.formats import FORMATS
from reports.limits import ExportLimits
from reports.models import Export
from reports.queries.statement import Statement
from tests.fixtures.sessions import Sessions
from tests.web.site.slow import Slow

# Seconds that a limit of half a second may take to be seen, on a busy machine.
SOON = 5.0
# Servers know nothing of the second: the thread alone keeps it. They keep the first, late.
LATE = 30
HALF = ExportLimits(seconds=LATE, statement_seconds=0.5)
# What code of anybody's making may raise, in a thread too.
RAISED = [ValueError, RecursionError, SystemExit, KeyboardInterrupt, GeneratorExit]


class Reader:
    """A connected reader that raises the given errors."""

    def __init__(self, *, looking: Any = None, leaving: Any = None) -> None:
        self.looks = 0
        self._looking, self._leaving = looking, leaving

    def has_gone(self) -> bool:
        self.looks += 1
        if self._looking:
            raise self._looking
        return False

    def disconnect(self) -> None:
        if self._leaving:
            raise self._leaving


def slow(reader: Reader | None = None, limits: ExportLimits = HALF) -> ExportPipeline:
    """Returns an export whose database needs minutes to find the first row."""
    export = ExportPipeline(Statement(Slow(), {}, "default"), FORMATS["csv"], limits=limits)
    export.watch.reader = reader
    return export


def wait_for(condition: Callable[[], object]) -> None:
    end = time.monotonic() + SOON
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.01)


def assert_is_ended(export: ExportPipeline) -> None:
    begin = time.monotonic()
    with pytest.raises(LimitReached, match=r"EXPORT_LIMITS\['statement_seconds'\]"):
        list(export.pieces())
    assert time.monotonic() - begin < SOON


@pytest.fixture
def beside(committed: Any) -> Iterator[Any]:
    """Returns a function that runs an export in a thread, joined when the test ends."""
    threads = []

    def run(export: ExportPipeline) -> list[BaseException]:
        raised: list[BaseException] = []

        def taken() -> None:
            try:
                list(export.pieces())
            except BaseException as error:  # noqa: BLE001 -- told to the test
                raised.append(error)

        threads.append(threading.Thread(target=taken))
        threads[-1].start()
        return raised

    yield run
    for thread in threads:
        thread.join(30)
        assert not thread.is_alive()


@pytest.mark.parametrize("error", RAISED)
def test_a_reader_who_cannot_be_looked_at_takes_no_limit_from_anybody(
    beside: Any, error: type[BaseException], caplog: Any
) -> None:
    broken = Reader(looking=error("broken"))
    raised = beside(slow(broken, ExportLimits(seconds=LATE, statement_seconds=2)))
    wait_for(lambda: broken.looks)
    assert_is_ended(slow())
    wait_for(lambda: raised)
    assert isinstance(raised[0], LimitReached)
    assert broken.looks > 1
    # Once, not four times a second.
    assert caplog.text.count("report slow cannot be supervised") == 1


@pytest.mark.parametrize("error", RAISED)
def test_a_reader_who_cannot_be_hung_up_on_is_left_all_the_same(
    committed: Any, error: type[BaseException], caplog: Any
) -> None:
    export = slow(Reader(leaving=error("broken")), ExportLimits(seconds=None))
    with pytest.raises(ReaderGone), export.watch:
        export.watch.stop(ReaderGone("The client has disconnected."))
        list(export.watch.reading(iter([b"piece"])))
    assert "the reader of report slow cannot be disconnected" in caplog.text


def test_an_export_that_cannot_tell_how_far_it_is_has_its_limits(committed: Any) -> None:
    told = iter([0])
    # From the second time on it raises StopIteration.
    watch = ExportSupervisor("slow", HALF, lambda: next(told))
    begin = time.monotonic()
    with pytest.raises(LimitReached, match="statement_seconds"), watch:
        list(watch.reading(_rows(watch)))
    assert time.monotonic() - begin < SOON


def _rows(watch: ExportSupervisor) -> Iterator[bytes]:
    with watch.snapshot(database_wrapper("default")) as connection:
        compiler = Statement(Slow(), {}, "default").queryset.query.get_compiler(
            connection=connection
        )
        for _ in compiler.results_iter(tuple_expected=True, chunked_fetch=True):
            yield b"row"


def test_a_statement_whose_interruption_fails_is_interrupted_again(
    committed: Any, monkeypatch: pytest.MonkeyPatch, sessions: Sessions, caplog: Any
) -> None:
    wrapper = type(database_wrapper("default"))
    interrupt, failed = wrapper.interrupt, []

    def fails_once(connection: DatabaseWrapperMixin) -> None:
        if not failed:
            failed.append(connection)
            raise OSError("no route to host")
        interrupt(connection)

    monkeypatch.setattr(wrapper, "interrupt", fails_once)
    export = slow(limits=ExportLimits(seconds=LATE, statement_seconds=None))
    threading.Timer(0.5, export.watch.stop, [ReaderGone("The client has disconnected.")]).start()
    with pytest.raises(ReaderGone):
        list(export.pieces())
    assert failed
    assert "the statement of report slow cannot be interrupted" in caplog.text


def test_a_process_without_a_thread_left_interrupts_when_it_has_one(
    committed: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    start, refused = threading.Thread.start, []

    def fails_once(thread: threading.Thread) -> None:
        if thread.name == "isoline-interrupt" and not refused:
            refused.append(thread)
            raise RuntimeError("can't start new thread")
        start(thread)

    monkeypatch.setattr(threading.Thread, "start", fails_once)
    # The server itself ends nothing here.
    export = slow(limits=ExportLimits(seconds=LATE, statement_seconds=None))
    threading.Timer(0.5, export.watch.stop, [ReaderGone("The client has disconnected.")]).start()
    begin = time.monotonic()
    with pytest.raises(ReaderGone):
        list(export.pieces())
    assert refused
    assert time.monotonic() - begin < SOON


class Failing(logging.Handler):
    """A log that cannot be written to."""

    def handle(self, record: logging.LogRecord) -> bool:
        raise OSError("no space left on device")


@pytest.fixture
def no_log() -> Iterator[None]:
    """The log of exports cannot be written to."""
    handler = Failing()
    logger = logging.getLogger("isoline.exports")
    logger.addHandler(handler)
    yield
    logger.removeHandler(handler)


def test_limits_hold_without_a_log(beside: Any, no_log: None) -> None:
    broken = Reader(looking=ValueError("broken"))
    beside(slow(broken))
    wait_for(lambda: broken.looks)
    assert_is_ended(slow())


class Told:
    """A running export whose progress report raises the given error."""

    def __init__(self, raised: BaseException | None = None) -> None:
        self.times = 0
        self._raised = raised

    def report_progress(self) -> bool:
        self.times += 1
        if self._raised:
            raise self._raised
        return True


@pytest.mark.parametrize("error", RAISED)
def test_what_cannot_tell_that_it_lives_keeps_nobody_else_from_telling(
    committed: Any, monkeypatch: pytest.MonkeyPatch, error: type[BaseException], caplog: Any
) -> None:
    monkeypatch.setattr("reports.exports.heartbeat.SECONDS", 0.05)
    heartbeat = Heartbeat()
    everybody = [Told(error("broken")), Told(), Told(error("broken")), Told()]
    for each in everybody:
        heartbeat.add(each)
    wait_for(lambda: all(each.times > 3 for each in everybody))
    for each in everybody:
        heartbeat.discard(each)
    assert "the progress of an export cannot be recorded" in caplog.text


def test_exports_tell_that_they_live_again_when_their_database_is_back(
    alone: Any, sessions: Sessions, monkeypatch: pytest.MonkeyPatch, caplog: Any
) -> None:
    """A lock delays the thread for a moment; a new session replaces a lost one."""
    monkeypatch.setattr("reports.exports.heartbeat.SECONDS", 0.05)
    monkeypatch.setattr("reports.exports.tracking.PATIENCE", 0.2)
    export = TrackedExport(Statement(Slow(), {}, "default"), FORMATS["csv"])
    export._begin()
    other, heartbeat = Told(), Heartbeat()
    heartbeat.add(export)
    heartbeat.add(other)
    with sessions.holding("isoline_export"):
        wait_for(lambda: "The progress of an export cannot be recorded" in caplog.text)
        before = other.times
        wait_for(lambda: other.times > before + 2)
    if sessions.has_server:
        sessions.end_others()
    export.rows = 1234
    wait_for(Export.objects.filter(rows=1234).exists)
    heartbeat.discard(export)
    heartbeat.discard(other)
