"""What each database answers to Django's own expressions, beside what Isoline answers.

SAMPLES has every function, aggregate, operator and lookup of Django's, and Isoline's equal of it
where there is one. `verdict` asks the database under test both over the hostile rows. The verdicts
of the last run on each database are kept in support.json, of which `page` makes docs/support.md:

    script/test -- tests/conformance/test_support.py --renew-expected
    .venv/bin/python -m tests.conformance.support [--check]
"""

import inspect
import json
import math
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

HERE = Path(__file__).resolve().parent
RESULTS = HERE / "support.json"
PAGE = HERE.parent.parent / "docs" / "support.md"
DATABASES = ("postgis", "mysql", "mariadb", "spatialite")
NEW_YORK = ZoneInfo("America/New_York")
SAME, MADE, REFUSED = "same", "made the same", "refused"


@dataclass(frozen=True, slots=True)
class Sample:
    """Django's expression, Isoline's or None, and the places of a number that has none itself."""

    django: Any
    isoline: Any
    places: int | None = None
    is_aggregate: bool = False
    # Shapes that the test has made, in the place of the hostile rows.
    is_spatial: bool = False


@cache
def samples() -> dict[str, dict[str, Sample]]:
    """By kind and by Django's name."""
    from tests.conformance import support_samples, support_shapes

    return {
        "Functions": support_samples.functions(),
        "Aggregates": support_samples.aggregates(),
        "Windows": support_samples.windows(),
        "Operators and conditions": support_samples.operators(),
        "Lookups": support_samples.lookups(),
        "Spatial functions": support_shapes.functions(),
        "Spatial aggregates": support_shapes.aggregates(),
    }


def names_of_django() -> dict[str, set[str]]:
    """What Django has, as this release of it says."""
    from django.contrib.gis.db.models import aggregates as spatial_aggregates
    from django.contrib.gis.db.models import functions as spatial
    from django.db import models
    from django.db.models import Field, aggregates, functions
    from django.db.models.functions import window

    windows = set(window.__all__)
    fields = [
        field
        for field in vars(models).values()
        if inspect.isclass(field) and issubclass(field, Field)
    ]
    internal = {"ConcatPair"}
    bases = {"GeoFuncMixin", "GeoFunc", "GeomOutputGeoFunc"}
    return {
        "Functions": {name for name in functions.__all__ if name not in windows | internal},
        "Aggregates": set(aggregates.__all__) - {"Aggregate"},
        "Windows": windows,
        "Spatial functions": {
            name
            for name, cls in vars(spatial).items()
            if inspect.isclass(cls) and issubclass(cls, spatial.GeoFuncMixin) and name not in bases
        },
        "Spatial aggregates": set(spatial_aggregates.__all__),
        "Lookups": {name for field in fields for name in field.get_lookups()},
    }


def verdict(sample: Sample) -> str:
    """What the database under test makes of Django's own, next to Isoline's."""
    from django.db import Error, transaction

    from tests.conformance.harness import answers
    from tests.hostile.models import Entry

    if sample.isoline is None:
        return REFUSED
    if sample.is_spatial:
        return _spatial_verdict(sample)
    rows = Entry.objects.all()
    if isinstance(sample.django, dict):  # a lookup
        ours = [n for (n,) in answers({"id": "pk"}, queryset=rows.filter(**sample.isoline))]
        asked = rows.filter(**sample.django).order_by("pk").values_list("pk", flat=True)
    else:
        from django.db.models import F

        from reports import Column
        from reports.columns import Key

        column = Column(sample.isoline, places=sample.places)
        if sample.is_aggregate:
            ours = answers({"found": column}, group_by={"owner": Key(F("owner_id"))})
            asked = rows.order_by().values("owner_id").annotate(found=sample.django)
            asked = asked.values_list("owner_id", "found")
        else:
            ours = answers({"id": "pk", "found": column})
            asked = rows.order_by("pk").annotate(found=sample.django).values_list("pk", "found")
    try:
        with transaction.atomic():
            theirs = list(asked)
    # No answer: the server's error, or one of the many in which Django's own converters end when
    # a database gives another type than they expect.
    except (Error, ValueError, TypeError, KeyError, AttributeError, NotImplementedError):
        return MADE
    return SAME if _plain(theirs, sample) == _plain(ours, sample) else MADE


def _spatial_verdict(sample: Sample) -> str:
    """The same of shapes, in the test's own transaction."""
    from django.contrib.gis.gdal import GDALException
    from django.contrib.gis.geos import GEOSException
    from django.db import Error, transaction

    from reports import Column
    from tests.conformance.harness import statement
    from tests.conformance.support_shapes import rows

    asked = statement(
        {"id": "pk"} | {"found": Column(sample.isoline, places=sample.places)}
        if not sample.is_aggregate
        else {"found": Column(sample.isoline)},
        queryset=rows(sample),
        group_by={"country": "country"} if sample.is_aggregate else None,
    )
    ours = [asked.canonical(row) for row in asked.queryset]
    key = "country__name" if sample.is_aggregate else "pk"
    try:
        with transaction.atomic():
            found = rows(sample).order_by().values(key).annotate(found=sample.django)
            theirs = list(found.order_by(key).values_list(key, "found"))
    # As above; and what GEOS and GDAL say of bytes that are no geometry.
    except (Error, ValueError, TypeError, KeyError, AttributeError, NotImplementedError,
            GEOSException, GDALException):  # fmt: skip
        return MADE
    return SAME if _plain(theirs, sample) == _plain(ours, sample) else MADE


def _plain(rows: list[Any], sample: Sample) -> Any:
    """Rows whose numbers are as a report shows them, in an order of their own for groups."""
    from reports.values.numbers import round_half_up

    def plain(value: Any) -> Any:
        if isinstance(value, float | Decimal) and sample.places is not None:
            if isinstance(value, float) and math.isfinite(value):
                from reports.expressions.rounding import significant

                value = significant(value)
            if isinstance(value, Decimal):
                return round_half_up(value, sample.places)
        return value

    if isinstance(sample.django, dict):
        return rows
    found = [(key, plain(value)) for key, value in rows]
    return dict(found) if sample.is_aggregate else found


# The page


def page() -> str:
    """docs/support.md, from the kept verdicts."""
    results = json.loads(RESULTS.read_text())
    return "".join(_page(results))


def _page(results: dict[str, Any]) -> Iterator[str]:
    yield HEAD.format(django=results["django"])
    for kind, found in results["verdicts"].items():
        yield f"\n## {kind}\n\n| Django | PostGIS | MySQL | MariaDB | SpatiaLite | Write |\n"
        yield "|---|---|---|---|---|---|\n"
        for name in sorted(found, key=str.lower):
            verdicts = " | ".join(found[name][database] for database in DATABASES)
            yield f"| `{name}` | {verdicts} | {_write(kind, name)} |\n"


HEAD = """# What is the same, what is made the same, what is refused

Made by the suite itself, over the hostile rows, with Django {django}: run it again with
`script/test -- tests/conformance/test_support.py --renew-expected`, then
`.venv/bin/python -m tests.conformance.support`. Each cell is what a database did with Django's own:

- **same**: it answered as Isoline does, whose answer a plain Python oracle has proven.
- **made the same**: it answered otherwise or not at all. Isoline's expression of the same name in
  `reports.expressions` answers alike on all four. Where the last column says "as it is", that one
  is put in the place of Django's own wherever it stands; elsewhere Django's own is refused in a
  report, because its documented value depends on the database, or because it needs places.
- **refused**: Isoline has no equal of it. The reason stands beside it.

A column, a filter, the queryset, an annotation or a sub-query with what is refused is an error of
`manage.py check` (reports.E002) and of every page, command and download, before any SQL runs. A
report that names one database in `Meta.databases` may use whatever that database has.
"""


def _write(kind: str, name: str) -> str:
    from django.db.models.expressions import CombinedExpression, DurationExpression

    from reports import expressions
    from reports.portability import reasons

    sample = samples()[kind][name]
    if sample.isoline is not None:
        ours = f"`reports.expressions.{name}`" if name in expressions.__all__ else ""
        if not ours or not is_answered(sample):
            return ours or "as it is"
        return f"as it is, or {ours}"
    if isinstance(sample.django, dict):
        cls: type = _lookup_class(sample.django)
    else:
        cls = type(sample.django)
        if isinstance(sample.django, CombinedExpression) and name.startswith("date"):
            cls = DurationExpression  # Django makes one of it
    _, found = reasons.difference(cls)
    return f"{reasons.instead(cls)}: {found.differs} ([why]({found.link}))".replace("|", "\\|")


def is_answered(sample: Sample) -> bool:
    """Whether a report takes Django's own."""
    from reports.errors import NotPortable

    try:
        declared(sample)
    except NotPortable:
        return False
    return True


def declared(sample: Sample) -> None:
    """Make a report of Django's own; raises NotPortable where that is refused."""
    from reports import Column
    from tests.conformance import support_shapes
    from tests.conformance.harness import statement
    from tests.hostile.models import Entry

    if isinstance(sample.django, dict):
        statement({"id": "pk"}, queryset=Entry.objects.filter(**sample.django))
        return
    column = {"found": Column(sample.django, places=sample.places)}
    if sample.is_spatial:
        group_by = {"of": "country"} if sample.is_aggregate else None
        statement(column, queryset=support_shapes.rows(sample), group_by=group_by)
        return
    statement(column, group_by={"flag": "flag"} if sample.is_aggregate else None)


def _lookup_class(condition: dict[str, Any]) -> type:
    from django.db.models import Transform

    from tests.hostile.models import Entry

    (lookup,) = Entry.objects.filter(**condition).query.where.children
    return type(lookup.lhs if isinstance(lookup.lhs, Transform) else lookup)


def main() -> int:
    """Write docs/support.md; with --check, say whether it is as it would be written."""
    import os

    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "settings.test")
    django.setup()
    if "--check" not in sys.argv:
        PAGE.write_text(page())
        return 0
    if PAGE.exists() and PAGE.read_text() == page():
        return 0
    print(
        "docs/support.md is stale: .venv/bin/python -m tests.conformance.support", file=sys.stderr
    )
    return 1


if __name__ == "__main__":
    sys.exit(main())
