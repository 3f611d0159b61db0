"""Fields as projects write them: what they return is not what they store."""

from decimal import Decimal
from typing import Any

from django.db import models


class CentsField(models.BigIntegerField):  # type: ignore[type-arg]
    """An amount, stored in cents."""

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> Any:
        return None if value is None else Decimal(value) / 100

    def to_python(self, value: Any) -> Any:
        return None if value is None else Decimal(value)

    def get_prep_value(self, value: Any) -> Any:
        return None if value is None else int(Decimal(value) * 100)


class Mood(models.TextChoices):
    HAPPY = "h", "happy"
    SAD = "s", "<b>sad</b>"


class MoodField(models.CharField):  # type: ignore[type-arg]
    """A member of Mood, stored as its letter; NULL is happy."""

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> Mood:
        return Mood.HAPPY if value is None else Mood(value)


class Level(models.IntegerChoices):
    LOW = 1, "=low"
    HIGH = 2, "high"


class LevelField(models.PositiveSmallIntegerField):  # type: ignore[type-arg]
    """A member of Level."""

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> Any:
        return None if value is None else Level(value)


class Tag(str):
    """A text that shows itself otherwise than it is stored."""

    __slots__ = ()

    def __str__(self) -> str:
        return f"#{self[:]}"


class TagField(models.Field):  # type: ignore[type-arg]
    """No subclass of a field of Django's, and no declared type."""

    def get_internal_type(self) -> str:
        return "CharField"

    def from_db_value(self, value, expression, connection):  # type: ignore[no-untyped-def]
        return None if value is None else Tag(value)


class WordsField(models.TextField):  # type: ignore[type-arg]
    """A list of words."""

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> Any:
        return None if value is None else value.split()

    def get_prep_value(self, value: Any) -> Any:
        return " ".join(value) if isinstance(value, list) else value


class FlagsField(models.CharField):  # type: ignore[type-arg]
    """Whether a letter is y, though only from_db_value() says so."""

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> bool | None:
        return None if value is None else value == "y"


class LooseField(models.IntegerField):  # type: ignore[type-arg]
    """Sometimes a number and sometimes a list."""

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> Any:
        return value if value is None or value < 10_000_000 else [value]


class StrangeField(models.Field):  # type: ignore[type-arg]
    """A type of its own in the database."""

    def db_type(self, connection: Any) -> str:
        return "integer"

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> Any:
        return value
