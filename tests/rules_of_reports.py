"""What a declaration means, each rule taken back: for tests/normalisers.py."""

from collections.abc import Iterator

from tests.rules import PROOF, Mutant, Rules, of

DECLARED = ("tests/reports/test_declaration.py",)
FILTERED = ("tests/reports/test_filters.py", "tests/authoring/test_filters.py")
DAYS = ("tests/reports/test_filters_days.py", "tests/authoring/test_filters.py")
SCOPED = ("tests/reports/test_scope.py",)
KINDS = ("tests/reports/test_kinds.py",)


def rules_of_reports() -> Iterator[Mutant]:
    """Of permissions and names, of filters, and of fields that make their own values."""
    yield from _of_declarations()
    yield from _of_filters()
    yield from _of_days()
    yield from _of_choices()
    yield from _of_parameters()
    yield from _of_fields()


def _of_declarations() -> Iterator[Mutant]:
    yield from of(
        "reports/options.py",
        DECLARED,
        {
            "a permission that is not repeated": (
                '**fields | {"permission": _permission(cls)}',
                "**fields",
            ),
            "the most closed of the parents": (
                "sorted(inherited - {None})",
                "sorted(() if None in inherited else inherited)",
            ),
            "two permissions": ("if len(closed) > 1:", "if False:"),
            "a mixin's permission": ("elif _source(meta):", "elif False:"),
            "what Meta does not take": ("sorted(given.keys() - set(NAMES))", "[]"),
            "lists of names": ("fields[name] = _names(cls, name, fields[name])", "pass"),
            "sizes of pages": ("if not 1 <= read.page_size <= MAX_PAGE_SIZE:", "if False:"),
        },
    )
    yield from of(
        "reports/declaration.py",
        DECLARED,
        {
            "reserved names": ("if name in RESERVED:", "if False:"),
            "parameters of two filters": ("if name in owners:", "if False:"),
            "what is declared twice": (
                "self.replaced.setdefault(name, (before, value))",
                "pass",
            ),
            "what None removes": ("elif value is None and (name in", "elif False and (name in"),
            "attributes that mixins hide": ("setattr(cls, name, own[0])", "pass"),
            "the nearest class": ("for base in reversed(cls.__mro__):", "for base in cls.__mro__:"),
        },
    )
    yield from of(
        "reports/report.py",
        DECLARED,
        {
            "no columns": ("if not known:", "if False:"),
            "children of a broken report": (
                'if (error := getattr(base, "_error", None)) is not None:',
                "if False:",
            ),
            "attributes of the report": ("if not declaration.is_declared(each)}", "}"),
            "keys that None removes": ("if name not in removed\n    }", "}"),
        },
    )
    rule: Rules = {"instances in two reports": ("declared = copy(self)", "declared = self")}
    yield from of("reports/naming.py", DECLARED, rule)


def _of_filters() -> Iterator[Mutant]:
    yield from of(
        "reports/filters/base.py",
        FILTERED,
        {
            "Exists for paths to many": ("if source.is_spread:", "if False:"),
            "joins that the rows have": (
                "form or (_same if source.is_joined else None)",
                "form",
            ),
            "joins of aggregates": ("query.group_by is None and _joins(", "_joins("),
            "rows that a manager leaves out": (
                "rows.model._base_manager",
                "rows.model._default_manager",
            ),
            "names that are free": ("while name in taken:", "while False:"),
            "fields that keys point to": ("while isinstance(field, ForeignKey):", "while False:"),
            "groups of values()": ("if _is_grouped_otherwise(query) and", "if False and"),
        },
    )
    yield from of(
        "reports/filters/bounds.py",
        FILTERED,
        {
            "numbers that databases have": (
                "[MinValueValidator(least), MaxValueValidator(most)]",
                "[]",
            ),
        },
    )
    yield from of(
        "reports/filters/texts.py",
        FILTERED,
        {
            "empty texts": (
                'is_null | Q(Exact(CodePoint(F(name)), Value(""))) if is_text else is_null',
                "is_null",
            ),
            "none of several values": ("return rows.filter(~self.has(rows, filled))", "pass"),
            "the longest text": ("max_length=LONGEST,", ""),
        },
    )


def _of_days() -> Iterator[Mutant]:
    yield from of(
        "reports/filters/days.py",
        DAYS,
        {
            "days of a date": (
                "if isinstance(field, DateTimeField):\n            return self.narrowed",
                "if True:\n            return self.narrowed",
            ),
            "days of a zone": (
                "start = datetime.combine(day, time(), zone)",
                "start = datetime.combine(day, time(), UTC)",
            ),
            "days that begin twice": (
                "if not again.astimezone(UTC) > start.astimezone(UTC):",
                "if True:",
            ),
            "the last day": ("_beginning(last + DAY, zone)", "_beginning(last, zone)"),
            "the zone of the settings": ("timezone.get_default_timezone()", "UTC"),
            "today in a zone": (
                "form.now.astimezone(self.zone).date()",
                "form.now.astimezone(UTC).date()",
            ),
            "months without the day": ("min(day.day, (next_month - DAY).day)", "min(day.day, 28)"),
            "a period or days": ("if others:", "if False:"),
            "periods that begin too early": ("if year < FIRST_DAY.year:", "if False:"),
        },
    )
    rule: Rules = {
        "the last day of a fill": ("(end.astimezone(UTC) - timedelta.resolution)", "end"),
    }
    yield from of("reports/filters/days.py", ("tests/authoring/test_fill.py", *DAYS), rule)


def _of_choices() -> Iterator[Mutant]:
    rule: Rules = {"by code point": ("CodePoint(F(self.path))", "F(self.path)")}
    yield from of("reports/filters/choices.py", PROOF, rule)
    yield from of(
        "reports/filters/choices.py",
        FILTERED,
        {
            "objects of rows that are seen": ("objects.filter(Exists(theirs))", "objects.all()"),
            "objects of groups that are seen": (
                'objects.filter(**{f"{source.key}__in": self._occurring(rows, source)})',
                "objects.all()",
            ),
            "groups and windows": ("if _is_plain(rows.query):", "if True:"),
            "values of rows as they were": (
                "if source.is_spread:  # joined",
                "if False:  # joined",
            ),
            "rows that a manager leaves out": (
                "rows.model._base_manager",
                "rows.model._default_manager",
            ),
            "any of one value": (
                'return source.is_spread and self.several != "any"',
                'return self.several != "any"',
            ),
            "all of several values": (
                'return source.is_spread and self.several != "any"',
                "return False",
            ),
            "defaults that do not occur": (
                "[*choices, *((text, text) for text in missing)]",
                "choices",
            ),
            "a list that is too long": ("if len(values) > MOST_VALUES:", "if False:"),
            "all of them counted": ("(count, len(chosen))", '(f"{count}__gt", 0)'),
            "too many at once": ("if len(value) > MOST_CHOSEN:", "if False:"),
            "truth values": (
                "if isinstance(field, BooleanField) and value in TRUTH:",
                "if False:",
            ),
            "choices of groups": ("else (text_of(key), label)", "else (key, label)"),
        },
    )


def _of_parameters() -> Iterator[Mutant]:
    yield from of(
        "reports/queries/parameters.py",
        (*SCOPED, *FILTERED, *DECLARED),
        {
            "rows that a user may see": ("rows = report.scope(rows, user)", "pass"),
            "choices that a user may see": (
                "scoped(report, NothingGiven(), database, user)",
                "scoped(report, NothingGiven(), database)",
            ),
            "a scope that is no queryset": ("if not isinstance(rows, QuerySet):", "if False:"),
            "defaults": ("self.in_force |= defaults", "pass"),
            "defaults that are off": ("elif defaults and not filled:", "elif False:"),
            "fields of no parameter": (
                "if names := found.keys() - set(filter_.parameters):",
                "if names := set[str]():",
            ),
        },
    )
    rule: Rules = {
        "rows that a user may see": (
            "scoped(report, values, database, user)",
            "scoped(report, values, database)",
        )
    }
    yield from of("reports/queries/composition.py", SCOPED, rule)


def _of_fields() -> Iterator[Mutant]:
    """Fields that make their own values of what is stored."""
    yield from of(
        "reports/values/from_db.py",
        KINDS,
        {
            "values of the type": ("if not _fits(kind, found, returned):", "if False:"),
            "places of what is returned": ("if is_exact and shown != returned:", "if False:"),
            "a value of NULL": ("takes_null=_returns(convert, None) is not None", ""),
            "objects without a text": ("return has_own and not", "return not"),
            "members of an Enum": (
                "value.value if isinstance(value, Enum) else value\n\n    samples",
                "value\n\n    samples",
            ),
            "what is declared": ("_declared_type(field) or _type_of", "_type_of"),
        },
    )
    yield from of(
        "reports/expressions/stored.py",
        KINDS,
        {
            "calculations": (
                "raise NotPortable(_refusal(expression, found[0]))",
                "return found[0]",
            ),
            "one field of several": (
                "any(type(each) is not type(field) for each in fields) or not all(",
                "not all(",
            ),
            "literals": ("field.get_prep_value(literal.value) == literal.value", "True"),
            "JSON as it is written": (
                "_typed(expression, _as(RawJSONField, own)) if is_json else expression",
                "expression",
            ),
        },
    )
    rule: Rules = {"values as they are stored": ("found = stored(found)", "pass")}
    yield from of("reports/expressions/column_expression.py", KINDS, rule)
    rule = {"keys as they are stored": ("{alias: Stored(each)}", "{alias: each}")}
    yield from of("reports/queries/composition.py", KINDS, rule)
    shown = ("tests/reports/test_local_and_labelled.py",)
    rule = {
        "labels in the language of the reader": (
            "str(label) for value, label",
            "label for value, label",
        ),
    }
    yield from of("reports/values/base.py", shown, rule)
    rule = {
        "instants beyond the years": ("except OverflowError:", "except ZeroDivisionError:"),
        "offsets of local time": ("if value.tzinfo is UTC else value.isoformat()", ""),
    }
    yield from of("reports/values/temporal.py", shown, rule)
