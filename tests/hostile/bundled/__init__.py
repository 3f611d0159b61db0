"""What bundled reports must answer, computed in plain Python from the bundled files.

Each function has the name of a report and gives its table.
"""

from tests.hostile.bundled.fleet import fleet_age, planes_by_model, seats_by_engine
from tests.hostile.bundled.flights import (
    busiest_days,
    busiest_hours,
    delays_by_month,
    delays_by_weather,
    punctuality_by_carrier,
    routes_and_their_delays,
)
from tests.hostile.bundled.space import (
    airport_density_by_country,
    delays_by_distance,
    nearest_airports_of_large_cities,
)
from tests.hostile.bundled.world import (
    airports_by_country,
    airports_by_time_zone,
    cities_and_their_names,
    cities_named_alike,
    countries_and_their_neighbours,
    countries_by_main_language,
    country_shapes,
    currencies_and_capitals,
    highest_airports,
    large_cities,
    names_by_country,
)

__all__ = [
    "airport_density_by_country",
    "airports_by_country",
    "airports_by_time_zone",
    "busiest_days",
    "busiest_hours",
    "cities_and_their_names",
    "cities_named_alike",
    "countries_and_their_neighbours",
    "countries_by_main_language",
    "country_shapes",
    "currencies_and_capitals",
    "delays_by_distance",
    "delays_by_month",
    "delays_by_weather",
    "fleet_age",
    "highest_airports",
    "large_cities",
    "names_by_country",
    "nearest_airports_of_large_cities",
    "planes_by_model",
    "punctuality_by_carrier",
    "routes_and_their_delays",
    "seats_by_engine",
]
