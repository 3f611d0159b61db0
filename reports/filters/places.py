"""Places whose shape is stored, by the code that people know them by: `country:FR`."""

import re
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.contrib.gis.geos import GEOSGeometry
from django.db.models import QuerySet


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A model that holds shapes, as `area`.

    model    its label
    key      the field that a code is looked up in
    codes    what the codes are, for people
    pattern  what every code looks like
    """

    model: str
    key: str
    codes: str
    pattern: str

    def shape(self, code: str, database: str) -> GEOSGeometry | None:
        """The shape that this database has for a code, of whatever size; None if it has none.

        It is fetched, because a literal is what the spatial index of every engine can be asked for.
        """
        if not re.fullmatch(self.pattern, code):
            return None
        rows: QuerySet[Any] = apps.get_model(self.model)._default_manager.using(database)
        shape: GEOSGeometry | None = (
            rows.filter(**{self.key: code}).values_list("area", flat=True).first()
        )
        return shape


KINDS = {
    "country": Kind(
        model="isoline_geo.CountryShape",
        key="country_id",
        codes="codes of ISO 3166-1, such as country:FR",
        pattern="[A-Z]{2}",
    ),
    "state": Kind(
        model="isoline_geo.State",
        key="iso_3166_2",
        codes="codes of ISO 3166-2, such as state:US-NY",
        pattern="[A-Z]{2}-[A-Z0-9]{1,3}~?",
    ),
}
