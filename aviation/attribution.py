"""The sources and licences of the bundled data."""

from geo.attribution import Attribution

ATTRIBUTIONS = (
    Attribution(
        source="nycflights13",
        title="Flights that left New York City in 2013, with airlines, planes and weather",
        url="https://github.com/tidyverse/nycflights13",
        licence="CC0 1.0",
        licence_url="https://creativecommons.org/publicdomain/zero/1.0/",
        notice=(
            "From the US Bureau of Transportation Statistics, the FAA aircraft registry and"
            " ASOS weather stations."
        ),
        files=("airlines.csv.gz", "planes.csv.gz", "flights.csv.gz", "weather.csv.gz"),
    ),
)
