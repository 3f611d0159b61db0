"""What docs/upgrading.md shows, on each series of Django: a project goes from one to the next."""

import json
import os
import re
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

import django
import psycopg
import pytest
from django.db import connection
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

from reports import expressions
from tests import under_test
from tests.stranger import upgrade
from tests.stranger.project import Answer, Project
from tests.stranger.upgrade import BLOCKS, COMMANDS, PAGE, SERIES, blocks, run

type Pages = Mapping[str, Mapping[str, Answer]]

of_each_series = pytest.mark.parametrize("series", SERIES)
of_new_series = pytest.mark.parametrize("series", SERIES[1:])
REPORT = "/insights/reports/customers-by-total"
REPORT_PATHS = (f"{REPORT}/", f"{REPORT}.csv")
PATHS = ("/start/", "/plain/", "/orders/", "/rows/", "/customers/", "/customers/?page=2")
CSV = 'Total,Customers\r\n1.00,Joan\r\n9.90,"Ada, Grace"\r\n'
TABLES = {
    heading.split("|")[1].strip(): [
        [cell.strip() for cell in row.strip("|").split("|")] for row in rows.splitlines()
    ]
    for heading, rows in re.findall(r"^(\|.*\|)\n\|[-|]+\|\n((?:\|.*\|\n)+)", PAGE, re.M)
}


@pytest.fixture(scope="session")
def projects(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Project]:
    """The project on each series, with the data that it had on the one before."""
    database = _postgres() if under_test.name() == "postgis" else {}
    made: dict[str, Project] = {}
    before = None
    for series in SERIES:
        installed = upgrade.environment(tmp_path_factory.mktemp("environment"), series, wheel)
        folder = tmp_path_factory.mktemp("project")
        before = made[series] = upgrade.project(installed, folder, series, before, database)
    return made


def _postgres() -> dict[str, str]:
    """The settings of a new database of the server under test."""
    url = urlsplit(os.environ["DATABASE_URL"])
    with psycopg.connect(url._replace(scheme="postgresql").geturl(), autocommit=True) as server:
        server.execute("CREATE DATABASE shop")
    return {
        "NAME": "shop", "HOST": str(url.hostname), "PORT": str(url.port),
        "USER": str(url.username), "PASSWORD": str(url.password),
    }  # fmt: skip


@pytest.fixture(scope="session")
def pages(projects: Mapping[str, Project]) -> Pages:
    """What each series answers, by path."""
    found = {}
    for series, shop in projects.items():
        paths = PATHS if series == "5.2" else (*PATHS, *REPORT_PATHS)
        found[series] = dict(zip(paths, shop.get(*paths), strict=True))
        assert {each.status for each in found[series].values()} == {200}
    return found


@pytest.mark.once
def test_every_block_of_code_names_its_file_and_series() -> None:
    assert len(BLOCKS.findall(PAGE)) == len(re.findall(r"^```\w+$", PAGE, re.M)) > 30
    assert {series for *_, series, _ in BLOCKS.findall(PAGE)} == {*SERIES}


@pytest.mark.once
def test_links_within_the_page_lead_to_headings() -> None:
    headings = re.findall(r"^##+ (.*)$", PAGE, re.M)
    anchors = {re.sub(r"[^\w -]", "", each.lower()).replace(" ", "-") for each in headings}
    links = re.findall(r"\(#([^)]+)\)", PAGE)
    assert links
    assert {*links} <= anchors


@pytest.mark.once
@of_each_series
def test_the_packages_and_the_python_are_those_of_the_page(
    projects: Mapping[str, Project], series: str
) -> None:
    wanted = upgrade.requirements(series)
    names = ["django", *(Requirement(each).name for each in wanted["dependencies"])]
    code = (
        "import json\nfrom importlib import metadata\n"
        f"print(json.dumps([metadata.version(name) for name in {names}]))"
    )
    installed = json.loads(run(projects[series], code))
    assert installed[0].startswith(f"{series}.")
    for each, version in zip(wanted["dependencies"], installed[1:], strict=True):
        assert Requirement(each).specifier.contains(version), each
    code = "from importlib import metadata\nprint(metadata.metadata('django')['Requires-Python'])"
    assert SpecifierSet(run(projects[series], code)) == SpecifierSet(wanted["requires-python"])


@pytest.mark.once
@of_each_series
def test_the_commands_succeed(projects: Mapping[str, Project], series: str) -> None:
    commands = [code for file, code in blocks(series) if file == COMMANDS]
    assert len(commands) == {"5.2": 1, "6.0": 1, "6.1": 2}[series]
    said = "".join(map(projects[series].obey, commands))
    assert ("models.W042" in said) == (series == "5.2")
    assert "RemovedInDjango" not in said


@pytest.mark.once
@of_new_series
def test_without_the_setting_every_key_is_altered(
    projects: Mapping[str, Project], series: str
) -> None:
    shop = projects[series]
    shop.add("mysite/without.py", "from mysite.settings import *\ndel DEFAULT_AUTO_FIELD\n")
    check = ("makemigrations", "--check", "--dry-run")
    done = shop.manage(*check, DJANGO_SETTINGS_MODULE="mysite.without")
    assert (done.returncode, "Alter field id on order" in done.stdout) == (1, True)
    assert done.stdout.count("Alter field") == 1
    assert shop.manage(*check).returncode == 0


def _summaries(projects: Mapping[str, Project], series: str) -> list[list[str]]:
    code = (
        "import json\nfrom shop.summaries import customers_by_total as rows\n"
        "print(json.dumps([[str(row['total']), row['customers']] for row in rows()]))"
    )
    # 5.2 warns of `ordering`, as the page says.
    warnings = "default" if series == "5.2" else "error"
    found: list[list[str]] = json.loads(run(projects[series], code, warnings=warnings))
    return found


@pytest.mark.once
@of_new_series
def test_string_agg_is_for_every_database(projects: Mapping[str, Project], series: str) -> None:
    assert _summaries(projects, series) == [["1.00", "Joan"], ["9.90", "Ada, Grace"]]


@pytest.mark.once("postgis")
@of_each_series
def test_string_agg_returns_what_that_of_postgresql_did(
    projects: Mapping[str, Project], series: str
) -> None:
    assert _summaries(projects, series) == [["1.00", "Joan"], ["9.90", "Ada, Grace"]]


PLAIN_DELIMITER = """
from django.core.exceptions import FieldError
from django.db.models import StringAgg
from shop.models import Order
try:
    Order.objects.aggregate(customers=StringAgg("customer", ", "))
except FieldError as error:
    print(error)
"""
OF_POSTGRESQL = """
import warnings
warnings.simplefilter("ignore")
from django.contrib.postgres.aggregates import StringAgg
import reports
from reports import Column
from reports.errors import NotPortable
from reports.queries.statement import Statement
from shop.models import Order
class Customers(reports.Report):
    queryset = Order.objects.values("total").annotate(all=StringAgg("customer", ", "))
    customers = Column("all")
try:
    Statement(reports.register(Customers)(), {}, "default")
except NotPortable as error:
    print(error)
"""


@pytest.mark.once
@of_new_series
def test_a_plain_delimiter_is_a_field(projects: Mapping[str, Project], series: str) -> None:
    said = run(projects[series], PLAIN_DELIMITER)
    assert said.startswith("Cannot resolve keyword ', ' into field.")


@pytest.mark.once
@of_new_series
def test_a_report_has_the_same_summary(pages: Pages, series: str) -> None:
    assert pages[series][f"{REPORT}.csv"].text == CSV


@pytest.mark.once("postgis")
@of_new_series
def test_a_report_has_the_same_summary_on_postgresql(pages: Pages, series: str) -> None:
    assert pages[series][f"{REPORT}.csv"].text == CSV


@pytest.mark.once
@of_new_series
def test_a_report_refuses_aggregates_of_postgresql(
    projects: Mapping[str, Project], series: str
) -> None:
    said = run(projects[series], OF_POSTGRESQL)
    assert "Django's StringAgg is refused" in said
    assert said.endswith("Use reports.expressions.StringAgg.")


@pytest.mark.once
@of_new_series
def test_what_is_new_in_django_is_in_reports(projects: Mapping[str, Project], series: str) -> None:
    new = dict(TABLES["new in Django"])[series].strip("`").split()
    code = (
        "from django.contrib.gis.db.models import functions\nfrom django.db import models\n"
        f"print(*(name for name in {new} if hasattr(models, name) or hasattr(functions, name)))"
    )
    assert run(projects[series], code).split() == new
    assert run(projects[SERIES[SERIES.index(series) - 1]], code) == ""
    assert [name for name in new if hasattr(expressions, name)] == new


@pytest.mark.once
@of_each_series
def test_a_lookup_of_the_project_works(projects: Mapping[str, Project], series: str) -> None:
    code = (
        "from shop import lookups\nfrom shop.models import Order\n"
        "print(*Order.objects.filter(customer__ne='Ada').order_by('pk')"
        ".values_list('customer', flat=True))"
    )
    assert run(projects[series], code) == "Grace Joan"


@pytest.mark.once
@of_each_series
def test_a_task_runs(projects: Mapping[str, Project], series: str) -> None:
    code = "from shop.tasks import count_orders\nprint(count_orders.enqueue('Ada').return_value)"
    assert run(projects[series], code) == "1"


@pytest.mark.once
@of_new_series
def test_a_task_exports_a_report(projects: Mapping[str, Project], series: str) -> None:
    code = (
        "from shop.tasks import export_report as task\ntask.enqueue('customers-by-total', 'a.csv')"
    )
    run(projects[series], code)
    assert (projects[series].folder / "a.csv").read_bytes() == CSV.encode()


@pytest.mark.once
def test_a_result_of_a_task_can_be_pickled(projects: Mapping[str, Project]) -> None:
    code = (
        "import pickle\nfrom shop.tasks import count_orders\n"
        "print(pickle.loads(pickle.dumps(count_orders.enqueue('Ada'))).return_value)"
    )
    assert run(projects["6.1"], code) == "1"


def _policy(answer: Answer) -> dict[str, set[str]]:
    directives = answer.headers["Content-Security-Policy"].split(";")
    return {name: set(sources) for name, *sources in map(str.split, directives)}


@pytest.mark.once
@of_each_series
def test_the_policy_is_the_same(pages: Pages, series: str) -> None:
    start, plain = (pages[series][path] for path in ("/start/", "/plain/"))
    match = re.fullmatch(r'\s*<script nonce="([^"]+)">start\(\)</script>\s*', start.text)
    assert match
    assert _policy(start) == {
        "default-src": {"'none'"},
        "script-src": {"'self'", f"'nonce-{match[1]}'"},
        **{
            f"{name}": {"'self'"} for name in ("style-src", "img-src", "connect-src", "form-action")
        },
    }
    assert plain.text == "No policy"
    assert "Content-Security-Policy" not in plain.headers


@pytest.mark.once
@of_new_series
def test_report_pages_need_that_policy_alone(pages: Pages, series: str) -> None:
    page = pages[series][f"{REPORT}/"]
    assert _policy(page)["script-src"] == {"'self'"}
    assert not re.search(r"<script(?![^>]* src=)|<style| style=| on\w+=", page.text)


@pytest.mark.once
@of_each_series
def test_partials_render_the_same(pages: Pages, series: str) -> None:
    whole, rows = (pages[series][path] for path in ("/orders/", "/rows/"))
    expected = "".join(f"<tr><td>{name}</td></tr>" for name in ("Grace", "Ada", "Joan"))
    assert rows.text == expected
    assert whole.text == f"\n<table>\n{expected}\n</table>\n"


@pytest.mark.once
@of_each_series
def test_pages_are_read_asynchronously(pages: Pages, series: str) -> None:
    paths = ("/customers/", "/customers/?page=2")
    assert [json.loads(pages[series][path].text) for path in paths] == [
        {"customers": ["Grace", "Ada"], "more": True},
        {"customers": ["Joan"], "more": False},
    ]


@pytest.mark.once
@pytest.mark.parametrize(("series", "queries"), [("6.0", 4), ("6.1", 2)])
def test_a_fetch_mode_reads_the_totals_at_once(
    projects: Mapping[str, Project], series: str, queries: int
) -> None:
    code = (
        "from django.db import connection\nfrom django.test.utils import CaptureQueriesContext\n"
        "from shop.fetching import orders\n"
        "with CaptureQueriesContext(connection) as queries:\n"
        "    totals = sorted(str(order.total) for order in orders())\n"
        "print(len(queries), *totals)"
    )
    assert run(projects[series], code) == f"{queries} 1.00 9.90 9.90"


FETCHED = """
import io
import reports
from django.core.management import call_command
from django.db.models import FETCH_PEERS
from shop.reports import CustomersByTotal
@reports.register
class Fetched(CustomersByTotal):
    queryset = CustomersByTotal.queryset.fetch_mode(FETCH_PEERS)
call_command("exportreport", "fetched", output="fetched.csv")
"""


@pytest.mark.once
def test_a_fetch_mode_changes_no_report(projects: Mapping[str, Project]) -> None:
    run(projects["6.1"], FETCHED)
    assert (projects["6.1"].folder / "fetched.csv").read_bytes() == CSV.encode()


BITS = "from shop.bits import all_bits\nprint(all_bits())"


@pytest.mark.once
def test_bitwise_aggregates_are_for_every_database(projects: Mapping[str, Project]) -> None:
    assert run(projects["6.1"], BITS) == "3"


@pytest.mark.once("postgis")
@of_new_series
def test_bitwise_aggregates_return_what_those_of_postgresql_did(
    projects: Mapping[str, Project], series: str
) -> None:
    assert run(projects[series], BITS) == "3"


@pytest.mark.once("spatialite")
@of_new_series
def test_check_reads_every_database_since_61(projects: Mapping[str, Project], series: str) -> None:
    shop = projects[series]
    shop.add(
        "mysite/attached.py",
        "from mysite.settings import *\n"
        "DATABASES['warehouse'] = DATABASES['default'] | {'NAME': '/no/such/folder/db.sqlite3'}\n",
    )
    settings = {"DJANGO_SETTINGS_MODULE": "mysite.attached"}
    assert shop.manage("check", "--database", "default", **settings).returncode == 0
    whole = shop.manage("check", **settings)
    assert (whole.returncode, "unable to open database file" in whole.stderr) == (
        (1, True) if series == "6.1" else (0, False)
    )


DROPPED_COLUMN = """
from django.contrib.gis.db import models
from django.db import connection


class Place(models.Model):
    location = models.PointField()
    note = models.TextField()

    class Meta:
        app_label = "shop"


with connection.schema_editor() as editor:
    editor.create_model(Place)
with connection.schema_editor() as editor:
    editor.remove_field(Place, Place._meta.get_field("note"))
with connection.cursor() as cursor:
    columns = connection.introspection.get_table_description(cursor, "shop_place")
print(*(column.name for column in columns))
with connection.schema_editor() as editor:
    editor.delete_model(Place)
"""


@pytest.mark.once("spatialite")
@of_new_series
def test_a_column_beside_places_can_be_dropped(
    projects: Mapping[str, Project], series: str
) -> None:
    assert run(projects[series], DROPPED_COLUMN) == "id location"


COMBINED = """
from django.db import DatabaseError
from shop.models import Order


class Sorted(Order):
    class Meta:
        app_label = "shop"
        ordering = ["customer"]
        proxy = True


totals = Sorted.objects.values_list("total", flat=True)
combined = totals.union(totals)
try:
    print("unordered", len(combined))
except DatabaseError:
    print("refused", len(combined.order_by()))
"""


@pytest.mark.once("postgis")
@pytest.mark.parametrize(("series", "said"), [("6.0", "unordered 2"), ("6.1", "refused 2")])
def test_a_combination_takes_the_order_of_the_model(
    projects: Mapping[str, Project], series: str, said: str
) -> None:
    assert run(projects[series], COMBINED) == said


@pytest.mark.once
@of_new_series
def test_a_class_of_warnings_has_two_names(projects: Mapping[str, Project], series: str) -> None:
    code = (
        "from django.utils import deprecation as of\n"
        "print(of.RemovedInDjango70Warning is of.RemovedInDjango2028Warning)"
    )
    assert run(projects[series], code) == "True"


MINIMUM = """
from django.db import connection
print(*connection.features.minimum_database_version, sep=".")
"""


def _least(product: str, series: str) -> str:
    (versions,) = (row for row in TABLES[""] if row[0] == product)
    return versions[SERIES.index(series)]


@pytest.mark.django_db
def test_the_least_version_of_the_database_under_test() -> None:
    products = {
        "spatialite": "SQLite", "postgis": "PostgreSQL", "mysql": "MySQL", "mariadb": "MariaDB",
    }  # fmt: skip
    minimum = ".".join(map(str, connection.features.minimum_database_version))
    series = "{}.{}".format(*django.VERSION)
    assert minimum == _least(products[connection.engine_name], series)


@pytest.mark.once("spatialite")
@of_new_series
def test_the_least_versions_of_python_and_sqlite(
    projects: Mapping[str, Project], series: str
) -> None:
    assert upgrade.requirements(series)["requires-python"] == f">={_least('Python', series)}"
    assert run(projects[series], MINIMUM) == _least("SQLite", series)


@pytest.mark.once("postgis")
@of_new_series
def test_the_least_version_of_postgresql(projects: Mapping[str, Project], series: str) -> None:
    assert run(projects[series], MINIMUM) == _least("PostgreSQL", series)
