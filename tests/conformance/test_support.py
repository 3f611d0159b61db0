"""docs/support.md says what this database really does."""

import json
from collections.abc import Iterator
from typing import Any

import django
import pytest

from tests import under_test
from tests.conformance import support, support_shapes

SERIES = ".".join(map(str, django.VERSION[:2]))
CASES = [(kind, name) for kind, found in support.samples().items() for name in found]


def sample_of(kind: str, name: str) -> support.Sample:
    """What stands for Django's name."""
    return support.samples()[kind][name]


@pytest.fixture(scope="session")
def kept(request: pytest.FixtureRequest) -> Iterator[dict[str, Any]]:
    """The verdicts as committed; with --renew-expected this database's are written."""
    path = support.RESULTS
    results = json.loads(path.read_text()) if path.exists() else {"django": SERIES, "verdicts": {}}
    yield results
    if request.config.getoption("--renew-expected"):
        kinds = support.samples()
        verdicts = results["verdicts"]
        results["verdicts"] = {
            kind: {name: verdicts.get(kind, {}).get(name, {}) for name in kinds[kind]}
            for kind in kinds
        }
        path.write_text(json.dumps(results, indent=1, sort_keys=True) + "\n")


@pytest.mark.django_db
@pytest.mark.parametrize(("kind", "name"), CASES)
def test_a_verdict_is_what_the_page_says(
    kind: str, name: str, kept: dict[str, Any], hostile: None, request: pytest.FixtureRequest
) -> None:
    if kept["django"] != SERIES:
        pytest.skip(f"the page is about Django {kept['django']}")
    sample = sample_of(kind, name)
    if sample.is_spatial:
        support_shapes.make()
    found = support.verdict(sample)
    verdicts = kept["verdicts"].setdefault(kind, {}).setdefault(name, {})
    if request.config.getoption("--renew-expected"):
        verdicts[under_test.name()] = found
    assert verdicts.get(under_test.name()) == found


def test_nothing_of_django_is_left_out() -> None:
    for kind, names in support.names_of_django().items():
        assert names <= support.samples()[kind].keys(), kind


@pytest.mark.parametrize(
    ("kind", "name"), [case for case in CASES if sample_of(*case).isoline is None]
)
def test_what_the_page_calls_refused_is_refused(kind: str, name: str) -> None:
    from reports.errors import NotPortable

    with pytest.raises(NotPortable):
        support.declared(sample_of(kind, name))


# Whose value Django leaves to the database, or which need places.
UNANSWERED = {"Avg", "Cast", "Greatest", "Least", "Round", "StdDev", "Variance"}


@pytest.mark.parametrize(
    ("kind", "name"),
    [  # Only Isoline's own expressions compute shapes.
        case
        for case in CASES
        if sample_of(*case).isoline is not None and not sample_of(*case).is_spatial
    ],
)
def test_djangos_own_is_answered_where_it_has_one_meaning(kind: str, name: str) -> None:
    assert support.is_answered(sample_of(kind, name)) == (name not in UNANSWERED)
