"""The outlines of the drawing map are up to date, small and close to the original shapes."""

import gzip
import json
import runpy
from pathlib import Path

import pytest
from django.contrib.gis.geos import GEOSGeometry, MultiPolygon, Polygon

pytestmark = pytest.mark.once

ROOT = Path(__file__).resolve().parents[2]
FILE = ROOT / "geo" / "static" / "geo" / "outlines.geojson"
SCRIPT = runpy.run_path(str(ROOT / "script" / "outlines"))


def shapes(text: str) -> list[GEOSGeometry]:
    """Returns the features of a GeoJSON text, made valid if a line touches itself."""
    found = []
    for feature in json.loads(text)["features"]:
        polygons = [Polygon(*rings) for rings in feature["geometry"]["coordinates"]]
        found.append(MultiPolygon(polygons).make_valid())
    return found


@pytest.fixture(scope="module")
def outlines() -> list[GEOSGeometry]:
    """The countries of the map."""
    return shapes(FILE.read_text(encoding="ascii"))


def test_the_file_is_what_the_script_writes():
    assert FILE.read_text(encoding="ascii") == f"{SCRIPT['outlines']()}\n", "run script/outlines"


def test_the_file_is_light():
    text = FILE.read_text(encoding="ascii")
    assert len(text) < 250_000
    assert len(gzip.compress(text.encode())) < 90_000


def test_coordinates_are_degrees_with_two_decimals(outlines):
    for outline in outlines:
        west, south, east, north = outline.extent
        assert -180 <= west < east <= 180
        assert -90 <= south < north <= 90
    text = FILE.read_text(encoding="ascii")
    numbers = text.replace("[", ",").replace("]", ",").split(",")
    assert max(len(number.partition(".")[2]) for number in numbers if "." in number) == 2


def test_the_land_is_where_it_was(outlines):
    with gzip.open(SCRIPT["SOURCE"], "rt", encoding="utf-8") as file:
        countries = shapes(file.read())
    wanted, found = (sum(each.area for each in shapes) for shapes in (countries, outlines))
    assert found == pytest.approx(wanted, rel=0.005)
    for country in countries:
        if country.area > 5:
            nearest = max(outlines, key=lambda outline: country.intersection(outline).area)
            assert country.sym_difference(nearest).area < 0.12 * country.length


def test_neighbours_have_one_border(outlines):
    """Simplified one by one, they would overlap along the whole border."""
    large = [outline for outline in outlines if outline.area > 20]
    lap = sum(
        a.intersection(b).area
        for n, a in enumerate(large)
        for b in large[n + 1 :]
        if a.intersects(b)
    )
    assert lap < 1
