"""What bundled reports must answer, computed in plain Python from the bundled files.

Each function has the name of a report and gives its table.
"""

from tests.hostile.bundled.areas import (
    flights_over_an_area,
    neighbours_on_the_map,
    routes_and_what_they_cross,
    states_by_airport_density,
)
from tests.hostile.bundled.fleet import fleet_age, planes_by_model, seats_by_engine
from tests.hostile.bundled.flights import (
    busiest_days,
    busiest_hours,
    carriers_by_destination,
    delays_by_month,
    delays_by_weather,
    punctuality_by_carrier,
    routes_and_their_delays,
)
from tests.hostile.bundled.space import (
    airport_density_by_country,
    cities_far_from_airports,
    delays_by_distance,
    nearest_airports_of_large_cities,
)
from tests.hostile.bundled.world import (
    airports_by_country,
    airports_by_time_zone,
    cities_and_their_names,
    cities_named_alike,
    countries_and_their_neighbours,
    countries_by_continent,
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
    "carriers_by_destination",
    "cities_and_their_names",
    "cities_far_from_airports",
    "cities_named_alike",
    "countries_and_their_neighbours",
    "countries_by_continent",
    "countries_by_main_language",
    "country_shapes",
    "currencies_and_capitals",
    "delays_by_distance",
    "delays_by_month",
    "delays_by_weather",
    "fleet_age",
    "flights_over_an_area",
    "highest_airports",
    "large_cities",
    "names_by_country",
    "nearest_airports_of_large_cities",
    "neighbours_on_the_map",
    "planes_by_model",
    "punctuality_by_carrier",
    "routes_and_their_delays",
    "routes_and_what_they_cross",
    "seats_by_engine",
    "states_by_airport_density",
]
