"""How databases differ, in words: the reasons that refusals give."""

from dataclasses import dataclass

from django.contrib.gis.db.models.functions import GeoFuncMixin
from django.db.models import Transform, lookups

from geo.backends.predicates import ENVELOPES, RELATIONS
from reports import expressions as portable_expressions
from reports.expressions.base import listed

DJANGO = "https://docs.djangoproject.com/en/6.0/ref/models/"
GIS = "https://docs.djangoproject.com/en/6.0/ref/contrib/gis/"
SERVER = "https://dev.mysql.com/doc/refman/8.4/en/"
EMBEDDED = "https://www.sqlite.org/"


@dataclass(frozen=True, slots=True)
class Difference:
    """Which databases differ and how, what to write instead, and the source of that.

    `instead` defaults to the expression of the same name in `reports.expressions`.
    """

    differs: str
    link: str
    instead: str = ""


COLLATION = "MySQL and MariaDB compare texts by the column's collation, which takes 'a' for 'A'"
ZONES = (
    "MySQL and MariaDB use their own time zone tables, which may be empty and end in 2037;"
    " PostgreSQL uses its own"
)
FLOATS = "each database computes it with its own library, to the last bits of a float"
DOMAIN = "outside its domain PostgreSQL raises an error where the others give NULL"
# By the name of Django's class or of one of its bases.
DIFFERENCES: dict[str, Difference] = {
    "StringAgg": Difference(
        "MySQL and MariaDB cut it at group_concat_max_len, SQLite has no DISTINCT with it, and"
        " NULLs and texts are ordered differently on all",
        f"{SERVER}aggregate-functions.html#function_group-concat",
    ),
    "AnyValue": Difference(
        "each database picks another value, and MariaDB has none", f"{DJANGO}querysets/#anyvalue"
    ),
    "Sum": Difference(
        "SQLite sums past 64 bits fail, and its decimals are floats",
        f"{EMBEDDED}lang_aggfunc.html#sumunc",
    ),
    "Avg": Difference(
        "MySQL and MariaDB give four decimals, SQLite a float", f"{SERVER}arithmetic-functions.html"
    ),
    "StdDev": Difference(
        "MariaDB and SQLite round it, and none is exact", f"{DJANGO}querysets/#stddev"
    ),
    "Variance": Difference(
        "MariaDB and SQLite round it, and none is exact", f"{DJANGO}querysets/#variance"
    ),
    "Min": Difference(COLLATION, f"{SERVER}charset-collation-effect.html"),
    "Max": Difference(COLLATION, f"{SERVER}charset-collation-effect.html"),
    "Count": Difference(
        f"with distinct=True, {COLLATION}", f"{SERVER}charset-collation-effect.html"
    ),
    "Window": Difference(
        "NULLs come first on MySQL, MariaDB and SQLite and last on PostgreSQL, and ties have no"
        " order",
        f"{DJANGO}expressions/#window-functions",
    ),
    "TruncBase": Difference(ZONES, f"{SERVER}time-zone-support.html"),
    "Extract": Difference(ZONES, f"{SERVER}time-zone-support.html"),
    "TruncDate": Difference(ZONES, f"{SERVER}time-zone-support.html", "TruncDay"),
    "Now": Difference(
        "the session's time zone is in it on MySQL, MariaDB and SQLite",
        f"{DJANGO}database-functions/#now",
    ),
    "Cast": Difference(
        "MySQL and MariaDB take 'x1' for 0, SQLite never rounds, PostgreSQL raises, and texts of"
        " dates, booleans and decimals differ on all",
        f"{DJANGO}database-functions/#cast",
    ),
    "Round": Difference(
        "Round(2.675, 2) is 2.67 on SQLite and 2.68 elsewhere, Round(2.5) is 2 or 3",
        f"{DJANGO}database-functions/#round",
    ),
    "Greatest": Difference(
        "with a NULL among them it is NULL on MySQL, MariaDB and SQLite",
        f"{DJANGO}database-functions/#greatest",
    ),
    "Least": Difference(
        "with a NULL among them it is NULL on MySQL, MariaDB and SQLite",
        f"{DJANGO}database-functions/#least",
    ),
    "Coalesce": Difference(
        "MySQL and MariaDB give dates as texts, and mixed types differ on all",
        f"{DJANGO}database-functions/#coalesce",
    ),
    "NullIf": Difference(COLLATION, f"{DJANGO}database-functions/#nullif"),
    "Lower": Difference(
        "the case tables of MySQL (131 characters) and MariaDB (737) are not PostgreSQL's, and"
        " SQLite's is ASCII's",
        f"{DJANGO}database-functions/#lower",
    ),
    "Upper": Difference(
        "the case tables of MySQL, MariaDB, PostgreSQL and SQLite differ on hundreds of characters",
        f"{DJANGO}database-functions/#upper",
    ),
    "Replace": Difference(
        f"what it finds depends on the collation: {COLLATION}",
        f"{DJANGO}database-functions/#replace",
    ),
    "StrIndex": Difference(
        f"what it finds depends on the collation: {COLLATION}",
        f"{DJANGO}database-functions/#strindex",
    ),
    "Concat": Difference(
        "the texts of numbers, dates and booleans differ on all",
        f"{DJANGO}database-functions/#concat",
    ),
    "Chr": Difference(
        "MySQL and MariaDB give bytes, and what is no character differs on all",
        f"{DJANGO}database-functions/#chr",
        "a literal",
    ),
    "MD5": Difference(
        "MySQL 9.6 and later have none until a component is installed",
        f"{DJANGO}database-functions/#md5",
        "a column that was computed when the row was written",
    ),
    "PostgreSQLSHAMixin": Difference(
        "PostgreSQL has none without the extension pgcrypto",
        f"{DJANGO}database-functions/#sha1-sha224-sha256-sha384-and-sha512",
        "a column that was computed when the row was written",
    ),
    "Sqrt": Difference(DOMAIN, f"{DJANGO}database-functions/#sqrt"),
    "Ln": Difference(DOMAIN, f"{DJANGO}database-functions/#ln"),
    "Log": Difference(DOMAIN, f"{DJANGO}database-functions/#log"),
    "Mod": Difference(
        "SQLite cuts decimals to integers, and a divisor of 0 is an error on PostgreSQL",
        f"{DJANGO}database-functions/#mod",
    ),
    "NumericOutputFieldMixin": Difference(FLOATS, f"{DJANGO}database-functions/#math-functions"),
    "JSONObject": Difference(
        "the text of JSON differs on all: blanks, numbers, the order of keys",
        f"{DJANGO}database-functions/#jsonobject",
        "JSONList, or columns of their own",
    ),
    "JSONArray": Difference(
        "the text of JSON differs on all: blanks, numbers, nulls",
        f"{DJANGO}database-functions/#jsonarray",
        "JSONList, or columns of their own",
    ),
    "KeyTransform": Difference(
        "MariaDB and SQLite compare JSON by its text and PostgreSQL by its value; a JSON null is"
        " not NULL on each",
        f"{DJANGO}querysets/#std-fieldlookup-jsonfield.key",
        "JSONText, JSONInteger, JSONDecimal or JSONBoolean",
    ),
    "HasKeyLookup": Difference(
        "a key of JSON null is there on some and missing on others",
        f"{DJANGO}querysets/#has-key",
        "JSONHasKey",
    ),
    "DataContains": Difference(
        "SQLite has none, and MySQL and MariaDB compare numbers and duplicates differently",
        f"{DJANGO}querysets/#jsonfield.contains",
        "JSONText, JSONInteger, JSONDecimal or JSONBoolean",
    ),
    "ContainedBy": Difference(
        "SQLite has none, and MySQL and MariaDB compare numbers and duplicates differently",
        f"{DJANGO}querysets/#jsonfield.contained_by",
        "JSONText, JSONInteger, JSONDecimal or JSONBoolean",
    ),
    "JSONExact": Difference(
        "MariaDB and SQLite compare the text of JSON, PostgreSQL and MySQL its value",
        f"{DJANGO}fields/#jsonfield",
        "JSONText, JSONInteger, JSONDecimal or JSONBoolean",
    ),
    "DurationExpression": Difference(
        "SQLite and MySQL lose microseconds or give texts",
        f"{DJANGO}expressions/#using-f-with-annotations",
        "reports.expressions.Shifted or DurationBetween",
    ),
    "CombinedExpression": Difference(
        "PostgreSQL and SQLite divide integers to an integer, MySQL and MariaDB to a decimal; signs"
        " of remainders, zero divisors and 64-bit bits differ on all",
        f"{SERVER}arithmetic-functions.html",
        "reports.expressions.Quotient, IntegerDivision, Mod or Power",
    ),
    "Collate": Difference(
        "a collation's name belongs to one database",
        f"{DJANGO}database-functions/#collate",
        "CodePoint, CaseBlind or AccentBlind",
    ),
    "Random": Difference(
        "it is another number each time",
        f"{DJANGO}database-functions/#random",
        "an order of Meta.ordering",
    ),
    "UUID4": Difference(
        "it is another value each time", f"{DJANGO}database-functions/", "a column"
    ),
    "UUID7": Difference(
        "it is another value each time", f"{DJANGO}database-functions/", "a column"
    ),
    "RawSQL": Difference(
        "each database reads raw SQL in its own way",
        f"{DJANGO}expressions/#raw-sql-expressions",
        "an expression of reports.expressions (docs/support.md)",
    ),
    "Regex": Difference(
        "\\b, \\w, classes and letters beyond ASCII mean something else on each database",
        f"{DJANGO}querysets/#regex",
        "Contains, StartsWith, EndsWith or Choice",
    ),
    "IRegex": Difference(
        "\\b, \\w, classes and letters beyond ASCII mean something else on each database",
        f"{DJANGO}querysets/#iregex",
        "IContains, IStartsWith, IEndsWith or Choice",
    ),
    "YearLookup": Difference(ZONES, f"{SERVER}time-zone-support.html", "DateRange, or ExtractYear"),
    "PatternLookup": Difference(
        "a number, a date or a truth value has another text on each database",
        f"{DJANGO}querysets/#contains",
        "a comparison of its own type, or AsText",
    ),
    "DistanceLookupBase": Difference(
        "the distance is metres on PostgreSQL and SQLite, and degrees on MySQL and MariaDB",
        f"{GIS}geoquerysets/#distance-lookups",
        "bboverlaps with an area around the place",
    ),
    "RelateLookup": Difference(
        "MySQL has none, and the matrices of MariaDB and of versions of GEOS differ",
        f"{GIS}geoquerysets/#relate",
        "a predicate with a name, such as intersects, covers or overlaps",
    ),
    "GISLookup": Difference(
        "only PostgreSQL has it",
        f"{GIS}geoquerysets/#spatial-lookups",
        listed((*RELATIONS, *ENVELOPES)),
    ),
    "IsValid": Difference(
        "MariaDB 11.8 has none, and what is valid differs between MySQL and the others",
        f"{GIS}geoquerysets/#isvalid",
        "the lookup isvalid in a filter, and reports.expressions.IsValid in a column",
    ),
    "IsEmpty": Difference(
        "Django 6.0 supports it only on PostgreSQL",
        f"{GIS}functions/#isempty",
        "the lookup isempty in a filter, and reports.expressions.IsEmpty in a column",
    ),
    "NumDimensions": Difference(
        "MySQL and MariaDB store only two dimensions",
        f"{GIS}functions/",
        "a column that stores it",
    ),
    "GeoAggregate": Difference(
        "MariaDB has none and MySQL only one, and the others take a group's geometries in"
        " different orders",
        f"{GIS}geoquerysets/#aggregate-functions",
        "reports.expressions.Collect, Union, Extent or MakeLine",
    ),
    "GeoFuncMixin": Difference(
        "not every database has it, and units and the last bits of coordinates differ between those"
        " that do",
        f"{GIS}functions/",
        "a spatial expression of reports.expressions (docs/reports.md)",
    ),
    "Transform": Difference(
        "it is not proven to give one value on every database",
        f"{DJANGO}lookups/",
        "an expression of reports.expressions (docs/support.md)",
    ),
    "Lookup": Difference(
        "it is not proven to find the same rows on every database",
        f"{DJANGO}querysets/#field-lookups",
        "a lookup that docs/support.md names",
    ),
    "Func": Difference(
        "it is not proven to give one value on every database",
        f"{DJANGO}expressions/#func-expressions",
        "an expression of reports.expressions (docs/support.md)",
    ),
    "BaseExpression": Difference(
        "it is not proven to give one value on every database",
        f"{DJANGO}expressions/",
        "an expression of reports.expressions (docs/support.md)",
    ),
}


def difference(kind: type) -> tuple[str, Difference]:
    """Returns why expressions of this class are refused, and their name in DIFFERENCES."""
    for base in kind.__mro__:
        if base.__name__ in DIFFERENCES:
            return base.__name__, DIFFERENCES[base.__name__]
    return "BaseExpression", DIFFERENCES["BaseExpression"]


def instead(kind: type) -> str:
    """Returns what to write instead of a class of Django's."""
    is_lookup = issubclass(kind, lookups.Lookup)  # some lookups have the name of an expression
    for base in kind.__mro__:
        if base.__name__ in portable_expressions.__all__ and not is_lookup and _is_kin(base):
            ours = f"reports.expressions.{base.__name__}"
            found = DIFFERENCES.get(base.__name__)
            if found and issubclass(kind, GeoFuncMixin) and issubclass(kind, Transform):
                return f"{ours} to show it, and to filter {found.instead}"
            return ours
        if base.__name__ in DIFFERENCES and DIFFERENCES[base.__name__].instead:
            return DIFFERENCES[base.__name__].instead
    return "an expression of reports.expressions (docs/support.md)"


def _is_kin(kind: type) -> bool:
    """Whether Isoline's class of the same name has the same use. GeoDjango's Reverse does not."""
    return not issubclass(kind, GeoFuncMixin) or kind.__name__ not in ("Reverse",)


def refusal(expression: object) -> str:
    """Returns the sentence that refuses an expression or a lookup."""
    kind = type(expression)
    _, found = difference(kind)
    if isinstance(expression, lookups.Lookup) and isinstance(expression.lhs, Transform):
        _, found = difference(type(expression.lhs))
        return (
            f"the lookup {expression.lhs.lookup_name or type(expression.lhs).__name__}"
            f"__{expression.lookup_name} is refused: {found.differs}."
            f" Use {instead(type(expression.lhs))}."
        )
    what = (
        f"the lookup {expression.lookup_name!r}"
        if isinstance(expression, lookups.Lookup)
        else f"{_origin(kind)}{kind.__name__}"
    )
    return f"{what} is refused: {found.differs}. Use {instead(kind)}."


def _origin(kind: type) -> str:
    return "Django's " if kind.__module__.startswith("django.") else ""
