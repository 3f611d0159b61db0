"""Any text for any parameter gives a value, or an error that names the parameter."""

import re
from collections.abc import Callable, Collection
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from functools import partial
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reports import registry
from reports.errors import ParameterError
from reports.queries.parameters import read
from reports.queries.statement import Statement
from tests.hostile.fixture import rows
from tests.hostile.texts import TEXTS as CHOICES

WORDS = {
    *("today", "yesterday", "this-month", "last-month", "this-year", "last-year"),
    *("last-7-days", "last-30-days", "last-90-days", "last-12-months"),
}
NAMES = ["is_text", "of", "ranked", "worth", "when", "when_from", "when_to"]
TEXTS = (
    st.text()
    | st.integers().map(str)
    | st.integers(-99, 99).map(str)
    | st.decimals().map(str)
    | st.decimals(-(10**10), 10**10, places=6).map(str)
    | st.floats().map(str)
    | st.dates().map(str)
    | st.text(st.characters(categories=["Nd", "Cs", "Cc"]))
    | st.sampled_from([text for text in CHOICES if text])
    | st.sampled_from(sorted(WORDS))
    | st.from_regex(r"last-[0-9]{1,5}-(days|weeks|months|years)", fullmatch=True)
)
NOW = datetime(2026, 7, 15, 12, tzinfo=UTC)
REFUSED = object()


def _values(**given_: str) -> dict[str, Any]:
    texts = {name: [text] for name, text in given_.items()}
    return dict(read(registry.get("hostile-values"), texts, "default", now=NOW).values)


def _meant(name: str, text: str) -> Any:
    """Returns the value of a text by the documented rules and Python's numbers, or REFUSED."""
    if re.search("[\0\ud800-\udfff]", text):
        return REFUSED
    if text == "":
        return "" if name in ("is_text", "of", "when") else None
    try:
        return MEANINGS[name](text)
    except ValueError:
        return REFUSED


def _one_of(choices: Collection[str | None], text: str) -> str:
    if text not in choices:
        raise ValueError(text)
    return text


def _integer(text: str) -> int:
    """Returns an integer as Python reads it; only zeros may follow a point."""
    whole, _, places = text.partition(".")
    value = int(text if places.rstrip().strip("0") else whole)
    if not -(2**31) <= value < 2**31:
        raise ValueError(text)
    return value


def _decimal(text: str) -> Decimal:
    """Returns a decimal as Python reads it, with 9 digits before the point and 6 after it."""
    try:
        value = Decimal(text)
    except InvalidOperation as error:
        raise ValueError(text) from error
    exponent = value.as_tuple().exponent
    if isinstance(exponent, str) or exponent < -6 or not -(10**9) < value < 10**9:
        raise ValueError(text)
    return value


def _day(text: str) -> date:
    """Returns a day from year, month and day; month and day may have a single digit."""
    found = re.fullmatch(r"(\d{4})-([0-9]{1,2})-([12]\d|[03]?[0-9]| [0-9])", text.strip())
    if found is None:
        raise ValueError(text)
    day = date(*map(int, found.groups()))
    if not date(1000, 1, 2) <= day <= date(9999, 12, 29):
        raise ValueError(text)
    return day


def _period(text: str) -> str:
    """Returns the text if it names a period; none begins before the year 1000."""
    text = text.strip()
    if text not in WORDS:
        found = re.fullmatch("last-([1-9][0-9]{0,3})-(days|weeks|months|years)", text)
        if found is None or (found[2] == "years" and int(found[1]) > NOW.year - 1000):
            raise ValueError(text)
    return text


MEANINGS: dict[str, Callable[[str], Any]] = {
    "is_text": partial(_one_of, CHOICES),
    "of": lambda text: _one_of({str(row["owner_id"]) for row in rows().entries} - {"None"}, text),
    "ranked": _integer,
    "worth": _decimal,
    "when": _period,
    "when_from": _day,
    "when_to": _day,
}


def _refused(name: str, text: str) -> str:
    with pytest.raises(ParameterError) as caught:
        _values(**{name: text})
    assert list(caught.value.errors) == [name]
    return " ".join(caught.value.errors[name])


@pytest.mark.django_db
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(name=st.sampled_from(NAMES), text=TEXTS)
def test_a_text_is_a_value_the_database_takes_or_is_refused_as_the_oracle_has_it(
    hostile: None, name: str, text: str
) -> None:
    meant = _meant(name, text)
    if meant is REFUSED:
        _refused(name, text)
        return
    values = _values(**{name: text})
    assert values[name] == meant
    statement = Statement(registry.get("hostile-values"), values, "default")
    list(statement.queryset[:1])


@pytest.mark.django_db
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(name=st.text().filter(lambda name: name not in NAMES))
def test_a_name_that_is_no_parameter_is_refused_by_name(hostile: None, name: str) -> None:
    assert "Unknown parameter" in _refused(name, "1")


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("is_text", "a ", "a "),
        ("is_text", " ", " "),
        ("is_text", "", ""),
        ("is_text", "a\r\nb", "a\r\nb"),
        ("of", "3", "3"),
        ("ranked", "-3", -3),
        ("ranked", "", None),
        ("worth", "0.1", Decimal("0.1")),
        ("when_from", "2013-07-04", date(2013, 7, 4)),
    ],
)
def test_a_text_becomes_a_typed_value(name: str, text: str, value: object, hostile: None) -> None:
    assert _values(**{name: text})[name] == value


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("name", "text", "sentence"),
    [
        ("is_text", "A  ", "not one of the choices"),
        ("of", "99", "not one of the choices"),
        ("ranked", "1.5", "whole number"),
        ("ranked", str(2**31), "less than or equal"),
        ("ranked", str(-(2**31) - 1), "greater than or equal"),
        ("worth", "nan", "number"),
        ("worth", "1" * 40, "digits"),
        ("worth", "0.1234567", "decimal places"),
        ("when_from", "04.07.2013", "YYYY-MM-DD"),
        ("when_from", "0001-01-01", "greater than or equal"),
        ("when_to", "9999-12-31", "less than or equal"),
        ("when_to", "2013-02-29", "YYYY-MM-DD"),
        ("is_text", "\0", "characters that are not text"),
        ("is_text", "\ud800", "characters that are not text"),
    ],
)
def test_a_text_that_cannot_be_read_is_refused(
    name: str, text: str, sentence: str, hostile: None
) -> None:
    assert sentence in _refused(name, text)


@pytest.mark.django_db
def test_a_name_given_twice_is_refused(hostile: None) -> None:
    with pytest.raises(ParameterError, match="ranked: Given 2 times"):
        read(registry.get("hostile-values"), {"ranked": ["1", "1"]}, "default")


@pytest.mark.django_db
def test_every_wrong_parameter_is_named_at_once(hostile: None) -> None:
    with pytest.raises(ParameterError) as caught:
        _values(ranked="x", worth="y", nonsense="z")
    assert caught.value.errors.keys() == {"ranked", "worth", "nonsense"}
