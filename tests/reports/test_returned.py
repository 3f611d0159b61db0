"""The kind of a field's values: from its annotation or samples, and checked for each value."""

import ipaddress
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from enum import Enum, IntEnum
from typing import Any, Optional
from uuid import UUID

import pytest
from django.db import connection, models
from django.db.models import Value

from reports.errors import DeclarationError, NotPortable, RowFailed
from reports.expressions.stored import stored
from reports.values.base import AnyKind
from reports.values.from_db import kind_of_returned


class Plain(Enum):
    ONE = 1
    TWO = 2


class Number(IntEnum):
    ONE = 1


@dataclass
class Point:
    x: int


class Named:
    def __init__(self, name: Any) -> None:
        self.name = name

    def __str__(self) -> str:
        return f"<{self.name}>"


def _kind(base: Any, convert: Any, places: int | None = None, **options: Any) -> AnyKind:
    """Returns the kind of a field whose from_db_value() is `convert`, a function of one value."""

    class Own(base):  # type: ignore[misc]
        def from_db_value(self, value: Any, expression: Any, connection: Any) -> Any:
            return convert(value)

    Own.from_db_value.__annotations__["return"] = convert.__annotations__.get("return", Any)
    return kind_of_returned(stored(Value(None, output_field=Own(**options))), connection, places)


def _hundredth(value: Any) -> Any:
    return None if value is None else Decimal(value) / 100


def _declared(value: Any) -> Optional[Decimal]:  # noqa: UP045 -- as older projects write it
    return None if value is None else Decimal(value) / 1000


def _unknown(value: Any) -> "Elsewhere":  # type: ignore[name-defined]  # noqa: F821 -- imported for types alone
    return None if value is None else str(value)


@pytest.mark.parametrize(
    ("base", "convert", "raw", "name", "text"),
    [
        (models.IntegerField, _hundredth, 1234, "decimal", "12.34"),
        (models.IntegerField, _hundredth, 1200, "decimal", "12.00"),
        (models.IntegerField, _declared, 5, "decimal", "0.005"),
        (models.IntegerField, _unknown, 5, "text", "5"),
        (models.IntegerField, lambda value: Plain(value), 2, "integer", "2"),
        (models.IntegerField, lambda value: Number(value), 1, "integer", "1"),
        (models.IntegerField, lambda value: bool(value), 0, "boolean", "false"),
        (models.IntegerField, lambda value: timedelta(value), 2, "duration", "P2DT00H00M00S"),
        (models.IntegerField, lambda value: date.fromordinal(value), 730_000, "date", "1999-09-03"),
        (
            models.IntegerField,
            lambda value: datetime.fromtimestamp(value, UTC),
            0,
            "datetime",
            "1970-01-01T00:00:00Z",
        ),
        (models.IntegerField, lambda value: UUID(int=value), 1, "uuid", str(UUID(int=1))),
        (models.IntegerField, lambda value: Named(value), 1, "text", "<1>"),
        (models.IntegerField, lambda value: ipaddress.ip_address(value), 1, "text", "0.0.0.1"),
        (models.DecimalField, lambda value: value * 2, Decimal("1.50"), "decimal", "3.00"),
        (models.DateTimeField, lambda value: value.year, datetime(2024, 1, 1), "integer", "2024"),
        (models.TextField, lambda value: value.strip(), " a ", "text", "a"),
        (models.TextField, lambda value: int(value), "12", "integer", "12"),
        (models.JSONField, lambda value: {"of": value}, "[1]", "json", '{"of":"[1]"}'),
        (models.BinaryField, lambda value: bytes(value).decode(), b"ab", "text", "ab"),
    ],
)  # fmt: skip
def test_the_kind_is_that_of_what_is_returned(
    base: Any, convert: Any, raw: Any, name: str, text: str
) -> None:
    options = {"decimal_places": 2, "max_digits": 9} if base is models.DecimalField else {}
    kind = _kind(base, convert, **options)
    assert (kind.name, kind.text(kind.value(raw))) == (name, text)


def test_choices_are_samples_of_a_field_that_takes_nothing_else() -> None:
    names = {"x": "ex", "y": "why"}
    kind = _kind(models.CharField, lambda value: names[value], choices=[("x", "X"), ("y", "Y")])
    assert (kind.name, kind.value("y")) == ("text", "why")


def test_without_a_sample_values_are_shown_as_they_come() -> None:
    kind = _kind(models.CharField, lambda value: {"k": Decimal("1E+2"), "l": True, "m": "n"}[value])
    assert [kind.value(each) for each in "klm"] == ["100", "true", "n"]


def test_null_is_what_the_field_makes_of_it() -> None:
    assert _kind(models.IntegerField, lambda value: value or 0).takes_null
    assert _kind(models.IntegerField, lambda value: value or 0).value(None) == 0
    assert not _kind(models.IntegerField, _hundredth).takes_null
    assert _kind(models.IntegerField, lambda value: None if value == 3 else value).value(3) is None


def test_places_round_what_is_returned() -> None:
    kind = _kind(models.IntegerField, lambda value: Decimal(value) / 3, places=2)
    assert kind.text(kind.value(200)) == "66.67"
    kind = _kind(models.IntegerField, lambda value: value / 8, places=1)
    assert kind.text(kind.value(2)) == "0.3"


@pytest.mark.parametrize(
    ("convert", "sentence"),
    [
        (lambda value: Decimal(value) / 3, "Own returns decimals of no natural number of places"),
        (lambda value: value / 3, "places="),
        (lambda value: [value], "Own returns a list, which has no canonical form"),
        (lambda value: {value: 1}, "returns a dict"),
        (lambda value: str(value).encode(), "returns a bytes"),
        (Point, "returns a Point"),
        (lambda value: object(), "returns a object"),
    ],
)
def test_what_has_no_form_is_refused(convert: Any, sentence: str) -> None:
    with pytest.raises(DeclarationError, match=sentence):
        _kind(models.IntegerField, convert)


@pytest.mark.parametrize(
    ("convert", "raw", "sentence"),
    [
        (lambda value: "x" if value == 99 else value, 99, "returned a str .* 'integer'"),
        (lambda value: True if value == 99 else value, 99, "returned a bool .* 'integer'"),
        (lambda value: [value] if value == 99 else Named(value), 99, "returned a list .* 'text'"),
        (lambda value: Decimal(value) / (10**6 if value == 99 else 10), 99, "more than 1 decimal"),
    ],
)
def test_a_value_of_another_type_fails_its_row(convert: Any, raw: int, sentence: str) -> None:
    kind = _kind(models.IntegerField, convert)
    with pytest.raises(RowFailed, match=sentence):
        kind.value(raw)


def test_a_column_of_an_unknown_type_is_refused() -> None:
    class Hand(models.Field):  # type: ignore[type-arg]
        def db_type(self, connection: Any) -> str:
            return "char(104)"

        def from_db_value(self, value: Any, expression: Any, connection: Any) -> Any:
            return value

    with pytest.raises(NotPortable, match="Hand has a column type that is not known"):
        stored(Value(None, output_field=Hand()))
