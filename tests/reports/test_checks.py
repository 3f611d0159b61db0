"""`manage.py check` finds mistakes in a report before it is requested."""

from typing import Any

import pytest
from django.core import checks
from django.core.management import call_command
from django.core.management.base import SystemCheckError
from django.db import OperationalError, models

from reports import Column, Report, registry
from reports.checks import as_errors, check_lines, check_reports
from reports.errors import BrokenReport, UnknownReport
from reports.exports.fastcsv import library
from reports.queries import available
from tests.hostile.models import Entry


@pytest.fixture(autouse=True)
def of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    """Restores the registry and the known faults after each test."""
    monkeypatch.setattr(registry.default, "_reports", dict(registry.default._reports))
    monkeypatch.setattr(registry.default, "_faults", [])
    monkeypatch.setattr(available, "_told", set())


@pytest.fixture
def declared(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Returns a function that makes a report with this column the only registered one."""

    def declare(column: Any) -> None:
        report = type("Probe", (Report,), {"queryset": Entry.objects.all(), "found": column})
        monkeypatch.setattr(registry.default, "_reports", {})
        registry.register(report)

    return declare


def test_every_report_there_is_passes() -> None:
    assert check_reports() == []


def test_lines_that_are_not_compiled_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    assert check_lines() == []
    monkeypatch.setattr(library, "load", lambda: None)
    (message,) = check_lines()
    assert message.id == "reports.W001"
    assert "csvrows.c is not compiled" in message.msg
    assert "reports/exports/fastcsv/library.py" in str(message.hint)


@pytest.mark.parametrize(
    ("column", "identifier", "sentence"),
    [
        (Column("nothing"), "reports.E001", "Cannot resolve keyword 'nothing'"),
        (Column(models.F("owner__nothing")), "reports.E001", "nothing"),
        (Column(models.Value(1.5)), "reports.E001", "probe.found: A float has no natural number"),
        (Column(models.functions.MD5("text")), "reports.E002", "Django's MD5 is refused"),
        (Column(models.Func("text", function="X")), "reports.E002", "Django's Func is refused"),
    ],
)
def test_a_wrong_report_is_named(
    declared: Any, column: Column, identifier: str, sentence: str
) -> None:
    declared(column)
    (message,) = check_reports()
    assert message.id == identifier
    assert sentence in message.msg
    assert str(message.obj).endswith(".Probe")
    assert f'(File "{__file__}", line ' in message.msg
    with pytest.raises(BrokenReport, match=r"Probe is broken: "):
        available.get("probe")
    assert available.every() == []


def test_a_broken_report_is_an_error_for_check_alone(declared: Any) -> None:
    declared(Column("nothing"))
    (warning,) = check_reports()
    assert (warning.level, warning.is_serious()) == (checks.WARNING, False)
    assert "`manage.py check` ends with an error" in str(warning.hint)
    with as_errors():
        (error,) = check_reports()
    assert error.is_serious()
    assert not check_reports()[0].is_serious()
    with pytest.raises(SystemCheckError, match=r"Probe: \(reports.E001\)"):
        call_command("check")


def test_the_log_tells_once_of_what_no_check_has_told(declared: Any, caplog: Any) -> None:
    declared(Column("nothing"))
    for _ in range(2):
        assert available.every() == []
    (record,) = caplog.records
    assert record.levelname == "WARNING"
    assert "(reports.E001)" in record.message
    declared(Column("nobody"))
    check_reports()
    with pytest.raises(BrokenReport):
        available.get("probe")
    assert len(caplog.records) == 1


@pytest.mark.parametrize("error", [KeyError("x"), RuntimeError("later"), RecursionError()])
def test_whatever_an_authors_code_raises_is_a_fault_as_long_as_it_does(
    monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    class Failing(Report):
        queryset = Entry.objects.all()
        text = Column("text")
        is_well = False

        def get_queryset(self, parameters: dict[str, Any]) -> Any:
            if not self.is_well:
                raise error
            return super().get_queryset(parameters)

    registry.register(Failing)
    (message,) = check_reports()
    assert message.msg.startswith(f"{type(error).__name__}: ")
    monkeypatch.setattr(Failing, "is_well", True)
    assert available.get("failing")


def test_a_database_that_is_away_is_no_fault_of_a_report() -> None:
    class Asking(Report):
        queryset = Entry.objects.all()
        text = Column("text")

        def get_queryset(self, parameters: dict[str, Any]) -> Any:
            raise OperationalError("it is away")

    registry.register(Asking)
    assert check_reports() == []
    assert available.get("asking")


def test_a_wrong_declaration_is_broken_and_does_not_raise() -> None:
    @registry.register
    class Wrong(Report):
        queryset = Entry.objects.all()

    @registry.register
    class Abstract(Report):
        text = Column("text")

    @registry.register
    class Stranger:
        text = Column("text")

    found = {str(message.obj).rpartition(".")[2]: message.msg for message in check_reports()}
    assert list(found) == ["Wrong", "Abstract", "Stranger"]
    assert found["Wrong"].startswith("Wrong has no columns: ")
    assert found["Abstract"].startswith("Abstract is abstract, because it has no queryset")
    assert "is not a Report: inherit from reports.Report" in found["Stranger"]
    with pytest.raises(BrokenReport, match="Wrong is broken: Wrong has no columns"):
        registry.get("wrong")
    with pytest.raises(UnknownReport):
        registry.get("stranger")


def test_the_second_of_two_reports_with_a_slug_is_broken() -> None:
    first = registry.get("hostile-texts")
    again = type("HostileTexts", (Report,), {"queryset": Entry.objects.all(), "a": Column("text")})
    registry.register(again)
    (message,) = check_reports()
    assert "both have the slug 'hostile-texts': rename one" in message.msg
    assert registry.get("hostile-texts") is first


def test_the_same_declaration_again_is_one_report() -> None:
    """A module that failed to import is imported again."""
    for _ in range(2):

        @registry.register
        class Again(Report):
            queryset = Entry.objects.all()
            text = Column("text")

    assert type(registry.get("again")) is Again
    assert check_reports() == []


def test_checking_asks_no_database(declared: Any) -> None:
    # pytest-django blocks every query of a test that has no database.
    declared(Column("text"))
    assert check_reports() == []
