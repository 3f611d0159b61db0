"""Any text for any parameter: a value, or an error that names the parameter."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reports import registry
from reports.engine import Statement
from reports.errors import ParameterError
from reports.parameters import read

NAMES = ["is_text", "of", "ranked", "worth", "when_from", "when_to"]
TEXTS = (
    st.text()
    | st.integers().map(str)
    | st.decimals().map(str)
    | st.floats().map(str)
    | st.dates().map(str)
    | st.text(st.characters(categories=["Nd", "Cs", "Cc"]))
)


def _values(**given_: str) -> dict[str, Any]:
    texts = {name: [text] for name, text in given_.items()}
    return dict(read(registry.get("hostile-values"), texts, "default").values)


def _refused(name: str, text: str) -> str:
    with pytest.raises(ParameterError) as caught:
        _values(**{name: text})
    assert list(caught.value.errors) == [name]
    return " ".join(caught.value.errors[name])


@pytest.mark.django_db
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(name=st.sampled_from(NAMES), text=TEXTS)
def test_any_text_is_a_value_the_database_takes_or_a_parameter_error(
    hostile: None, name: str, text: str
) -> None:
    try:
        values = _values(**{name: text})
    except ParameterError as error:
        assert list(error.errors) == [name]
        return
    statement = Statement(registry.get("hostile-values"), values, "default")
    list(statement.queryset[:1])


@pytest.mark.django_db
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(name=st.text())
def test_a_name_that_is_no_parameter_is_refused_by_name(hostile: None, name: str) -> None:
    if name not in NAMES:
        assert "no such parameter" in _refused(name, "1")


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
        ("is_text", "\0", "characters that stand for nothing"),
        ("is_text", "\ud800", "characters that stand for nothing"),
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
