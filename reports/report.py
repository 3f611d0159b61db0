"""`Report`, the base class of declared reports. Nothing here queries a database."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, ClassVar, Self

from django.db.models import Model, QuerySet
from django.db.models.manager import BaseManager
from django.utils.text import capfirst

from reports import compat, declaration
from reports.columns import Column, Key
from reports.definition import ReportDefinition
from reports.errors import DeclarationError, sentence
from reports.filters import Filter
from reports.options import STAFF, Options, options
from reports.relations import label_path


class ReportType(type):
    """The metaclass of reports.

    Creating a class never fails because of its declaration, so that the module's other reports are
    still imported. The error is kept, and raised when the report is instantiated or registered.
    """

    @classmethod
    def __prepare__(cls, name: str, bases: tuple[type, ...], /, **kwargs: Any) -> declaration.Body:
        return declaration.Body()

    def __new__(
        mcs, name: str, bases: tuple[type, ...], namespace: dict[str, Any], /, **kwargs: Any
    ) -> Any:
        kept = {n: each for n, each in namespace.items() if not declaration.is_declared(each)}
        cls: Any = super().__new__(mcs, name, bases, kept, **kwargs)
        cls._source = compat.place_of_caller(1)
        cls._body, cls._error = namespace, None
        if any(isinstance(base, ReportType) for base in bases):
            cls.slug = slug(name)
            _define(cls, ReportDefinition(slug=cls.slug, queryset=None))
            try:
                _define(cls, _definition(cls))
            except Exception as error:  # noqa: BLE001 -- whatever its author's mistake raises
                cls._error = error
        return cls


class Report(metaclass=ReportType):
    """Base of every report: title, queryset, columns, filters and `Meta`.

    `group_by` maps column ids to a relation (its label shown, its key grouped by), a field, an
    expression or a `Key`; without it each object of the queryset is a row.

    A report without a queryset is abstract: other reports inherit from it. Instantiating it, or
    one that is declared wrongly, raises DeclarationError.
    """

    title: ClassVar[Any] = ""
    description: ClassVar[Any] = ""
    queryset: ClassVar[QuerySet[Model]]
    group_by: ClassVar[dict[str, Any]] = {}

    definition: ClassVar[ReportDefinition]
    slug: ClassVar[str]
    options: ClassVar[Options]
    columns: ClassVar[Mapping[str, Column]]
    keys: ClassVar[Mapping[str, Key]]
    filters: ClassVar[Mapping[str, Filter]]

    _body: ClassVar[Mapping[str, Any]]
    _source: ClassVar[tuple[str, int]]
    _error: ClassVar[Exception | None]

    def __new__(cls) -> Self:
        if cls._error is not None:
            raise DeclarationError(sentence(cls._error)) from cls._error
        if getattr(cls, "queryset", None) is None:
            raise DeclarationError(
                f"{cls.__name__} is abstract, because it has no queryset: give it one, or register"
                " the reports that inherit from it."
            )
        return super().__new__(cls)

    def get_queryset(self, parameters: dict[str, Any]) -> QuerySet[Any]:
        """Returns the report's objects before its filters. Override it to narrow them."""
        return type(self).queryset.all()

    def scope(self, queryset: QuerySet[Any], user: Any) -> QuerySet[Any]:
        """Returns the objects that a user, who may be anonymous, may see. Override to narrow them.

        It is called wherever a user is known; a command without --user sees every object.
        """
        return queryset

    def allows(self, user: Any) -> bool:
        """Whether the user, who may be anonymous, may read the report."""
        permission = self.options.permission
        if permission is None:
            return True
        return is_staff(user) if permission == STAFF else bool(user.has_perm(permission))


def is_staff(user: Any) -> bool:
    """Whether a user, who may be anonymous, is an active member of the staff."""
    return bool(user.is_active and (user.is_staff or user.is_superuser))


def slug(name: str) -> str:
    """Returns the slug of a report class with this name, in kebab-case."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "-", name).lower()


def report_of(definition: ReportDefinition) -> Report:
    """Return the report of a definition. Raises DeclarationError, as a class statement would."""
    stated = {name: getattr(definition, name) for name in ("title", "description", "queryset")}
    options = {name: getattr(definition.options, name) for name in Options.__dataclass_fields__}
    meta = type("Meta", (), stated | options | {"group_by": dict(definition.keys)})
    name = "".join(map(str.capitalize, definition.slug.split("-")))
    # A filter may have the name of a column: each has a class of its own.
    filters = type("Filters", (), dict(definition.filters))
    cls: Any = ReportType(name, (Report, filters), {**definition.columns, "Meta": meta})
    cls.slug = definition.slug
    report: Report = cls()
    cls.definition = replace(report.definition, slug=definition.slug)
    return report


def _define(cls: Any, definition: ReportDefinition) -> None:
    """Give a class its definition, and what it is made of by name."""
    cls.definition = definition
    cls.options, cls.columns = definition.options, definition.columns
    cls.keys, cls.filters = definition.keys, definition.filters


def _definition(cls: Any) -> ReportDefinition:
    """Return what a class and its bases declare. Raises DeclarationError and others."""
    if not cls.slug.isascii():
        raise DeclarationError(
            f"{cls.__name__}: the name of a report's class gives its address and the names of its"
            " files. Use ASCII letters; the title may have any."
        )
    for base in cls.__bases__:
        if (error := getattr(base, "_error", None)) is not None:
            raise DeclarationError(
                f"{cls.__name__} inherits from {base.__name__}, which is broken: {sentence(error)}"
            )
    declaration.check_body(cls)
    read = options(cls)
    found = declaration.members(cls)
    declaration.uncover(cls, found)
    group_by, owner = declaration.stated(cls, "group_by", found)
    cls.group_by = group_by or {}
    cls.title = declaration.stated(cls, "title", found)[0] or capfirst(cls.slug.replace("-", " "))
    cls.description = declaration.stated(cls, "description", found)[0] or ""
    cls.queryset = declaration.stated(cls, "queryset", found)[0]
    declaration.check_parameters(cls, found.filters.values())
    keys: dict[str, Key] = {}
    if cls.queryset is not None:
        _check_queryset(cls)
        keys = _keys(cls, found, declaration.removed_before(cls, owner))
        _check_columns(cls, [*keys, *found.columns], read, keys)
    return ReportDefinition(
        slug=cls.slug,
        queryset=cls.queryset,
        title=cls.title,
        description=cls.description,
        columns=found.columns,
        keys=keys,
        filters=found.filters,
        options=read,
    )


def _check_queryset(cls: type[Report]) -> None:
    if not isinstance(cls.queryset, QuerySet | BaseManager):
        raise DeclarationError(
            f"{cls.__name__}.queryset is {cls.queryset!r}; write a queryset, such as"
            " Model.objects.all()."
        )


def _keys(cls: type[Report], found: declaration.Members, removed: set[str]) -> dict[str, Key]:
    if not isinstance(cls.group_by, Mapping):
        raise DeclarationError(
            f"{cls.__name__}.group_by is {cls.group_by!r}; write a dict from column ids to what is"
            " grouped by."
        )
    return {
        name: _key(cls, found, name, value)
        for name, value in cls.group_by.items()
        if name not in removed
    }


def _key(cls: type[Report], found: declaration.Members, name: str, declared: Any) -> Key:
    if name in found.columns:
        raise DeclarationError(f"{cls.__name__} declares {name!r} twice.")
    if isinstance(declared, Key):
        return declared.named(name)
    if isinstance(declared, Column | Filter):
        raise DeclarationError(
            f"{cls.__name__}.group_by[{name!r}] is a {type(declared).__name__}; write the name of a"
            " field, an expression or a Key."
        )
    if isinstance(declared, str):
        return Key(declared, shows=label_path(cls.queryset.model, declared)).named(name)
    return Key(declared).named(name)


def _check_columns(
    cls: type[Report], known: Sequence[str], read: Options, keys: Mapping[str, Key]
) -> None:
    if not known:
        raise DeclarationError(
            f"{cls.__name__} has no columns: declare a Column, or group_by with a key."
        )
    for name in read.ordering:
        if name.removeprefix("-") not in known:
            raise DeclarationError(
                f"{cls.__name__}.Meta.ordering names {name!r}; its columns are {', '.join(known)}."
            )
    for name in read.fill:
        if name not in keys:
            raise DeclarationError(
                f"{cls.__name__}.Meta.fill names {name!r}; it takes keys of group_by:"
                f" {', '.join(keys) or 'there are none'}."
            )
