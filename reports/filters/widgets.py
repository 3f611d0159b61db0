"""Widgets of parameters."""

from typing import Any

from django.contrib.gis.forms.widgets import BaseGeometryWidget
from django.forms import Script

from geo.attribution import NATURAL_EARTH


class AreaMap(BaseGeometryWidget):
    """A text field with a map that writes drawn areas into it as GeoJSON.

    `base_layer` is a static file: GeoJSON in degrees of longitude and latitude. The map shows that
    plane, because areas are planar: a straight line on the map is an edge of the area. Its scripts
    are loaded when it is opened, and only from this site; without JavaScript there is just the text
    field.
    """

    shared_url = ""  # the address of the area of a link, with TOKEN for the link's token
    base_layer = "geo/outlines.geojson"
    attribution = f"{NATURAL_EARTH.notice} {NATURAL_EARTH.licence}."
    geom_type = "MULTIPOLYGON"
    map_srid = 4326
    template_name = "reports/widgets/area.html"

    class Media:
        js = (Script("reports/area.js", defer=True),)

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        # Without the text: Django's base class would pass a stranger's text to GDAL.
        context: dict[str, Any] = super().get_context(name, None, attrs)
        described = {each: context["widget"]["attrs"].pop(each) for each in DESCRIPTIONS}
        context["widget"] |= described | {
            "value": value,
            "attribution": self.attribution,
            "shared_url": self.shared_url,
        }
        return context


# Attributes that Django's base class would add to the HTML element.
DESCRIPTIONS = ("base_layer", "geom_type", "map_srid", "display_raw", "geom_name")
