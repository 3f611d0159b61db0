"""What expressions and reports cost on one database: script/bench expressions."""

import sys
from collections.abc import Callable, Sequence
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Context, Decimal
from functools import partial
from typing import Any

from django.core.exceptions import FieldError
from django.db import DatabaseError, connection
from django.db.models import CharField, Max, QuerySet, TextField
from django.db.models.functions import Length
from tqdm import tqdm

from aviation.models import Flight
from geo.backends.wrapper import database_wrapper
from reports.expressions.base import exact
from reports.portability.rewrite import portable
from reports.values.numbers import round_half_up
from tests.bench import statements
from tests.bench.pairs import AGGREGATES, VALUES, Pair
from tests.bench.race import HEADER, Result, alone, race

LIMIT = 1.2
TWELVE_DIGITS = Context(prec=12, rounding=ROUND_HALF_UP)
# What Django's own raises where it has no answer; no time zone tables are a ValueError.
NO_ANSWER = (DatabaseError, FieldError, ValueError, TypeError)


def run(database: str, parts: Sequence[str]) -> int:
    """Print the tables of one database; 1 if bytes differ or something could not be run."""
    _settle()
    pairs = [pair for pair in (*AGGREGATES, *VALUES) if _is_wanted(pair.name, parts)]
    slugs = [slug for slug in statements.SLUGS if _is_wanted(slug, parts)]
    expressions: list[Result] = []
    reports: list[Result] = []
    with tqdm(total=len(pairs) + len(slugs), disable=None, leave=False) as progress:
        for pair in pairs:
            progress.set_description(f"{database}: {pair.name}")
            expressions.append(_pair(pair))
            progress.update()
        for slug in slugs:
            progress.set_description(f"{database}: {slug}")
            reports.append(statements.measure(slug, database))
            progress.update()
    print(f"\n#### {database_wrapper('default').server_version}")
    _print(expressions, "Django")
    _print(reports, "expert")
    failed = [result for result in (*expressions, *reports) if result.is_failure]
    for result in failed:
        print(f"bench: {database}: {result.case}: {result.note}", file=sys.stderr)
    return 1 if failed else 0


def _is_wanted(name: str, parts: Sequence[str]) -> bool:
    return not parts or any(part in name for part in parts)


def _print(results: Sequence[Result], other: str) -> None:
    if results:
        print("", HEADER.format(other=other), *(result.line() for result in results), sep="\n")


def _settle() -> None:
    """What PostgreSQL would do by itself within a minute, in the middle of a measurement."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("VACUUM (ANALYZE) aviation_flight")


class Proven:
    """An expression as a report has it."""

    def __init__(self, expression: Any) -> None:
        self.expression = expression

    def resolve_expression(self, *args: Any, **kwargs: Any) -> Any:
        return portable(exact(self.expression).resolve_expression(*args, **kwargs))


def _pair(pair: Pair) -> Result:
    result = partial(Result, case=pair.name, limit=LIMIT)
    is_aggregate = pair in AGGREGATES
    query = _by_carrier if is_aggregate else _over_all
    ours, other = query(Proven(pair.ours)), query(pair.other)
    answers = partial(_answers, is_aggregate=is_aggregate, places=pair.places)
    try:
        our_answers = answers(Proven(pair.ours))
        ours()
    except Exception as error:  # noqa: BLE001 -- told in the table, the other cases go on
        return result(note=f"failed: {type(error).__name__}: {error}", is_failure=True)
    try:
        is_right = answers(pair.other) == our_answers
        other()
    except NO_ANSWER:
        return result(ours=alone(ours), note="no answer")
    our_seconds, other_seconds = race(ours, other)
    note = "" if is_right else "differs"
    return result(ours=our_seconds, other=other_seconds, note=note)


# The statements that are timed


def _by_carrier(expression: Any) -> Callable[[], Any]:
    return lambda: list(_grouped(expression))


def _grouped(expression: Any) -> QuerySet[Any, Any]:
    flights = Flight.objects.order_by().values("carrier_id")
    return flights.annotate(x=expression).values_list("carrier_id", "x")


def _over_all(expression: Any) -> Callable[[], Any]:
    flights = Flight.objects.order_by().annotate(x=expression)
    is_text = isinstance(flights.query.annotations["x"].output_field, CharField | TextField)
    greatest = Max(Length("x")) if is_text else Max("x")
    return lambda: flights.aggregate(greatest=greatest)


# What they answer


def _answers(expression: Any, *, is_aggregate: bool, places: int | None) -> set[Any]:
    """What both must agree about: each carrier's value, or the different values that there are."""
    if is_aggregate:
        rows = _grouped(expression)
    else:
        rows = Flight.objects.order_by().annotate(x=expression).values_list("x").distinct()
    return {tuple(_plain(value, places) for value in row) for row in rows.iterator()}


def _plain(value: Any, places: int | None) -> Any:
    """A value without its type, which may differ."""
    match value:
        case bool() | str() | None | datetime() | date():
            return value
        case int() | float() | Decimal():
            number = TWELVE_DIGITS.create_decimal(
                repr(value) if isinstance(value, float) else value
            )
            return number if places is None else round_half_up(number, places)
    return value
