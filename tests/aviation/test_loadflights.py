"""Loading the flights: what stands in the tables, units, limits, damage."""

from datetime import UTC, date, datetime, time
from decimal import Decimal
from io import StringIO

import pytest
from django.contrib.gis.geos import MultiLineString
from django.core.management import CommandError, call_command
from django.db.models import F, Sum

from aviation import loading
from aviation.models import Airline, Flight, Plane, Route, Weather
from geo.models import Airport, DataLoad
from geo.spherical.sphere import EARTH_RADIUS
from tests.geo.rows import counts, delete_all, digests
from tests.geo.world import edit, edit_cell

pytestmark = pytest.mark.django_db

TABLES = loading.FlightsLoader.tables
LIMIT = 200


def loadflights(folder=loading.FOLDER, **options):
    output = StringIO()
    call_command("loadflights", folder=folder, stdout=output, **options)
    return output.getvalue()


@pytest.fixture
def no_rows():
    """Tables without a row, until the test's transaction is rolled back."""
    delete_all([*TABLES, DataLoad])


@pytest.fixture
def copies(tmp_path):
    """The files in a folder of their own, to be damaged there, with a few hours' weather."""
    for name in loading.FlightsLoader.primary:
        (tmp_path / name).write_bytes((loading.FOLDER / name).read_bytes())
    edit(tmp_path / loading.WEATHER, lambda text: "".join(text.splitlines(True)[:LIMIT]))
    return tmp_path


def test_every_row_of_the_files_stands_in_the_tables():
    assert counts(TABLES) == {
        "aviation.Airline": 16,
        "aviation.Plane": 3_322,
        "aviation.Weather": 26_115,
        "aviation.Flight": 336_776,
        "aviation.Route": 221,
    }


def test_missing_values_are_null():
    flights = Flight.objects
    assert flights.filter(departure_time=None).count() == 8_255
    assert flights.filter(arrival_delay=None).count() == 9_430
    assert flights.filter(air_time=None).count() == 9_430
    assert flights.filter(tailnum=None).count() == 2_512
    assert flights.filter(tailnum__isnull=False, plane=None).count() == 50_094
    assert Plane.objects.filter(year=None).count() == 70
    assert Plane.objects.filter(speed=None).count() == 3_299
    assert Weather.objects.filter(wind_gust=None).count() == 20_778


def test_a_plane_is_the_one_with_the_flights_tail_number():
    flights = Flight.objects.filter(plane__isnull=False)
    assert not flights.exclude(tailnum=F("plane__tailnum")).exists()


def test_the_one_destination_that_no_airport_has():
    flights = Flight.objects.filter(destination=None)
    assert set(flights.values_list("destination_code", flat=True)) == {"PBI"}
    assert flights.count() == 6_554


def test_the_first_flight_is_what_its_row_says():
    flight = Flight.objects.get(pk=1)
    assert (flight.carrier_id, flight.number, flight.tailnum) == ("UA", 1545, "N14228")
    assert (flight.origin_id, flight.destination_id) == ("KEWR", "KIAH")
    assert flight.time_hour == datetime(2013, 1, 1, 10, tzinfo=UTC)
    assert flight.scheduled_departure == datetime(2013, 1, 1, 10, 15, tzinfo=UTC)
    assert flight.scheduled_departure_time == time(5, 15)
    assert (flight.departure_time, flight.departure_delay) == (time(5, 17), 2)
    assert (flight.scheduled_arrival_time, flight.arrival_time) == (time(8, 19), time(8, 30))
    assert (flight.arrival_delay, flight.air_time) == (11, 227)
    assert flight.distance == Decimal("2253.082")  # 1400 miles


def test_no_flight_is_lost_to_a_unit():
    miles = Flight.objects.aggregate(km=Sum("distance"))["km"] / Decimal("1.609344")
    # Every flight may be half a metre off.
    assert miles == pytest.approx(350_217_607, abs=336_776 * 0.0005 / 1.6)


def test_the_first_weather_is_metric():
    weather = Weather.objects.get(origin="KEWR", time=datetime(2013, 1, 1, 6, tzinfo=UTC))
    assert weather.temperature == Decimal("3.90")
    assert weather.dew_point == Decimal("-3.30")
    assert weather.humidity == Decimal("59.37")
    assert weather.wind_direction == 270
    assert weather.wind_speed == Decimal("4.63")
    assert weather.precipitation == Decimal(0)
    assert weather.pressure == Decimal("1012.0")
    assert weather.visibility == Decimal("16.093")


def test_a_route_is_a_dense_great_circle():
    route = Route.objects.get(origin__iata="JFK", destination__iata="LAX")
    assert route.length_m == pytest.approx(3_974_000, rel=0.001)
    (line,) = route.line.coords
    assert line[0] == Airport.objects.get(iata="JFK").location.coords
    assert line[-1] == Airport.objects.get(iata="LAX").location.coords
    assert len(line) == 41


def test_no_route_leaves_the_map():
    for line in Route.objects.values_list("line", flat=True):
        assert isinstance(line, MultiLineString)
        assert line.valid
        west, south, east, north = line.extent
        assert -180 <= west <= east <= 180
        assert -90 <= south <= north <= 90


def test_a_line_over_the_antimeridian_has_two_parts():
    line = loading.great_circle_line((139.78, 35.55), (-118.4, 33.95))
    assert len(line) == 2
    assert line.valid
    assert line.extent[0] == -180
    assert line.extent[2] == 180


def test_routes_lie_on_the_sphere_that_areas_are_measured_on():
    assert EARTH_RADIUS == 6371008.7714150598


def test_a_second_load_is_told_from_the_record():
    output = loadflights()
    assert output.startswith("Already loaded, unchanged (default):")
    assert "336,776" in output
    assert "50,094 flights carry a tail number that the registry lacks, 2,512 carry none" in output
    assert "6,554 flights go to PBI" in output


def test_a_limited_load_is_repeatable_and_not_taken_for_the_whole(no_rows, copies, monkeypatch):
    assert loadflights(copies, limit=LIMIT).startswith("Loaded")
    before = digests([*TABLES, DataLoad])
    assert Flight.objects.count() == LIMIT
    assert Flight.objects.latest("pk").pk == LIMIT
    assert loadflights(copies, limit=LIMIT).startswith("Already loaded, unchanged")
    assert loadflights(copies, limit=LIMIT, force=True).startswith("Loaded")
    assert digests([*TABLES, DataLoad]) == before
    loadflights(copies, limit=10)
    assert Flight.objects.count() == 10
    assert Airline.objects.count() == 16
    monkeypatch.setattr(loading.FlightsLoader, "_load", lambda self, digests: [])
    assert loadflights(copies).startswith("Loaded")


@pytest.mark.parametrize(
    ("name", "line", "column", "value", "message"),
    [
        (loading.PLANES, 4, "seats", "NA", "seats is 'NA', but a whole number is expected"),
        (loading.PLANES, 4, "speed", "fast", "speed is 'fast', but a number is expected"),
        (loading.AIRLINES, 3, "carrier", "9E", "which is in the file twice"),
        (loading.WEATHER, 9, "origin", "XXX", "origin is 'XXX', an unknown airport"),
        (loading.WEATHER, 9, "time_hour", "2013-01-01", "an instant such as"),
    ],
)
def test_a_damaged_row_names_file_and_line_and_changes_nothing(
    copies, name, line, column, value, message
):
    edit_cell(copies / name, line, column, value)
    before = counts(TABLES), digests([Airline, Plane, DataLoad])
    with pytest.raises(CommandError, match=f"^{name}, line {line}: .*{message}.*Nothing was"):
        loadflights(copies)
    assert (counts(TABLES), digests([Airline, Plane, DataLoad])) == before


def test_flights_cut_short_name_the_line_and_change_nothing(copies):
    before = counts(TABLES), digests([Airline, Plane, DataLoad])
    whole = (loading.FOLDER / loading.FLIGHTS).read_bytes()
    (copies / loading.FLIGHTS).write_bytes(whole[:20_000])
    Plane.objects.filter(pk="N10156").update(seats=1)
    with pytest.raises(CommandError, match=r"^flights.csv.gz, line \d+: the file ends too early"):
        loadflights(copies)
    assert Plane.objects.get(pk="N10156").seats == 1
    Plane.objects.filter(pk="N10156").update(seats=55)
    assert (counts(TABLES), digests([Airline, Plane, DataLoad])) == before


def test_without_the_world_the_order_is_told():
    Airport.objects.exclude(iata=None).update(iata=None)
    with pytest.raises(CommandError, match=r"holds no airports; run `manage.py loadworld"):
        loadflights(force=True)


@pytest.mark.parametrize("limit", ["0", "-1", "many"])
def test_a_limit_is_a_positive_number(limit):
    with pytest.raises(CommandError, match="is not a number of flights"):
        call_command("loadflights", "--limit", limit)


def test_days_are_new_york_days():
    assert Flight.objects.filter(scheduled_departure_time=time(23, 59)).exists()
    first = Flight.objects.earliest("scheduled_departure").scheduled_departure
    assert first.date() == date(2013, 1, 1)
