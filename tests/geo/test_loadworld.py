"""Loading the world: the rows, repeated loads, and damaged files that change nothing."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db.models import Count

from aviation.loading import FlightsLoader
from geo.loading import world
from geo.loading.runs import Loader
from geo.models import Airport, City, CityName, Country, CountryShape, DataLoad, State, Territory
from tests.geo.rows import counts, delete_all, digests
from tests.geo.world import CSV_ROWS, edit, edit_cell, edit_feature, small_world

pytestmark = pytest.mark.django_db

TABLES = world.WorldLoader.tables


def loadworld(folder=world.FOLDER, **options):
    output = StringIO()
    call_command("loadworld", folder=folder, stdout=output, **options)
    return output.getvalue()


@pytest.fixture
def small(tmp_path):
    return small_world(tmp_path)


@pytest.fixture
def no_rows():
    """Empties the tables until the test's transaction is rolled back."""
    delete_all([*TABLES, *FlightsLoader.tables, DataLoad])


def test_every_row_of_the_files_stands_in_the_tables():
    assert counts(TABLES) == {
        "isoline_geo.Country": 252,
        "isoline_geo.Territory": 3,
        "isoline_geo.CountryShape": 237,
        "isoline_geo.State": 294,
        "isoline_geo.City": 34_006,
        "isoline_geo.CityName": 349_192,
        "isoline_geo.Airport": 28_403,
    }


def test_airports_are_placed_by_polygon_nearest_or_none():
    def placed(airports):
        rows = airports.values_list("placed_by").annotate(Count("pk")).order_by("placed_by")
        return dict(rows)

    assert placed(Airport.objects.filter(iata__isnull=False)) == {
        "nearest": 612,
        "none": 126,
        "polygon": 7_212,
    }
    assert placed(Airport.objects) == {"nearest": 973, "none": 170, "polygon": 27_260}


def test_the_files_country_stays_the_airports_and_disagreements_are_found():
    assert Airport.objects.contradicted().count() == 124
    ostend = Airport.objects.get(iata="OST")
    assert (ostend.country_id, ostend.located_in_id, ostend.placed_by) == ("BE", "FR", "nearest")


def test_an_airport_in_a_territory_without_a_code_says_so():
    rows = Airport.objects.filter(located_in_territory__isnull=False)
    assert set(rows.values_list("country", "located_in", "located_in_territory", "placed_by")) == {
        ("SO", None, "SOL", "polygon"),
        ("CY", None, "CYN", "polygon"),
    }


def test_polygons_of_one_code_are_united_under_the_largest_ones_name():
    australia = CountryShape.objects.get(country="AU")
    assert (australia.name, australia.population) == ("Australia", 25_364_307)
    assert australia.square_metres == pytest.approx(7.7e12, rel=0.01)
    assert australia.area.valid


def test_codes_without_a_polygon_and_polygons_without_a_code():
    bare = Country.objects.filter(shape=None).values_list("code", flat=True)
    assert set(bare) == {*"AN BQ BV CC CS CX GF GI GP MQ RE SJ TK UM YT".split()}  # noqa: SIM905 -- codes read better so
    assert set(Territory.objects.values_list("code", flat=True)) == {"CYN", "KAS", "SOL"}


def test_areas_agree_with_the_published_ones():
    """Large countries differ by less than one per cent; the outlines are 1:50 million."""
    for code, km2 in {"FR": 643_801, "BR": 8_515_770, "CN": 9_596_960, "DE": 357_022}.items():
        shape = CountryShape.objects.get(country=code)
        assert shape.square_metres / 1e6 == pytest.approx(km2, rel=0.04)


def test_every_shape_is_valid():
    for model in (CountryShape, Territory, State):
        assert all(area.valid for area in model.objects.values_list("area", flat=True))


def test_coordinates_come_back_as_the_files_have_them():
    assert Airport.objects.get(icao="KJFK").location.coords == (-73.778692, 40.639928)
    assert City.objects.get(geoname_id=490).location.coords == (51.64444, 35.82159)


def test_north_america_and_namibia_are_not_missing():
    assert Country.objects.get(code="NA").name == "Namibia"
    assert Country.objects.filter(continent="NA").count() == 42


def test_alternate_names_keep_their_blanks():
    names = set(CityName.objects.filter(city__name="Bizerte").values_list("name", flat=True))
    assert "bnzrt " in names


def test_a_second_load_is_told_from_the_record():
    output = loadworld()
    assert output.startswith("Already loaded, unchanged (default):")
    assert "349,192" in output
    assert "Airports placed by polygon: 27,260, nearest: 973, none: 170" in output
    assert "124 airports lie in another country" in output


def test_a_table_that_lost_rows_is_not_taken_for_loaded(monkeypatch):
    """The record of a load alone does not count."""
    monkeypatch.setattr(Loader, "_load", lambda self, digests: ["loading"])
    Airport.objects.filter(icao="00AA").delete()
    assert loadworld().startswith("Loaded")


def test_loading_again_changes_nothing_and_a_changed_file_only_its_own_rows(small, no_rows):
    """Rows may disappear, values may change, and a code may move to another row."""
    first = loadworld(small)
    before = digests([*TABLES, DataLoad])
    assert counts(TABLES)["isoline_geo.Airport"] == CSV_ROWS
    second = loadworld(small, force=True)
    assert digests([*TABLES, DataLoad]) == before
    for output in (first, second):
        assert "feature 20 (Goiás) was invalid (Ring Self-intersection" in output
        assert "and was repaired" in output

    edit_cell(small / world.AIRPORTS, 2, "iata", "OCA")
    loadworld(small)
    edit_cell(small / world.AIRPORTS, 2, "iata", "")
    edit_cell(small / world.AIRPORTS, 3, "iata", "OCA")
    edit_cell(small / world.CITIES, 2, "alternate_names", "one|two|one")
    edit(small / world.CITIES, lambda text: "".join(text.splitlines(keepends=True)[:-1]))
    loadworld(small)
    after = digests(TABLES)
    assert {label for label in after if before[label] != after[label]} == {
        "isoline_geo.City",
        "isoline_geo.CityName",
        "isoline_geo.Airport",
    }
    city = City.objects.earliest("pk")
    assert list(city.names.order_by("pk").values_list("name", flat=True)) == ["one", "two"]
    assert City.objects.count() == CSV_ROWS - 1


def test_rows_in_use_are_not_dropped(small):
    with pytest.raises(CommandError, match="Airport: rows that are no longer in the file"):
        loadworld(small)
    assert Airport.objects.count() == 28_403


def test_a_damaged_value_names_file_and_line_and_changes_nothing(small):
    edit_cell(small / world.CITIES, 7, "population", "many")
    before = counts(TABLES), digests([Country, City, Airport, DataLoad])
    with pytest.raises(
        CommandError,
        match=r"^geonames_cities15000.csv.gz, line 7: population is 'many', but a whole number is"
        r" expected; restore the file .* Nothing was changed\.$",
    ):
        loadworld(small)
    assert (counts(TABLES), digests([Country, City, Airport, DataLoad])) == before


@pytest.mark.parametrize(
    ("name", "line", "column", "value", "message"),
    [
        (world.COUNTRIES, 3, "continentcode", "XX", "continentcode is 'XX', an unknown continent"),
        (world.COUNTRIES, 4, "iso", "AD", "code is 'AD', which is in the file twice"),
        (world.COUNTRIES, 4, "name", "x" * 101, "at most 100 characters fit"),
        (world.CITIES, 2, "longitude", "181", "degrees between -180 and 180 are expected"),
        (world.CITIES, 2, "country_code", "QQ", "country_code is 'QQ', an unknown country"),
        (world.CITIES, 2, "population", "9" * 20, "a whole number is expected"),
        (world.CITIES, 2, "name", "a\0b", "a NUL character cannot be stored"),
        (world.AIRPORTS, 5, "elevation", "high", "a number is expected"),
        (world.AIRPORTS, 5, "elevation", "99999999", "-999999 to 999999 fit"),
    ],
)
def test_a_row_that_cannot_be_stored_is_refused(small, name, line, column, value, message):
    edit_cell(small / name, line, column, value)
    with pytest.raises(CommandError, match=f"^{name}, line {line}: .*{message}"):
        loadworld(small, force=True)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda text: text.replace("geonameid", "id", 1), "line 1: the columns are"),
        (lambda text: text.rsplit(",", 1)[0], r"line \d+: \d+ columns, but 9 are expected"),
        (lambda text: text.replace(",", ",,", 30), r"line \d+: "),
    ],
)
def test_a_csv_of_another_form_is_refused(small, change, message):
    edit(small / world.CITIES, change)
    with pytest.raises(CommandError, match=f"^{world.CITIES}, {message}"):
        loadworld(small, force=True)


def test_a_file_cut_short_names_the_line_it_ends_at(small):
    whole = (world.FOLDER / world.COUNTRIES).read_bytes()
    (small / world.COUNTRIES).write_bytes(whole[: len(whole) // 2])
    with pytest.raises(CommandError, match=r"line \d+: the file ends too early"):
        loadworld(small)


def test_flipped_bits_are_noticed(small):
    damaged = bytearray((world.FOLDER / world.COUNTRIES).read_bytes())
    damaged[len(damaged) // 2] ^= 0xFF
    (small / world.COUNTRIES).write_bytes(damaged)
    with pytest.raises(CommandError, match=rf"^{world.COUNTRIES}, line \d+: "):
        loadworld(small)


def test_a_missing_file_is_named(small):
    (small / world.AIRPORTS).unlink()
    with pytest.raises(CommandError, match=r"^airports.csv.gz: the file cannot be read"):
        loadworld(small)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda feature: feature["properties"].update(iso_a2_eh="QQ"), "an unknown country"),
        (lambda feature: feature["properties"].pop("pop_est"), "the property pop_est is missing"),
        (lambda feature: feature["properties"].update(pop_est="x"), "a number is expected"),
        (lambda feature: feature.update(geometry=None), "no GeoJSON feature"),
        (lambda feature: feature["geometry"].update(type="Point"), "neither Polygon nor"),
        (lambda feature: feature["geometry"].update(coordinates=[[[[0, 0]]]]), "is broken"),
        (lambda feature: feature["geometry"].update(coordinates=[[[["x", 0]]]]), "is broken"),
        (lambda feature: feature["geometry"].update(coordinates=[[[[1e20, 0]]]]), "is broken"),
    ],
)
def test_a_broken_feature_is_named(small, change, message):
    edit_feature(small / world.SHAPES, 2, change)
    with pytest.raises(CommandError, match=f"^{world.SHAPES}, line 1, feature 2: .*{message}"):
        loadworld(small, force=True)


def test_broken_json_names_its_line(small):
    edit(small / world.STATES, lambda text: text.replace('"features"', '\n\n"features', 1))
    with pytest.raises(CommandError, match=f"^{world.STATES}, line 3: broken JSON"):
        loadworld(small, force=True)


def test_an_interrupted_load_says_one_line_and_changes_nothing(small, monkeypatch):
    def interrupted(self):
        Airport.objects.all().update(name="half done")
        raise KeyboardInterrupt

    monkeypatch.setattr(world.WorldLoader, "fill", interrupted)
    error = StringIO()
    with pytest.raises(SystemExit) as exit_:
        loadworld(small, stderr=error)
    assert exit_.value.code == 130
    assert error.getvalue() == "Interrupted. Nothing was changed.\n"
    assert not Airport.objects.filter(name="half done").exists()
