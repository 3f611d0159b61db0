"""Reports with different permissions."""

import threading
from collections.abc import Callable

import pytest

import reports
from geo.models import Airport, City
from reports import Column, registry

type Register = Callable[[type[reports.Report]], type[reports.Report]]


@pytest.fixture
def register(monkeypatch: pytest.MonkeyPatch) -> Register:
    """`reports.register`, undone after the test."""
    monkeypatch.setattr(registry.default, "_reports", dict(registry.default._reports))
    monkeypatch.setattr(registry.default, "_faults", list(registry.default._faults))
    return reports.register


@pytest.fixture
def for_staff(register: Register) -> type[reports.Report]:
    """A report that sets no permission."""

    class ForStaff(reports.Report):
        queryset = Airport.objects.all()
        name = Column("name")

    return register(ForStaff)


@pytest.fixture
def for_the_permitted(register: Register) -> type[reports.Report]:
    """A report with a permission."""

    class ForThePermitted(reports.Report):
        queryset = Airport.objects.all()
        name = Column("name")

        class Meta:
            permission = "isoline_geo.view_airport"

    return register(ForThePermitted)


@pytest.fixture
def many_pages(register: Register) -> type[reports.Report]:
    """A public report of 134 rows, 20 on a page, many of them equal in its ordering."""

    class ManyPages(reports.Report):
        queryset = City.objects.filter(country="FI")
        timezone = Column("timezone")
        division = Column("admin1_code")
        name = Column("name")

        class Meta:
            ordering = ["-timezone", "division"]
            permission = None
            page_size = 20

    return register(ManyPages)


def wait_until[Found](found: Callable[[], Found]) -> Found:
    """Returns the first true result within twenty seconds."""
    patience = threading.Event()
    for _ in range(400):
        if it := found():
            return it
        patience.wait(0.05)
    raise AssertionError("it did not come")
