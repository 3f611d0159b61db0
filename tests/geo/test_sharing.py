"""Areas behind short links are stored once, and found only by links signed here."""

import math
import re
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.gis.geos import GEOSGeometry
from django.core.exceptions import ImproperlyConfigured
from django.core.signing import Signer
from django.utils import timezone

from geo.input import geometry
from geo.models import SharedArea
from geo.sharing import SharingRefused, share, shared

pytestmark = pytest.mark.django_db
SQUARE = "POLYGON((0 0,1 0,1 1,0 1,0 0))"
SAME = [
    SQUARE,
    "SRID=4326;POLYGON((1 1,0 1,0 0,1 0,1 1))",
    '{"type":"Polygon","coordinates":[[[0,1],[1,1],[1,0],[-0.0,0],[0,1]]]}',
    "bbox=0,0,1,1",
]


@pytest.fixture(autouse=True)
def nothing() -> None:
    """Deletes the stored areas: other tests may have left some."""
    SharedArea.objects.all().delete()


def circle(vertices: int) -> GEOSGeometry:
    """Returns an area with so many vertices, with full-precision coordinates."""
    turns = [2 * math.pi * n / (vertices - 1) for n in range(vertices - 1)]
    positions = [f"{10 + 5 * math.cos(turn)!r} {5 * math.sin(turn)!r}" for turn in turns]
    return geometry(f"POLYGON(({','.join([*positions, positions[0]])}))")


def refused(token: str) -> str:
    with pytest.raises(SharingRefused) as caught:
        shared(token)
    return str(caught.value)


def test_the_same_area_is_kept_once() -> None:
    tokens = {share(geometry(text)) for text in SAME}
    assert len(tokens) == 1
    (row,) = SharedArea.objects.all()
    assert row.bytes == len(row.wkb) == 93
    assert share(geometry("bbox=0,0,1,2")) not in tokens
    assert SharedArea.objects.count() == 2


@pytest.mark.parametrize("area", [geometry(SQUARE), geometry("bbox=170,-5,-170,5"), circle(10_000)])
def test_a_link_is_short_and_gives_the_area_to_the_last_bit(area: GEOSGeometry) -> None:
    token = share(area)
    assert re.fullmatch(r"[A-Za-z0-9_-]{22}\.[A-Za-z0-9_-]{16}", token)
    found = shared(token)
    assert found.srid == 4326
    assert found.valid
    assert found.normalize(clone=True).equals_exact(area.normalize(clone=True))
    assert found.num_coords == area.num_coords


def test_a_forged_link_is_refused_without_a_query(django_assert_num_queries: Any) -> None:
    token = share(geometry(SQUARE))
    forged = [
        *(token[:n] + ("A" if token[n] != "A" else "B") + token[n + 1 :] for n in range(39)),
        *("", ".", token[:-1], f"{token}A", token.replace(".", ":"), token[:22], "é" * 39),
        Signer(sep=".", salt="another").sign(token[:22])[:39],
        "' OR 1=1 --." + "A" * 16,
    ]
    with django_assert_num_queries(0):
        for each in forged:
            assert refused(each).startswith("This link was not made on this site")
    with django_assert_num_queries(1):
        shared(token)


def test_a_link_of_another_key_is_refused_and_of_an_old_key_is_not(settings: Any) -> None:
    token, old = share(geometry(SQUARE)), settings.SECRET_KEY
    settings.SECRET_KEY = "another" * 10
    assert refused(token).startswith("This link was not made")
    settings.SECRET_KEY_FALLBACKS = [old]
    assert shared(token).num_coords == 5


def test_a_link_whose_row_is_gone_says_so() -> None:
    token = share(geometry(SQUARE))
    SharedArea.objects.all().delete()
    assert refused(token) == "The area of this link has been deleted: draw it again."


def test_narrower_limits_leave_links_alone(settings: Any) -> None:
    token = share(circle(100))
    settings.GEOMETRY_LIMITS = {"vertices": 4}
    assert shared(token).num_coords == 100


def test_a_day_has_room_for_so_many(settings: Any) -> None:
    settings.SHARED_AREAS = {"a_day": 2}
    for text in (SQUARE, "bbox=0,0,1,2", SQUARE):
        share(geometry(text))
    with pytest.raises(SharingRefused, match="The limit of shared areas for today"):
        share(geometry("bbox=0,0,1,3"))
    assert SharedArea.objects.count() == 2
    SharedArea.objects.update(created=timezone.now() - timedelta(hours=25))
    share(geometry("bbox=0,0,1,3"))


def test_there_is_room_for_so_many_bytes(settings: Any) -> None:
    settings.SHARED_AREAS = {"bytes": 2 * 93}
    share(geometry(SQUARE))
    share(geometry("bbox=0,0,1,2"))
    share(geometry(SQUARE))
    with pytest.raises(SharingRefused, match="The space for shared areas is full"):
        share(geometry("bbox=0,0,1,3"))


def test_a_setting_of_another_name_is_refused(settings: Any) -> None:
    settings.SHARED_AREAS = {"per_day": 2}
    with pytest.raises(ImproperlyConfigured, match="has no per_day; it takes a_day, bytes"):
        share(geometry(SQUARE))
