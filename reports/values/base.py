"""`Kind`, the base of the kinds of values."""

import json
from collections.abc import Callable, Iterable
from copy import copy
from datetime import timedelta, tzinfo
from types import ModuleType
from typing import Any, ClassVar, Self

from geo.backends.compat import ModelField
from reports.errors import DeclarationError

type AnyKind = Kind[Any, Any]

# Decimal places of a coordinate: in degrees, a tenth of a metre.
PRECISION = 6


class Kind[Given, Value]:
    """How the values of one type are read and written: a class for each type.

    What a database driver gives becomes a Python value (`value`), and that the text of machine
    formats (`text`). None stays None: formats decide how NULL is written. A column has an instance
    of its own.

    name          in records and workbooks
    noun          in messages
    family        what values are compared with others of the same family; "" for none
    fields        Django's fields of such values
    python        the class of the values
    is_number     whether it is a number, written to the right
    is_free_text  whether the text may be anything, including formulas and markup
    cell          the cells of pages: number, instant, text or plain
    pattern       the number format of the cells of spreadsheets; "" for texts
    code          the kind's letter in csvrows.c; "" if the database cannot write its texts
    column_type   the type of a column of JSON_TABLE, perhaps with {digits} and {places}; "" for
                  texts, whose type depends on their length
    places        decimal places of a number
    precision     decimal places of a geometry's coordinates
    srid          of a geometry's coordinates
    zone          the time zone in which an instant is shown; None for UTC
    for_people    the kind of the values that people read, if it differs
    takes_null    whether NULL may have a value, which an author's own field may give it
    """

    name: ClassVar[str]
    noun: ClassVar[str]
    family: ClassVar[str] = ""
    fields: ClassVar[tuple[type[ModelField], ...]]
    python: ClassVar[type]
    is_number: ClassVar[bool] = False
    is_free_text: ClassVar[bool] = False
    cell: ClassVar[str] = "plain"
    pattern: ClassVar[str] = ""
    code: ClassVar[str] = ""
    column_type: ClassVar[str] = ""
    places: int = 0
    precision: int = PRECISION
    srid: int | None = None
    zone: tzinfo | None = None
    for_people: "AnyKind | None" = None
    takes_null: bool = False

    @classmethod
    def of(cls, field: ModelField, places: int | None) -> Self:
        """Returns the kind of a column of such a field, which declares `places`, or None."""
        return cls()

    def value(self, given: Given) -> Value:
        """Returns the Python value of what a database driver gives."""
        raise NotImplementedError

    def text(self, value: Value) -> str:
        """Returns the text of a value in machine formats."""
        return str(value)

    def parsed(self, text: str) -> Value:
        """Returns the value of the database's own text. Raises ValueError or ArithmeticError."""
        raise NotImplementedError

    def json(self, value: Value) -> str:
        """Returns a value as JSON."""
        return json.dumps(self.text(value), ensure_ascii=False)

    def shown(self, value: Value) -> str:
        """Returns the text of a value on pages."""
        return self.text(value)

    def days(self, value: Value) -> timedelta | None:
        """Returns a spreadsheet's number of a value with a `pattern`; None if it has none."""
        raise NotImplementedError

    def arrow(self, pyarrow: ModuleType) -> object:
        """Returns the type of Arrow, by the module pyarrow, which may not be installed."""
        return pyarrow.string()

    def read_by(self, value: Callable[[object], Value | None], *, takes_null: bool = False) -> Self:
        """Returns this kind with another conversion of the driver's values."""
        return self._with(value=value, takes_null=takes_null)

    def labelled(self, choices: Iterable[tuple[object, object]]) -> Self:
        """Returns this kind with labels for people, in the current language."""
        from reports.values.texts import Labelled

        labels = {getattr(value, "value", value): str(label) for value, label in choices}
        if not labels:
            raise DeclarationError(
                "labels=True is for a field with choices, and this one has none."
            )
        return self._with(for_people=Labelled(self, labels))

    def local(self, zone: tzinfo) -> Self:
        """Returns this kind of instants, shown in a zone's local time."""
        raise DeclarationError(f"zone= is for instants, and this is a {self.name}.")

    def _with(self, **facts: object) -> Self:
        made = copy(self)
        vars(made).update(facts)
        return made
