"""Widgets of parameters."""

from typing import Any

from django.contrib.gis.forms.widgets import BaseGeometryWidget
from django.forms import Script

from geo.attribution import NATURAL_EARTH


class AreaMap(BaseGeometryWidget):
    """A text field, and a map that writes into it what is drawn, as GeoJSON.

    `base_layer` is a static file: GeoJSON in degrees of longitude and latitude. The map is of that
    plane, because areas are: a straight line on it is the line that the area has. Its parts are
    loaded when it is opened, and from this site alone; without JavaScript there is the text field.
    """

    base_layer = "geo/outlines.geojson"
    attribution = f"{NATURAL_EARTH.notice} {NATURAL_EARTH.licence}."
    geom_type = "MULTIPOLYGON"
    map_srid = 4326
    template_name = "reports/widgets/area.html"

    class Media:
        js = (Script("reports/area.js", defer=True),)

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        # Not the text itself: Django's base would give a stranger's text to GDAL.
        context: dict[str, Any] = super().get_context(name, None, attrs)
        described = {each: context["widget"]["attrs"].pop(each) for each in DESCRIPTIONS}
        context["widget"] |= described | {"value": value, "attribution": self.attribution}
        return context


# What Django's base puts among the attributes of the HTML element.
DESCRIPTIONS = ("base_layer", "geom_type", "map_srid", "display_raw", "geom_name")
