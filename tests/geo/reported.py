"""Querysets whose spatial lookups an engine treats as those of a report."""

from typing import Any

from django.contrib.gis.db.models.lookups import GISLookup
from django.db.models import Exists, QuerySet
from django.db.models.sql.where import WhereNode

from geo.backends import agreement


def as_in_a_report[Rows: QuerySet[Any, Any]](rows: Rows) -> Rows:
    """Returns the rows with lookups that are exact or refused, also those of an Exists."""
    marked = rows.all()
    _mark(marked.query.where)
    return marked


def _mark(where: WhereNode) -> None:
    for number, child in enumerate(where.children):
        if isinstance(child, WhereNode):
            _mark(child)
        elif isinstance(child, GISLookup):
            where.children[number] = agreement.exactly(child)
        elif isinstance(child.lhs, Exists):  # compared with True
            where.children[number] = copy = child.copy()
            copy.lhs = copy.lhs.copy()
            copy.lhs.query = copy.lhs.query.clone()
            _mark(copy.lhs.query.where)
