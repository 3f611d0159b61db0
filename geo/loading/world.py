"""Loads the world's places from the files in geo/data."""

from collections import defaultdict
from pathlib import Path

from django.contrib.gis.geos import MultiPolygon, Point

from geo.loading import values
from geo.loading.geometry import Repair, multipolygon, point, square_metres, united, valid
from geo.loading.placement import Placer
from geo.loading.runs import Loader
from geo.loading.sources import Feature, Row
from geo.loading.tables import Table
from geo.models import (
    Airport,
    City,
    CityName,
    Country,
    CountryShape,
    State,
    Territory,
)

FOLDER = Path(__file__).resolve().parent.parent / "data"

COUNTRIES = "geonames_countries.csv.gz"
COUNTRY_COLUMNS = (
    "iso", "iso3", "isonumeric", "name", "continentcode", "capital", "areakm2", "population",
    "tld", "currencycode", "currencyname", "phone", "languages", "neighbours", "geonameid",
)  # fmt: skip
SHAPES = "natural_earth_countries_50m.geojson.gz"
STATES = "natural_earth_states_50m.geojson.gz"
CITIES = "geonames_cities15000.csv.gz"
CITY_COLUMNS = (
    "geonameid", "name", "latitude", "longitude", "country_code", "admin1_code", "population",
    "timezone", "alternate_names",
)  # fmt: skip
AIRPORTS = "airports.csv.gz"
AIRPORT_COLUMNS = (
    "icao", "iata", "name", "city", "subd", "country", "elevation", "lat", "lon", "tz", "lid",
)  # fmt: skip

# A missing code or number in Natural Earth.
UNSET = "-99"
UNKNOWN = -99
# The range of a city's names in the key of CityName.
NAMES_PER_CITY = 1000
# Metres in a foot.
FOOT = "0.3048"
# Contradicted airports that are named in the output.
SHOWN = 10

_metres = values.scaled(FOOT, 2)
_code = values.optional(values.required)


class WorldLoader(Loader):
    """Loads countries, their shapes, states, cities with their names, and airports."""

    rules = 1
    primary = {
        COUNTRIES: Country,
        SHAPES: None,
        STATES: State,
        CITIES: City,
        AIRPORTS: Airport,
    }
    tables = (Country, Territory, CountryShape, State, City, CityName, Airport)

    def fill(self) -> list[str]:
        countries = self._fill_countries()
        placer, repairs = self._fill_shapes(countries)
        repairs += self._fill_states(countries)
        self._fill_cities(countries)
        self._fill_airports(countries, placer)
        return [str(repair) for repair in repairs]

    def observe(self) -> list[str]:
        airports = Airport.objects.using(self.using)
        by_way = {way: airports.filter(placed_by=way).count() for way in Airport.PlacedBy}
        territories = airports.filter(located_in_territory__isnull=False).count()
        contradicted = airports.contradicted()
        counts = {way: contradicted.filter(placed_by=way).count() for way in Airport.PlacedBy}
        return [
            "Airports placed by "
            + ", ".join(f"{way.value}: {count:,}" for way, count in by_way.items())
            + f"; {territories:,} of them in a territory without a country code.",
            f"{sum(counts.values()):,} airports lie in another country than their file says"
            f" ({counts[Airport.PlacedBy.POLYGON]:,} inside its polygon,"
            f" {counts[Airport.PlacedBy.NEAREST]:,} nearest to it); the first are:",
            *(
                f"  {airport.icao} {airport.name}: file {airport.country_id},"
                f" {airport.placed_by} {airport.located_in_id}"
                for airport in contradicted.order_by("pk")[:SHOWN]
            ),
        ]

    def _fill_countries(self) -> dict[str, str]:
        """Returns the known codes, each under itself."""
        table = self.table(Country)
        known = {}
        continents = {continent.value: continent.value for continent in Country.Continent}
        for row in self.rows(COUNTRIES, COUNTRY_COLUMNS):
            # "NA" is a code here, Namibia's and North America's.
            country = Country(
                code=row.get("iso", values.text),
                code3=row.get("iso3", values.text),
                number=row.get("isonumeric", values.count) or None,
                name=row.get("name", values.text),
                continent=row.find("continentcode", continents, "continent"),
                capital=row.get("capital", values.text),
                area_km2=row.get("areakm2", values.scaled("1", 2)),
                population=row.get("population", values.count),
                tld=row.get("tld", values.text),
                currency_code=row.get("currencycode", values.text),
                currency_name=row.get("currencyname", values.text),
                phone=row.get("phone", values.text),
                languages=row.get("languages", values.text),
                neighbours=row.get("neighbours", values.text),
                geoname_id=row.get("geonameid", values.count),
            )
            table.add(country, row.place)
            known[country.code] = country.code
        table.flush()
        return known

    def _fill_shapes(self, countries: dict[str, str]) -> tuple[Placer, list[Repair]]:
        """Returns an index of every polygon, by its country's or territory's code."""
        shapes, territories = self.table(CountryShape), self.table(Territory)
        grouped: dict[str, list[tuple[Feature, MultiPolygon]]] = defaultdict(list)
        repairs: list[Repair] = []
        places: list[tuple[str, MultiPolygon]] = []
        for feature in self.features(SHAPES):
            code = feature.text("iso_a2_eh")
            area = self._valid(feature, multipolygon(feature), repairs)
            if code == UNSET:
                territory = _territory(feature, area)
                territories.add(territory, feature.place)
                places.append((territory.code, area))
            elif code in countries:
                grouped[code].append((feature, area))
            else:
                raise feature.place.error(f"iso_a2_eh is {code!r}, an unknown country")
        for code, parts in grouped.items():
            largest = max(parts, key=lambda part: square_metres(part[1]))[0]
            area = united([area for _, area in parts])
            shapes.add(_shape(code, largest, area), largest.place)
            places.append((code, area))
        shapes.flush()
        territories.flush()
        return Placer(places), repairs

    def _fill_states(self, countries: dict[str, str]) -> list[Repair]:
        table = self.table(State)
        repairs: list[Repair] = []
        for feature in self.features(STATES):
            code = feature.text("iso_a2")
            if code not in countries:
                raise feature.place.error(f"iso_a2 is {code!r}, an unknown country")
            area = self._valid(feature, multipolygon(feature), repairs)
            table.add(_state(feature, area), feature.place)
        return repairs

    def _fill_cities(self, countries: dict[str, str]) -> None:
        cities = self.table(City)
        names = self.table(CityName, cities)
        for row in self.rows(CITIES, CITY_COLUMNS):
            city = City(
                geoname_id=row.get("geonameid", values.count),
                name=row.get("name", values.text),
                location=_location(row, "longitude", "latitude"),
                country_id=row.find("country_code", countries, "country"),
                admin1_code=row.get("admin1_code", values.text),
                population=row.get("population", values.count),
                timezone=row.get("timezone", values.required),
            )
            cities.add(city, row.place)
            _add_names(names, city.geoname_id, row)

    def _fill_airports(self, countries: dict[str, str], placer: Placer) -> None:
        table = self.table(Airport)
        for row in self.rows(AIRPORTS, AIRPORT_COLUMNS):
            location = _location(row, "lon", "lat")
            placement = placer.locate(location.x, location.y)
            airport = Airport(
                icao=row.get("icao", values.required),
                iata=row.get("iata", _code),
                lid=row.get("lid", values.text),
                name=row.get("name", values.text),
                city=row.get("city", values.text),
                subdivision=row.get("subd", values.text),
                country_id=row.find("country", countries, "country"),
                elevation=row.get("elevation", _metres),
                location=location,
                timezone=row.get("tz", values.required),
                placed_by=placement.placed_by.value,
            )
            if placement.key in countries:
                airport.located_in_id = placement.key
            else:
                airport.located_in_territory_id = placement.key
            table.add(airport, row.place)

    @staticmethod
    def _valid(feature: Feature, area: MultiPolygon, repairs: list[Repair]) -> MultiPolygon:
        """Returns the area, repaired and noted if that was needed."""
        area, repair = valid(area, f"{feature.place} ({feature.text('name')})")
        if repair:
            repairs.append(repair)
        return area


def _location(row: Row, longitude: str, latitude: str) -> Point:
    return point(row.get(longitude, values.longitude), row.get(latitude, values.latitude))


def _add_names(table: Table, city: int, row: Row) -> None:
    """Adds the city's alternate names, each once, exactly as in the list."""
    if not (listed := row["alternate_names"]):
        return
    names = dict.fromkeys(listed.split("|"))
    if len(names) >= NAMES_PER_CITY:
        raise row.place.error(f"{len(names)} alternate names, but fewer than {NAMES_PER_CITY} fit")
    for number, name in enumerate(names):
        table.add(CityName(id=city * NAMES_PER_CITY + number, city_id=city, name=name), row.place)


def _shape(code: str, feature: Feature, area: MultiPolygon) -> CountryShape:
    gdp = feature.integer("gdp_md")
    return CountryShape(
        country_id=code,
        area=area,
        square_metres=square_metres(area),
        label_point=point(feature.number("label_x"), feature.number("label_y")),
        name=feature.text("name"),
        name_long=feature.text("name_long"),
        formal_name=feature.text("formal_en"),
        sovereignty=feature.text("sovereignt"),
        kind=feature.text("type"),
        region=feature.text("region_un"),
        subregion=feature.text("subregion"),
        income_group=feature.text("income_grp"),
        economy=feature.text("economy"),
        population=feature.integer("pop_est"),
        population_year=feature.integer("pop_year"),
        gdp_musd=None if gdp == UNKNOWN else gdp,
        gdp_year=None if gdp == UNKNOWN else feature.integer("gdp_year"),
        **{name: feature.text(name) for name in _names("ar", "de", "es", "fr", "ja", "ru", "zh")},
    )


def _territory(feature: Feature, area: MultiPolygon) -> Territory:
    return Territory(
        code=feature.text("adm0_a3"),
        name=feature.text("name"),
        name_long=feature.text("name_long"),
        sovereignty=feature.text("sovereignt"),
        kind=feature.text("type"),
        area=area,
        square_metres=square_metres(area),
    )


def _state(feature: Feature, area: MultiPolygon) -> State:
    return State(
        code=feature.text("adm1_code"),
        iso_3166_2=feature.text("iso_3166_2"),
        country_id=feature.text("iso_a2"),
        name=feature.text("name"),
        name_alt=feature.text("name_alt"),
        kind=feature.text("type_en"),
        abbreviation=feature.text("abbrev"),
        postal=feature.text("postal"),
        area=area,
        square_metres=square_metres(area),
        **{name: feature.text(name) for name in _names("ar", "ja", "zh")},
    )


def _names(*languages: str) -> tuple[str, ...]:
    return tuple(f"name_{language}" for language in languages)
