"""Places with a stored shape, by the code that people know: `country:FR`."""

import re
from dataclasses import dataclass

from django.apps import apps
from django.contrib.gis.geos import GEOSGeometry
from django.db.models import Model, QuerySet


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A model whose objects have shapes, in the field `area`.

    model    its label
    key      the field that holds the codes
    codes    the description of the codes, for people
    pattern  matches every code
    """

    model: str
    key: str
    codes: str
    pattern: str

    def shape(self, code: str, database: str) -> GEOSGeometry | None:
        """Returns the shape that this database has for a code, of any size; None if it has none.

        It is read first, because every engine can search its spatial index for a literal.
        """
        if not re.fullmatch(self.pattern, code):
            return None
        rows: QuerySet[Model] = apps.get_model(self.model)._default_manager.using(database)
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
