"""Short signed links that stand for areas, whose outlines may be too long for an address.

Areas are stored in `default`, whichever database a report uses, after the checks of `geo.input`.
They are not checked again: the limits are for strangers' texts, and old links work on when limits
are tightened. Links do not expire, but their rows may be deleted.
"""

import hashlib
import logging
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from datetime import timedelta

from django.apps import apps
from django.contrib.gis.geos import GEOSGeometry
from django.core.signing import BadSignature, Signer
from django.db import DEFAULT_DB_ALIAS
from django.db.models import Model, QuerySet, Sum
from django.utils import timezone

from geo.errors import IsolineError
from geo.input.geometry import SRID
from geo.limits import in_force

logger = logging.getLogger("isoline.sharing")

KEY_BYTES = 16
SIGNATURE_CHARACTERS = 16  # 96 bits


class SharingRefused(IsolineError):
    """A link cannot be made or followed: one sentence of why, and what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """Limits of stored areas. The setting SHARED_AREAS, a dict, overrides them.

    a_day   new areas in 24 hours, of all users together
    bytes   of all stored areas, as well-known binary
    """

    a_day: int = 1_000
    bytes: int = 512 * 1024 * 1024


class _ShortSigner(Signer):
    """Django's signer with a shortened signature, for short links."""

    def signature(self, value: str | bytes, key: str | bytes | None = None) -> str:
        return super().signature(value, key)[:SIGNATURE_CHARACTERS]


def share(area: GEOSGeometry) -> str:
    """Returns the token of a checked area. The same area is stored once.

    It has 39 characters of A-Z, a-z, 0-9, -, _ and one dot. Raises SharingRefused if a limit is
    reached; simultaneous requests may exceed it by one each.
    """
    wkb = bytes(area.normalize(clone=True).wkb)
    digest = hashlib.sha256(wkb).digest()[:KEY_BYTES]
    kept = _kept()
    if not kept.filter(pk=digest.hex()).exists():
        _demand_room(len(wkb))
        kept.get_or_create(
            pk=digest.hex(), defaults={"wkb": wkb, "bytes": len(wkb), "created": timezone.now()}
        )
    return _signer().sign(urlsafe_b64encode(digest).rstrip(b"=").decode())


def shared(token: str) -> GEOSGeometry:
    """Returns the area of a token. Raises SharingRefused if it is forged or its row is gone."""
    try:
        name = _signer().unsign(token)
    except BadSignature as error:
        raise SharingRefused(
            "This link was not made on this site, or is incomplete: copy all of it, or draw the"
            " area again."
        ) from error
    key = urlsafe_b64decode(f"{name}==").hex()
    wkb = _kept().filter(pk=key).values_list("wkb", flat=True).first()
    if wkb is None:
        raise SharingRefused("The area of this link has been deleted: draw it again.")
    return GEOSGeometry(memoryview(wkb), srid=SRID)


def room() -> Room:
    """Returns the limits in force. Raises ImproperlyConfigured for an unknown name."""
    return in_force(Room, "SHARED_AREAS")


def _demand_room(size: int) -> None:
    kept, allowed = _kept(), room()
    today = kept.filter(created__gte=timezone.now() - timedelta(days=1)).count()
    if today >= allowed.a_day:
        logger.warning("SHARED_AREAS: %s areas were shared within a day", today)
        raise SharingRefused(
            "The limit of shared areas for today is reached: try again tomorrow, or simplify this"
            " one until its address is short."
        )
    if (kept.aggregate(sum=Sum("bytes"))["sum"] or 0) + size > allowed.bytes:
        logger.warning("SHARED_AREAS: there is no room for %s bytes more", size)
        raise SharingRefused(
            "The space for shared areas is full: ask an administrator to delete old ones, or"
            " simplify this one until its address is short."
        )


def _kept() -> QuerySet[Model]:
    # By name, because reports are declared before the models are loaded.
    return apps.get_model("isoline_geo.SharedArea")._default_manager.using(DEFAULT_DB_ALIAS)


def _signer() -> Signer:
    return _ShortSigner(sep=".", salt="geo.sharing")
