"""Report definitions as values, and separate registries."""

import dataclasses
from typing import Any

import pytest
from django.db.models import F

from aviation.models import Plane
from reports import Column, Report, filters, registry
from reports.columns import Key
from reports.definition import ReportDefinition
from reports.errors import BrokenReport, DeclarationError, UnknownReport
from reports.expressions import Avg, Count
from reports.options import Options
from reports.queries.request import ReportRequest, bound, run
from reports.registry import Registry
from reports.report import report_of
from tests.reports.test_sql_snapshot import BUNDLED


def planes(**given: Any) -> ReportDefinition:
    """Returns a definition from plain values, as for a stored report."""
    columns = {"planes": Column(Count("pk")), "seats": Column(Avg("seats"), places=1)}
    values: dict[str, Any] = {
        "slug": "planes-2013",
        "queryset": Plane.objects.all(),
        "title": "Planes",
        "columns": {name: column.named(name) for name, column in columns.items()},
        "keys": {"engine": Key(F("engine")).named("engine")},
        "filters": {"seats": filters.Minimum("seats").named("seats")},
        "options": Options(ordering=("-planes",), permission=None),
    }
    return ReportDefinition(**values | given)


class Planes2013(Report):
    title = "Planes"
    queryset = Plane.objects.all()
    group_by = {"engine": F("engine")}
    planes = Column(Count("pk"))
    seats = Column(Avg("seats"), places=1)
    at_least = filters.Minimum("seats")

    class Meta:
        ordering = ["-planes"]
        permission = None


@pytest.mark.django_db
def test_a_definition_makes_the_report_that_the_class_syntax_makes() -> None:
    made = bound(ReportRequest(slug="planes-2013"), report=report_of(planes())).result()
    declared = bound(ReportRequest(slug="planes2013"), report=Planes2013()).result()
    assert [each.label for each in made.columns] == [each.label for each in declared.columns]
    assert list(made.rows()) == list(declared.rows())
    assert made.facts["report"] == "planes-2013"


def test_a_definition_is_frozen() -> None:
    definition = planes()
    with pytest.raises(dataclasses.FrozenInstanceError):
        definition.slug = "another"  # type: ignore[misc]
    with pytest.raises(TypeError):
        definition.columns["more"] = Column("pk")  # type: ignore[index]
    assert Planes2013.definition.columns == Planes2013.columns


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"columns": {}, "keys": {}}, "has no columns"),
        ({"options": Options(ordering=("nothing",))}, "ordering names 'nothing'"),
        ({"queryset": None}, "has no queryset"),
        ({"queryset": [1]}, "queryset is [1]; write a queryset"),
        ({"filters": {"page": filters.Minimum("seats").named("page")}}, "that every page uses"),
    ],
)
def test_a_definition_is_checked_like_a_class(given: Any, sentence: str) -> None:
    with pytest.raises(DeclarationError) as caught:
        report_of(planes(**given))
    assert sentence in str(caught.value)


@pytest.mark.parametrize("report", BUNDLED, ids=lambda report: report.slug)
def test_every_bundled_report_is_made_anew_by_its_definition(report: Report) -> None:
    made = report_of(report.definition)
    assert (made.slug, str(made.title), made.options) == (
        *(report.slug, str(report.title)),
        report.options,
    )
    assert (list(made.keys), list(made.columns), list(made.filters)) == (
        *(list(report.keys), list(report.columns)),
        list(report.filters),
    )


@pytest.mark.django_db
def test_a_registry_of_one_s_own_leaves_the_project_s_alone() -> None:
    before = [each.slug for each in registry.every()]
    own = Registry()
    assert list(own.every()) == []
    own.register(Planes2013)
    own.add(report_of(planes()))
    assert [each.slug for each in own.every()] == ["planes-2013", "planes2013"]
    assert "planes-2013" in own
    assert list(run(ReportRequest(slug="planes-2013"), registry=own).rows())
    with pytest.raises(DeclarationError, match="There is a report 'planes-2013' already"):
        own.add(report_of(planes()))
    own.remove("planes-2013")
    with pytest.raises(UnknownReport):
        own.get("planes-2013")
    own.clear()
    assert list(own.every()) == []
    assert [each.slug for each in registry.every()] == before


def test_a_registry_keeps_what_is_wrong_with_a_report() -> None:
    own = Registry()

    class Nothing(Report):
        queryset = Plane.objects.all()

    own.register(Nothing)
    (fault,) = own.faults()
    assert "has no columns" in fault.cause
    with pytest.raises(BrokenReport):
        own.get("nothing")
    assert fault not in registry.faults()
