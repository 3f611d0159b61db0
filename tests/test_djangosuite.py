"""What script/djangosuite takes for a difference, and what its list may hold."""

import tomllib

import pytest

from tests.djangosuite.__main__ import ENGINES, EXPECTED, MOST_EXPECTED, Differences

pytestmark = pytest.mark.once

STOCK = {"a.T.passes": ("passed", ""), "a.T.fails": ("failed", "why"), "a.T.skips": ("skipped", "")}


@pytest.mark.parametrize(
    ("ours", "lost"),
    [
        (STOCK, {}),
        (STOCK | {"a.T.fails": ("passed", "")}, {}),
        (STOCK | {"a.T.passes": ("failed", "how")}, {"a.T.passes": "failed: how"}),
        (STOCK | {"a.T.passes": ("skipped", "how")}, {"a.T.passes": "skipped: how"}),
        (STOCK | {"setUpClass (a.T)": ("failed", "how")}, {"setUpClass (a.T)": "how"}),
    ],
)
def test_what_passes_on_djangos_engine_must_pass(
    ours: dict[str, tuple[str, str]], lost: dict[str, str]
) -> None:
    assert Differences.of(STOCK, ours, {}).unexpected == lost
    assert not Differences.of(STOCK, ours, dict.fromkeys(lost, "reason"))


def test_a_test_that_was_not_run_is_lost() -> None:
    found = Differences.of(STOCK, {}, {})
    assert found.unexpected.keys() == {"a.T.passes"}
    assert found.unexpected["a.T.passes"].startswith("absent")


def test_a_listed_test_that_passes_is_stale() -> None:
    assert Differences.of(STOCK, STOCK, {"a.T.passes": "reason"}).stale == ["a.T.passes"]
    assert not Differences.of(STOCK, STOCK, {"b.T.of_another_label": "reason"})


def test_the_list_has_a_few_single_tests_for_each_database() -> None:
    expected = tomllib.loads(EXPECTED.read_text())
    assert expected.keys() == ENGINES.keys()
    for listed in expected.values():
        assert len(listed) <= MOST_EXPECTED
        assert all(name.split(".")[-1].startswith("test") for name in listed)
