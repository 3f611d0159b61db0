"""The sources and licences of the bundled data."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Attribution:
    """One source of bundled data: its author, its licence, and the files taken from it."""

    source: str
    title: str
    url: str
    licence: str
    licence_url: str
    notice: str
    files: tuple[str, ...]


NATURAL_EARTH = Attribution(
    source="Natural Earth",
    title="Countries and states of the world, 1:50 million",
    url="https://www.naturalearthdata.com/",
    licence="Public domain",
    licence_url="https://www.naturalearthdata.com/about/terms-of-use/",
    notice="Made with Natural Earth.",
    files=(
        "natural_earth_countries_50m.geojson.gz",
        "natural_earth_states_50m.geojson.gz",
    ),
)
ATTRIBUTIONS = (
    Attribution(
        source="GeoNames",
        title="Countries; cities over 15,000 people and their alternate names",
        url="https://www.geonames.org/",
        licence="CC BY 4.0",
        licence_url="https://creativecommons.org/licenses/by/4.0/",
        notice="Data © GeoNames, units and columns changed as described in docs/data.md.",
        files=("geonames_countries.csv.gz", "geonames_cities15000.csv.gz"),
    ),
    NATURAL_EARTH,
    Attribution(
        source="airportsdata",
        title="Airports and airfields of the world",
        url="https://github.com/mborsetti/airportsdata",
        licence="MIT",
        licence_url="https://github.com/mborsetti/airportsdata/blob/main/LICENSE",
        notice=(
            "Copyright (c) 2020- Mike Borsetti. Includes data from"
            " https://github.com/mwgg/Airports, Copyright (c) 2014 mwgg."
        ),
        files=("airports.csv.gz",),
    ),
)
