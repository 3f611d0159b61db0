"""Filters by location: within an area, near a place."""

import re
from decimal import Decimal
from typing import Any

from django import forms
from django.apps import apps
from django.contrib.gis.db.models import GeometryField, PointField
from django.contrib.gis.geos import GEOSGeometry, Point
from django.db.models import Model, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from geo import sharing
from geo.backends.predicates import RELATIONS
from geo.input import GeometryRefused, geometry
from geo.input.numbers import MOST_CHARACTERS
from geo.input.refusal import excerpt
from geo.sharing import SharingRefused
from geo.spherical import antimeridian
from geo.spherical.spherical_cap import HALF_CIRCUMFERENCE, Circle
from reports.errors import DeclarationError
from reports.expressions.client_side import SRID
from reports.expressions.spatial.distance import MOST_NEAREST, InNearest, dwithin
from reports.filters.base import Filter
from reports.filters.places import KINDS
from reports.filters.widgets import AreaMap

PREDICATES = sorted((*RELATIONS, "bboverlaps"))
# Lookups of an area's interior, for which an area must have no edge where it was cut, and lookups
# of its edges, which exist on both sides of the antimeridian.
OF_INSIDE = ("crosses", "touches", "within")
OF_EDGES = ("coveredby", "disjoint", "intersects", "touches")
# Metres: the international mile (1959) and the nautical mile (1929).
UNITS = {"m": Decimal(1), "km": Decimal(1000), "mi": Decimal("1609.344"), "nmi": Decimal(1852)}


PLACE = re.compile("([a-z]+):")
SHARED = "shared"  # the kind of place of a link
LONGEST_PLACE = 46  # characters: as long as a link itself


class Area(Filter):
    """Rows with a relation to an area: GeoJSON or WKT of polygons, a box, or a stored place.

    `predicate` is Django's lookup of `path` to the area: a point on the edge is not `within`, but
    `intersects`. The meridians 180 and -180 are the same: an area on both sides has no edge there.
    A user's geometry is checked by geo.input; the shape of a place such as `country:FR` is read
    from the database that is queried.
    """

    def __init__(self, path: str, *, predicate: str = "within", **options: Any) -> None:
        options.setdefault(
            "help_text",
            _(
                "GeoJSON or WKT of a polygon; bbox=west,south,east,north; or a place, such as"
                " country:FR or state:US-NY. A short link can stand for a long outline."
            ),
        )
        super().__init__(path, **options)
        if predicate not in PREDICATES:
            raise DeclarationError(
                f"Area({path!r}) takes no predicate {predicate!r}; it takes"
                f" {', '.join(PREDICATES)}."
            )
        self.predicate = predicate

    def fields(self, rows: QuerySet[Model]) -> dict[str, forms.Field]:
        field = AreaField(database=rows.db, label=self.label, help_text=self.help_text)
        return {self.name: field}

    def apply(self, rows: QuerySet[Model], values: dict[str, Any]) -> QuerySet[Model]:
        if not apps.is_installed("geo"):
            raise DeclarationError(
                f"{self} needs the places and the map of `geo`. Add 'geo' to INSTALLED_APPS."
            )
        self.demand(rows, GeometryField)
        area = values.get(self.name)
        if area is None:
            return rows
        return self.narrowed(rows, lambda name: [self._condition(name, area)])

    def _condition(self, name: str, area: GEOSGeometry) -> Q:
        """Returns the condition of a value, for which the meridians 180 and -180 are the same."""
        is_of_inside = self.predicate in OF_INSIDE
        found = _is(name, self.predicate, antimeridian.joined(area) if is_of_inside else area)
        for edge in antimeridian.opposite(area) if self.predicate in OF_EDGES else ():
            match self.predicate:
                case "disjoint":
                    found &= _is(name, "disjoint", edge)
                case "touches":
                    found |= _is(name, "intersects", edge) & _is(name, "disjoint", area)
                case predicate:
                    found |= _is(name, predicate, edge)
        return found


def _is(name: str, predicate: str, shape: GEOSGeometry) -> Q:
    return Q((f"{name}__{predicate}", shape))


class Near(Filter):
    """Points within a distance of a place: `longitude,latitude,radius`, with m, km, mi or nmi.

    The distance is that of `reports.expressions.Distance`, along the great circle of the sphere,
    compared by its first 12 digits.
    """

    def __init__(self, path: str, **options: Any) -> None:
        options.setdefault(
            "help_text",
            _("Longitude, latitude and radius in m, km, mi or nmi, such as 2.35,48.85,50km."),
        )
        super().__init__(path, **options)

    def fields(self, rows: QuerySet[Model]) -> dict[str, forms.Field]:
        return {self.name: CircleField(label=self.label, help_text=self.help_text)}

    def apply(self, rows: QuerySet[Model], values: dict[str, Any]) -> QuerySet[Model]:
        self.demand(rows, PointField)
        circle = values.get(self.name)
        if circle is None:
            return rows
        place = Point(circle.longitude, circle.latitude, srid=SRID)
        return self.narrowed(rows, lambda name: [dwithin(name, place, circle.metres)])


class Nearest(Filter):
    """The nearest points to a place: `longitude,latitude,count`, with a count of at most 1000.

    They are chosen among the rows that the other filters leave, by great-circle distance; at equal
    distances the least primary keys win.
    """

    is_last = True

    def __init__(self, path: str, **options: Any) -> None:
        options.setdefault(
            "help_text", _("Longitude, latitude and how many, such as 2.35,48.85,10.")
        )
        super().__init__(path, **options)

    def fields(self, rows: QuerySet[Model]) -> dict[str, forms.Field]:
        return {self.name: NearestField(label=self.label, help_text=self.help_text)}

    def apply(self, rows: QuerySet[Model], values: dict[str, Any]) -> QuerySet[Model]:
        self.demand(rows, PointField)
        source = self.source(rows)
        if source.is_spread or source.is_joined:
            raise DeclarationError(
                f"{self} crosses a to-many relation, and a row has one distance to a place. Use"
                " Near."
            )
        if values.get(self.name) is None:
            return rows
        place, count = values[self.name]
        return rows.filter(InNearest(rows, self.path, place, count))


class _SpaceField(forms.CharField):
    """A field for the text of a place; None for an empty text."""

    def __init__(self, **options: Any) -> None:
        super().__init__(required=False, **options)

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        return super().widget_attrs(widget) | {"autocomplete": "off", "spellcheck": "false"}

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        return self.read(text) if text else None

    def read(self, text: str) -> Any:
        """Returns the value of the text. Raises ValidationError."""
        raise NotImplementedError


class AreaField(_SpaceField):
    """A field for an area: a stored place, a shared link, or polygons that pass the checks."""

    widget = AreaMap

    def __init__(self, *, database: str, **options: Any) -> None:
        super().__init__(**options)
        self.database = database

    def read(self, text: str) -> GEOSGeometry:
        if place := PLACE.match(text):
            kind, code = place[1], text[place.end() :]
            return self._shared(code) if kind == SHARED else self._stored(kind, code)
        try:
            found = geometry(text)
        except GeometryRefused as error:
            raise forms.ValidationError(str(error)) from error
        if found.geom_type not in ("Polygon", "MultiPolygon"):
            raise forms.ValidationError(
                _("An area consists of polygons, and this is a %s: draw its outline.")
                % found.geom_type
            )
        return found

    def link(self, text: str, area: GEOSGeometry) -> str:
        """Stores the area and returns a short text for it. A short text is returned as it is.

        Raises ValidationError if there is no room for another area.
        """
        if len(text) <= LONGEST_PLACE or PLACE.match(text):
            return text
        try:
            return f"{SHARED}:{sharing.share(area)}"
        except SharingRefused as error:
            raise forms.ValidationError(str(error)) from error

    def shown(self, text: str) -> str:
        """Returns the text, in words unless it is a place that people know by it."""
        place = PLACE.match(text)
        if place and place[1] == SHARED:
            return str(_("a shared outline"))
        return text if place or len(text) <= LONGEST_PLACE else str(_("an outline"))

    def _shared(self, token: str) -> GEOSGeometry:
        try:
            return sharing.shared(token)
        except SharingRefused as error:
            raise forms.ValidationError(str(error)) from error

    def _stored(self, kind: str, code: str) -> GEOSGeometry:
        if kind not in KINDS:
            raise forms.ValidationError(
                _("Unknown kind of place: %(kind)s. Kinds: %(there_are)s.")
                % {"kind": excerpt(kind), "there_are": ", ".join(KINDS)}
            )
        shape = KINDS[kind].shape(code, self.database)
        if shape is None:
            raise forms.ValidationError(
                _("This database has no shape of the %(kind)s %(code)s: use %(codes)s.")
                % {"kind": kind, "code": excerpt(code), "codes": KINDS[kind].codes}
            )
        return shape


class _PlaceField(_SpaceField):
    """A field for a place and another value after a comma."""

    _NUMBER = re.compile(r"[-+]?(?:[0-9]++(?:\.[0-9]*+)?|\.[0-9]++)")

    def place(self, longitude: str, latitude: str) -> Point:
        """Returns the point of two texts. Raises ValidationError."""
        x, y = self._number(longitude), self._number(latitude)
        if not -90 <= y <= 90 and -90 <= x <= 90 and -180 <= y <= 180:
            raise forms.ValidationError(
                _("The latitude %s is beyond 90 degrees: write the longitude first.") % y
            )
        if not -180 <= x <= 180:
            raise forms.ValidationError(_("The longitude %s is beyond 180 degrees.") % x)
        if not -90 <= y <= 90:
            raise forms.ValidationError(_("The latitude %s is beyond 90 degrees.") % y)
        return Point(float(x), float(y), srid=SRID)

    def _number(self, text: str) -> Decimal:
        text = text.strip(" ")
        if len(text) > MOST_CHARACTERS or not self._NUMBER.fullmatch(text):
            raise forms.ValidationError(_("%s is not a number: write degrees.") % excerpt(text))
        return Decimal(text)


class CircleField(_PlaceField):
    """A field for a circle."""

    _FORM = re.compile(r"([^,]*),([^,]*),([^,a-z]*?) *([a-z]*)", re.IGNORECASE)

    def read(self, text: str) -> Circle:
        found = self._FORM.fullmatch(text)
        if not found or found[4].lower() not in UNITS:
            raise forms.ValidationError(
                _("Write longitude,latitude,radius with a unit (%s), such as 2.35,48.85,50km.")
                % ", ".join(UNITS)
            )
        place, radius = self.place(found[1], found[2]), self._number(found[3])
        metres = radius * UNITS[found[4].lower()]
        if not 0 < metres <= HALF_CIRCUMFERENCE:
            raise forms.ValidationError(
                _(
                    "The radius must be more than 0 and at most %s km, half of the Earth's"
                    " circumference."
                )
                % (HALF_CIRCUMFERENCE // 1000)
            )
        return Circle(place.x, place.y, float(metres))


class NearestField(_PlaceField):
    """A field for a place and the number of nearest rows."""

    _FORM = re.compile(r"([^,]*),([^,]*), *([0-9]{1,6}) *")

    def read(self, text: str) -> tuple[Point, int]:
        found = self._FORM.fullmatch(text)
        if not found or not 1 <= int(found[3]) <= MOST_NEAREST:
            raise forms.ValidationError(
                _("Write longitude,latitude,count, the count 1 to %s, such as 2.35,48.85,10.")
                % MOST_NEAREST
            )
        return self.place(found[1], found[2]), int(found[3])
