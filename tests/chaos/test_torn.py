"""One moment an export: rows that change while they are read do not tear it."""

import csv
import io
import os
import random
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.models import F

from reports import Column, Report
from reports.exports.pipeline import ExportPipeline
from reports.formats import FORMATS
from reports.queries.statement import Statement
from tests.hostile.models import Account

SEED = int(os.environ.get("ISOLINE_SEED", "2013"))
EXPORTS = int(os.environ.get("ISOLINE_CUTS", "200")) // 10
# Several times what a database hands over at once.
ACCOUNTS, AMOUNT = 20_000, 1_000_000
PAUSE = 0.05  # seconds that the reader takes over a piece


class Accounts(Report):
    """What belongs to each."""

    queryset = Account.objects.all()
    number = Column("pk")
    amount = Column("amount")


class Writer(threading.Thread):
    """Moves something from one account to another, all the time."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.moves = 0
        self.failure: BaseException | None = None
        self.is_over = threading.Event()

    def run(self) -> None:
        chance = random.Random(SEED)
        try:
            while not self.is_over.is_set():
                # From the last to the first, the other way about, or anywhere.
                giving, taking = chance.sample(range(ACCOUNTS), 2)
                moved = chance.randrange(1, 1000)
                with transaction.atomic():
                    Account.objects.filter(pk=giving).update(amount=F("amount") - moved)
                    Account.objects.filter(pk=taking).update(amount=F("amount") + moved)
                self.moves += 1
        except BaseException as error:  # noqa: BLE001 -- raised by the test
            self.failure = error
        finally:
            connection.close()


@pytest.fixture
def writer(committed: Any) -> Iterator[Writer]:
    """At work among accounts that hold the same in all."""
    Account.objects.all().delete()
    Account.objects.bulk_create(
        [Account(pk=number, amount=AMOUNT) for number in range(ACCOUNTS)], batch_size=5000
    )
    thread = Writer()
    thread.start()
    yield thread
    thread.is_over.set()
    thread.join()
    Account.objects.all().delete()


def test_the_sum_of_what_moves_is_the_same_in_every_export(writer: Writer) -> None:
    found: dict[str, int] = {}
    for _ in range(EXPORTS):
        export = ExportPipeline(Statement(Accounts(), {}, "default"), FORMATS["csv"], "raw")
        body, before = b"", writer.moves
        for piece in export.pieces():
            body += piece
            time.sleep(PAUSE)
        assert writer.moves > before, writer.failure
        rows = csv.DictReader(io.StringIO(body.decode()))
        found[export.sha256] = sum(int(row["amount"]) for row in rows)
    assert len(found) == EXPORTS  # each of another moment
    assert set(found.values()) == {ACCOUNTS * AMOUNT}
    assert writer.failure is None
