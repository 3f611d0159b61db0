"""A report, as its author declares it. Nothing here asks a database anything."""

import re
from dataclasses import dataclass
from typing import Any, ClassVar

from django.db.models import QuerySet
from django.db.models.fields.related import ForeignKey
from django.utils.text import capfirst

from reports.columns import Column, Key
from reports.errors import DeclarationError
from reports.filters import Filter

MAX_PAGE_SIZE = 1000
# Names in the query string that are not a report's own.
RESERVED = frozenset({"page", "after", "database", "dialect", "separator", "line_end", "export"})
STAFF = "staff"


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What a report's `Meta` says.

    ordering    column ids, "-" before one for descending; ties go by key
    permission  "app.codename"; None for everyone; staff alone when it is not given
    databases   engines (postgis, mysql, mariadb, spatialite) that may answer; all when empty
    page_size   rows on a page, 1,000 at most
    version     of the declaration, told with its exports: change it when a figure's meaning does
    """

    ordering: tuple[str, ...] = ()
    permission: str | None = STAFF
    databases: tuple[str, ...] = ()
    page_size: int = 100
    version: str = "1"


class Report:
    """Base of every report: title, queryset, columns, filters and `Meta`.

    `group_by` maps column ids to a relation (its label shown, its key grouped by), a field, an
    expression or a `Key`; without it each object of the queryset is a row.
    """

    title: ClassVar[Any] = ""
    description: ClassVar[Any] = ""
    queryset: ClassVar[QuerySet[Any]]
    group_by: ClassVar[dict[str, Any]] = {}

    slug: ClassVar[str]
    options: ClassVar[Options]
    columns: ClassVar[dict[str, Column]]
    keys: ClassVar[dict[str, Key]]
    filters: ClassVar[dict[str, Filter]]

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        cls.slug = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "-", cls.__name__)
        cls.slug = cls.slug.lower()
        if not cls.slug.isascii():
            raise DeclarationError(
                f"{cls.__name__}: a report's address and the names of its files are made of the"
                " name of its class. Write it in ASCII; the title may have any letters."
            )
        cls.options = _options(cls)
        declared = {
            name: value
            for base in reversed(cls.__mro__)
            for name, value in vars(base).items()
            if isinstance(value, Column | Filter)
        }
        cls.columns = {n: value for n, value in declared.items() if isinstance(value, Column)}
        cls.filters = {n: value for n, value in declared.items() if isinstance(value, Filter)}
        if reserved := sorted(RESERVED & cls.filters.keys()):
            raise DeclarationError(
                f"{cls.__name__} has a filter {reserved[0]!r}, a name that every page uses."
                " Rename it."
            )
        cls.title = cls.title or capfirst(cls.slug.replace("-", " "))
        if "queryset" in vars(cls):
            cls.keys = {name: _key(cls, name, value) for name, value in cls.group_by.items()}
            _check_ordering(cls)

    def get_queryset(self, parameters: dict[str, Any]) -> QuerySet[Any]:
        """The objects that the report speaks of, before its filters. Override to narrow them."""
        return type(self).queryset.all()

    def allows(self, user: Any) -> bool:
        """Whether this user, who may be anonymous, may read the report."""
        permission = self.options.permission
        if permission is None:
            return True
        if permission == STAFF:
            return bool(user.is_active and (user.is_staff or user.is_superuser))
        return bool(user.has_perm(permission))


def _options(cls: type[Report]) -> Options:
    meta = {name: value for name, value in _meta(cls).items() if not name.startswith("_")}
    if unknown := sorted(meta.keys() - Options.__dataclass_fields__.keys()):
        raise DeclarationError(
            f"{cls.__name__}.Meta has no {', '.join(unknown)}; it takes"
            f" {', '.join(Options.__dataclass_fields__)}."
        )
    for name in meta.keys() & {"ordering", "databases"}:
        meta[name] = tuple(meta[name])
    options = Options(**meta)
    if not 1 <= options.page_size <= MAX_PAGE_SIZE:
        raise DeclarationError(f"{cls.__name__}.Meta.page_size goes from 1 to {MAX_PAGE_SIZE}.")
    return options


def _meta(cls: type[Report]) -> dict[str, Any]:
    return {
        name: value
        for base in reversed(cls.__mro__)
        for name, value in vars(vars(base).get("Meta", object)).items()
        if "Meta" in vars(base)
    }


def _key(cls: type[Report], name: str, declared: Any) -> Key:
    if name in cls.columns or name in cls.filters:
        raise DeclarationError(f"{cls.__name__} declares {name!r} twice.")
    if isinstance(declared, Key):
        key = declared
    elif isinstance(declared, str):
        key = Key(declared, shows=_label_path(cls, declared))
    else:
        key = Key(declared)
    key.__set_name__(cls, name)
    return key


def _label_path(cls: type[Report], path: str) -> str:
    """For a relation, the path to the related object's `name`; "" for a plain field."""
    model = cls.queryset.model
    field = None
    for part in path.split("__"):
        if model is None:
            return ""
        field = model._meta.pk if part == "pk" else model._meta.get_field(part)
        model = field.related_model
    if not isinstance(field, ForeignKey):
        return ""
    if not any(related.name == "name" for related in field.related_model._meta.fields):
        raise DeclarationError(
            f"{cls.__name__} groups by {path!r}, whose {field.related_model.__name__} has no field"
            f' `name` to show. Say which: Key("{path}", shows="{path}__...").'
        )
    return f"{path}__name"


def _check_ordering(cls: type[Report]) -> None:
    known = cls.keys.keys() | cls.columns.keys()
    for name in cls.options.ordering:
        if name.removeprefix("-") not in known:
            raise DeclarationError(
                f"{cls.__name__}.Meta.ordering names {name!r}; its columns are"
                f" {', '.join([*cls.keys, *cls.columns])}."
            )
