"""Spatial joins over the sample data."""

import pytest
from django.db import connection

from geo.models import Airport, CountryShape
from reports.expressions import CountContained


@pytest.mark.django_db
def test_a_join_may_be_the_first_that_a_connection_is_asked() -> None:
    fresh = connection.copy()
    rows = CountryShape.objects.filter(pk="FR").annotate(
        n=CountContained(Airport, "location", of="area")
    )
    try:
        compiler = rows.values_list("n").query.get_compiler(connection=fresh)
        ((found,),) = compiler.results_iter(tuple_expected=True)
    finally:
        fresh.close()
    assert found > 100
