"""Strategies that draw querysets and reports over them, of what their models have."""

from dataclasses import dataclass, field, replace
from typing import Any

from hypothesis import strategies as st

from tests.authoring.language import (
    Arithmetic,
    Both,
    Choose,
    Coalesced,
    Compare,
    Either,
    Field,
    IsNull,
    Literal,
    Node,
    Not,
)
from tests.authoring.models import Author, Comment, Payment, Post
from tests.authoring.relation import Annotate, Distinct, Filter, Query, Values
from tests.authoring.reporting import Declared, Named
from tests.authoring.subqueries import CountOf, FirstOf, IsAmong, IsThere
from tests.authoring.summaries import Aggregate, Among
from tests.authoring.vocabulary import (
    COMPARABLE,
    CONSTANTS,
    DAY,
    DECIMAL,
    INSTANT,
    INTEGER,
    TEXT,
    TRUTH,
    VOCABULARIES,
    Vocabulary,
)


@dataclass(slots=True)
class Scope:
    """What a queryset has come to, while it is drawn.

    paths     what a row can be asked for, by type
    summed    names among `paths` that are aggregates
    windows   names among `paths` that are windows
    is_joined whether a filter may have multiplied rows
    """

    words: Vocabulary
    paths: dict[str, str]
    summed: set[str] = field(default_factory=set)
    windows: set[str] = field(default_factory=set)
    is_joined: bool = False
    is_grouped: bool = False
    is_closed: bool = False  # only the selected names are left
    has_values: bool = False

    def of(self, *kinds: str, rows_only: bool = False) -> list[str]:
        """The paths of these types; with `rows_only` no aggregate and no window."""
        over = self.summed | self.windows if rows_only else set()
        return [path for path, kind in self.paths.items() if kind in kinds and path not in over]

    @property
    def many(self) -> dict[str, str]:
        return {} if self.is_closed else self.words.many


def once_in(times: int) -> Any:
    """True in one of so many."""
    return st.sampled_from((*(False,) * (times - 1), True))


# Expressions


@st.composite
def integers(draw: Any, scope: Scope, *, rows_only: bool = False) -> Node:
    """An integer of a row."""
    paths = scope.of(INTEGER, rows_only=rows_only)
    constants = CONSTANTS[INTEGER].map(Literal)
    fields = st.sampled_from(paths).map(Field) if paths else constants
    kind = draw(st.sampled_from(("field", "field", "sum", "coalesce", "case")))
    if kind == "sum":
        return Arithmetic(draw(fields), draw(st.sampled_from("+-*")), draw(fields | constants))
    if kind == "coalesce":
        return Coalesced((draw(fields), draw(constants)))
    if kind == "case":
        condition = draw(comparisons(scope, rows_only=rows_only))
        return Choose(condition, draw(fields), draw(constants))
    return draw(fields)


@st.composite
def comparisons(draw: Any, scope: Scope, *, rows_only: bool = False) -> Node:
    """A comparison of what a row has."""
    paths = scope.of(*COMPARABLE, rows_only=rows_only)
    if not paths:
        return Compare(Literal(1), "lt", Literal(2))
    path = draw(st.sampled_from(paths))
    kind = scope.paths[path]
    form = draw(st.sampled_from(("constant", "constant", "constant", "null", "field", "in")))
    if form == "null":
        return IsNull(Field(path), draw(st.booleans()))
    if form == "in":
        several = st.lists(CONSTANTS[kind], min_size=1, max_size=3).map(tuple)
        return Compare(Field(path), "in", Literal(draw(several)))
    lookup = draw(st.sampled_from(("exact", "gt", "gte", "lt", "lte")))
    if form == "field":
        other = draw(st.sampled_from([p for p in paths if scope.paths[p] == kind]))
        return Compare(Field(path), lookup, Field(other))
    return Compare(Field(path), lookup, Literal(draw(CONSTANTS[kind])))


@st.composite
def many_comparisons(draw: Any, scope: Scope) -> Node:
    """A comparison over a path to many."""
    path = draw(st.sampled_from([p for p, kind in scope.many.items() if kind in COMPARABLE]))
    lookup = draw(st.sampled_from(("exact", "gt", "gte", "lt", "lte")))
    return Compare(Field(path), lookup, Literal(draw(CONSTANTS[scope.many[path]])))


@st.composite
def existing(draw: Any, scope: Scope) -> Node:
    """Exists."""
    model, link, of = draw(st.sampled_from(scope.words.pointing))
    inner = Compare(
        Field(of), draw(st.sampled_from(("gt", "lte"))), Literal(draw(CONSTANTS[INTEGER]))
    )
    return IsThere(model, link, Field("pk"), draw(st.sampled_from((None, inner))))


@st.composite
def conditions(draw: Any, scope: Scope) -> tuple[Node, bool]:
    """A condition for filter(), and whether it joins to many."""
    kinds = ["one", "one", "or", "and", "not"]
    if scope.many:
        kinds += ["many", "many and", "not many"]
    if scope.words.pointing and not scope.is_closed:
        kinds += ["exists", "not exists", "or exists"]
    if "author" in scope.words.keys and not scope.is_closed:
        kinds += ["among"]
    one = comparisons(scope)
    match draw(st.sampled_from(kinds)):
        case "or":
            return Either((draw(one), draw(one))), False
        case "and":
            return Both((draw(one), draw(one))), False
        case "not":
            return Not(draw(one)), False
        case "many":
            return draw(many_comparisons(scope)), True
        case "many and":
            return Both((draw(many_comparisons(scope)), draw(many_comparisons(scope)))), True
        case "not many":
            return Not(draw(many_comparisons(scope))), False
        case "exists":
            return draw(existing(scope)), False
        case "not exists":
            return Not(draw(existing(scope))), False
        case "or exists":
            return Either((draw(existing(scope)), draw(one))), False
        case "among":
            condition = Compare(Field("active"), "exact", Literal(draw(st.booleans())))
            return IsAmong(Field("author"), Author, condition), False
    return draw(one), False


@st.composite
def aggregates(draw: Any, scope: Scope, *, is_report: bool = False) -> tuple[Node, str]:
    """An aggregate over a group's rows or over a path to many, and its type."""
    paths = dict(scope.many)
    over = set() if is_report else scope.summed | scope.windows
    paths |= {path: kind for path, kind in scope.paths.items() if path not in over}
    condition = None
    if draw(once_in(4)):
        condition = draw(comparisons(scope, rows_only=not is_report))
    kind = draw(
        st.sampled_from(("Count", "Count", "Sum", "Min", "Max", *("Avg", "StringAgg") * is_report))
    )
    fitting = {"Sum": (INTEGER, DECIMAL), "Avg": (INTEGER, DECIMAL), "StringAgg": (TEXT,)}
    fitting |= dict.fromkeys(("Min", "Max"), (INTEGER, DECIMAL, TEXT, DAY, INSTANT))
    chosen = [path for path, of in paths.items() if of in fitting.get(kind, (of,))]
    if not chosen or (kind == "Count" and draw(once_in(5))):
        return Aggregate("Count", None), INTEGER
    path = draw(st.sampled_from(chosen))
    is_distinct = kind in ("Count", "Sum") and draw(once_in(4))
    type_ = INTEGER if kind == "Count" else paths[path]
    return Aggregate(kind, Field(path), condition, is_distinct), type_


@st.composite
def windows(draw: Any, scope: Scope) -> tuple[Node, str]:
    """A window over the rows of the queryset."""
    plain = [path for path in scope.paths if path not in scope.windows]
    by = st.sampled_from([p for p in plain if scope.paths[p] != TRUTH] or ["pk"]).map(Field)
    partition = draw(st.lists(by, max_size=1).map(tuple))
    kinds = ["Rank", "DenseRank", "Sum", "Count", "Max"]
    if not scope.is_joined and not scope.has_values:  # what it numbers are told apart by their key
        kinds.append("RowNumber")
    kind = draw(st.sampled_from(kinds))
    is_aggregate = kind in ("Sum", "Count", "Max")
    order = draw(st.lists(by, min_size=0 if is_aggregate else 1, max_size=1).map(tuple))
    source, type_ = None, INTEGER
    if is_aggregate:
        numbers = [p for p in plain if scope.paths[p] in (INTEGER, DECIMAL)]
        if not numbers:
            return Among("Rank", None, partition, (draw(by),)), INTEGER
        path = draw(st.sampled_from(numbers))
        source, type_ = Field(path), INTEGER if kind == "Count" else scope.paths[path]
    return Among(kind, source, partition, order, draw(st.booleans())), type_


# Querysets


@st.composite
def queries(draw: Any) -> tuple[Query, Scope]:
    """A queryset, and what can be asked of its rows."""
    model = draw(st.sampled_from((Post, Post, Post, Comment, Author, Payment)))
    words = VOCABULARIES[model]
    scope = Scope(words, dict(words.one))
    steps: list[Any] = []
    for number in range(draw(st.integers(0, 4))):
        steps += draw(_steps(scope, f"x{number}"))
    if draw(once_in(10)):
        steps.append(Distinct())
        scope.is_joined = False
        scope.is_closed |= scope.has_values
        if scope.is_closed:
            selected = next(s.names for s in steps if isinstance(s, Values))
            names = {s.name for s in steps if isinstance(s, Annotate) and not s.hidden}
            scope.paths = {p: k for p, k in scope.paths.items() if p in names or p in selected}
    return Query(model, tuple(steps)), scope


@st.composite
def _steps(draw: Any, scope: Scope, name: str) -> list[Any]:
    kinds = ["filter", "filter", "row", "row", "window", "quiet"]
    if not (scope.has_values and scope.is_grouped):
        kinds += ["sum", "sum", "sum"]
    if not scope.has_values and not scope.is_grouped:
        kinds += ["values"]
    match draw(st.sampled_from(kinds)):
        case "filter":
            condition, joins = draw(conditions(scope))
            scope.is_joined |= joins
            is_single = isinstance(condition, Compare | IsNull)
            return [Filter(condition, is_single and not joins and draw(st.booleans()))]
        case "row":
            node, kind = draw(_row_values(scope))
            scope.paths[name] = kind
            if (
                node.has(Field)
                and {f.path for f in node.leaves() if isinstance(f, Field)} & scope.summed
            ):
                scope.summed.add(name)
            if {f.path for f in node.leaves() if isinstance(f, Field)} & scope.windows:
                scope.windows.add(name)
            hidden = not scope.has_values and draw(once_in(5))
            return [Annotate(name, node, hidden)]
        case "window":
            node, kind = draw(windows(scope))
            scope.windows.add(name)
            scope.paths[name] = kind
            return [Annotate(name, node)]
        case "sum":
            node, kind = draw(aggregates(scope))
            if scope.has_values:
                _close(scope)
            scope.summed.add(name)
            scope.paths[name] = kind
            scope.is_grouped = True
            scope.is_joined = False
            return [Annotate(name, node)]
        case "values":
            return [draw(_values(scope))]
    return [draw(st.sampled_from(scope.words.quiet))] if not scope.has_values else []


@st.composite
def _row_values(draw: Any, scope: Scope) -> tuple[Node, str]:
    kinds = ["integer", "field"]
    if scope.words.pointing and not scope.is_closed:
        kinds += ["exists", "first", "count"]
    kind = draw(st.sampled_from(kinds))
    if kind == "exists":
        return draw(existing(scope)), TRUTH
    if kind in ("first", "count"):
        model, link, of = draw(st.sampled_from(scope.words.pointing))
        if kind == "count":
            return CountOf(model, link, Field("pk")), INTEGER
        return FirstOf(model, link, Field("pk"), of, draw(st.booleans())), INTEGER
    if kind == "field" and scope.paths:
        path = draw(st.sampled_from(list(scope.paths)))
        return Field(path), scope.paths[path]
    return draw(integers(scope)), INTEGER


@st.composite
def _values(draw: Any, scope: Scope) -> Values:
    paths = [path for path in scope.paths if path not in scope.windows]
    names = draw(st.lists(st.sampled_from(paths), min_size=1, max_size=2, unique=True))
    scope.has_values = True
    return Values(tuple(names))


def _close(scope: Scope) -> None:
    """After the first aggregate over values() only what was selected is there."""
    scope.is_closed = True


# Reports


@st.composite
def reports(draw: Any) -> Declared:
    """A report over a drawn queryset: grouped, a row an object, or one row for the whole."""
    query, scope = draw(queries())
    if scope.is_closed:
        scope = replace(scope, paths=_selected(query, scope))
    kind = draw(st.sampled_from(("grouped", "grouped", "flat", "whole")))
    filters = draw(_filters(scope))
    group_by = draw(_keys(scope)) if kind == "grouped" else None
    if kind == "flat":
        columns = draw(_flat_columns(scope))
    else:
        summed = aggregates(scope, is_report=True).map(_first)
        several = draw(st.lists(summed, min_size=kind == "whole", max_size=3))
        columns = {f"c{number}": node for number, node in enumerate(several)}
    names = [*(group_by or {}), *columns]
    ordered = draw(st.lists(st.sampled_from(names), max_size=2, unique=True)) if names else []
    ordering = tuple(f"{'-' * draw(st.booleans())}{name}" for name in ordered)
    return Declared(query, columns, group_by, ordering, filters)


def _selected(query: Query, scope: Scope) -> dict[str, str]:
    selected = next(step.names for step in query.steps if isinstance(step, Values))
    added = [s.name for s in query.steps if isinstance(s, Annotate) and not s.hidden]
    first = next(n for n, step in enumerate(query.steps) if isinstance(step, Values))
    late = {s.name for s in query.steps[first:] if isinstance(s, Annotate)}
    return {p: k for p, k in scope.paths.items() if p in selected or (p in added and p in late)}


@st.composite
def _filters(draw: Any, scope: Scope) -> dict[str, int]:
    numbers = scope.of(INTEGER)
    if not numbers or not draw(once_in(3)):
        return {}
    return {draw(st.sampled_from(numbers)): draw(st.integers(0, 4))}


@st.composite
def _keys(draw: Any, scope: Scope) -> dict[str, Any]:
    fields = st.sampled_from(list(scope.paths)).map(Field)
    kinds: list[Any] = [fields, fields, integers(scope)]
    if not scope.is_closed:
        kinds.append(st.sampled_from(scope.words.keys).map(Named))
        many = [path for path, kind in scope.many.items() if kind in COMPARABLE]
        kinds.append(st.sampled_from(many).map(Field))
        if scope.words.pointing:
            kinds.append(existing(scope))
    return {f"k{n}": draw(st.one_of(kinds)) for n in range(draw(st.integers(1, 2)))}


@st.composite
def _flat_columns(draw: Any, scope: Scope) -> dict[str, Any]:
    kinds: list[Any] = [st.sampled_from(list(scope.paths)).map(Field), integers(scope)]
    if not scope.is_closed:
        kinds.append(st.sampled_from(scope.words.keys).map(Named))
        more = [st.sampled_from(list(scope.many)).map(Field), windows(scope).map(_first)]
        if not scope.is_joined:
            more.append(aggregates(scope, is_report=True).map(_first))
        kinds.append(draw(st.sampled_from(more)))
    found = {f"c{n}": draw(st.one_of(kinds)) for n in range(draw(st.integers(1, 3)))}
    if all(isinstance(node, Aggregate) for node in found.values()):
        found["c9"] = Field(draw(st.sampled_from(list(scope.paths))))
    return found


def _first(pair: tuple[Node, str]) -> Node:
    return pair[0]
