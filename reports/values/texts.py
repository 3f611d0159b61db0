"""Texts, UUIDs and JSON documents."""

import json
import re
import uuid
from collections.abc import Mapping
from contextlib import suppress
from decimal import Decimal

from django.db import models

from reports.values.base import AnyKind, Kind

# Integers that every database stores exactly in JSON; some store others as floats.
JSON_INTEGERS = range(-(2**63), 2**64)
LONE_SURROGATE = re.compile("[\ud800-\udfff]")


class Text(Kind[object, str]):
    """Any text. A file is its name, and an address its text."""

    name = noun = family = "text"
    fields = (
        *(models.CharField, models.TextField, models.FileField, models.FilePathField),
        models.GenericIPAddressField,
    )
    python = str
    is_free_text = True
    cell = "text"
    code = "s"

    def value(self, given: object) -> str:
        return str(given)

    def text(self, value: str) -> str:
        return value

    def parsed(self, text: str) -> str:
        return text


class Labelled(Kind[object, object]):
    """The labels of another kind's values.

    As in Django's get_FOO_display(), a value that is not among the choices is shown unchanged.
    """

    name = noun = "text"
    fields = ()
    python = str
    is_free_text = True
    cell = "text"

    def __init__(self, kind: AnyKind, labels: Mapping[object, str]) -> None:
        self._kind = kind
        self._labels = labels

    def text(self, value: object) -> str:
        return self._labels[value] if value in self._labels else self._kind.text(value)


class UUID(Kind[uuid.UUID | str, uuid.UUID]):
    """A UUID, in lower case with hyphens."""

    name = "uuid"
    noun = family = "UUID"
    fields = (models.UUIDField,)
    python = uuid.UUID
    cell = "text"
    code = "u"
    column_type = "CHAR(36)"

    def value(self, given: uuid.UUID | str) -> uuid.UUID:
        return given if isinstance(given, uuid.UUID) else uuid.UUID(given)

    def parsed(self, text: str) -> uuid.UUID:
        return uuid.UUID(text)


class JSON(Kind[object, str]):
    """A JSON document as its canonical text."""

    name = "json"
    noun = "JSON document"
    fields = (models.JSONField,)
    python = str
    is_free_text = True
    cell = "text"

    def value(self, given: object) -> str:
        return json_text(given)

    def text(self, value: str) -> str:
        return value

    def json(self, value: str) -> str:
        return value


def json_text(given: object) -> str:
    """Returns the canonical text of a JSON document, given as text or as Python objects.

    Keys are ordered by code point, without blanks. Databases store JSON numbers in different ways:
    an integer of at most 64 bits is written with its digits, any other number as the shortest text
    of a float. A whole float has the digits of that text, as in a database that stores decimals.
    """
    if isinstance(given, str | bytes):
        with suppress(ValueError):  # a text that a path found has no quotes
            given = json.loads(given)
    text = json.dumps(
        _json_value(given),
        allow_nan=False,
        ensure_ascii=False,
        sort_keys=True,
        separators=(",", ":"),
    )
    return LONE_SURROGATE.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def _json_value(value: object) -> object:
    match value:
        case dict():
            return {key: _json_value(each) for key, each in value.items()}
        case list():
            return [_json_value(each) for each in value]
        case float() if (
            value.is_integer() and (digits := int(Decimal(repr(value)))) in JSON_INTEGERS
        ):
            return digits
        case bool() | float() | str() | None:
            return value
        case int():
            return value if value in JSON_INTEGERS else float(value)
    raise ValueError(f"A {type(value).__name__} is no part of a JSON document.")
