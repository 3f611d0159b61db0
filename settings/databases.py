"""Reads Django's DATABASES from database URLs in the environment.

`DATABASE_URL` sets `default`; `DATABASE_<NAME>_URL` attaches `<name>`. The schemes are
`postgis://`, `mysql://`, `mariadb://` and `spatialite://`. Without a URL, `default` is a SpatiaLite
file.
"""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured

ENGINES = {
    "postgis": "geo.backends.postgis",
    "mysql": "geo.backends.mysql",
    "mariadb": "geo.backends.mysql",
    "spatialite": "geo.backends.spatialite",
}
ATTACHED = re.compile(r"DATABASE_([A-Z0-9_]+)_URL")


def from_environment(variables: Mapping[str, str], folder: Path) -> dict[str, dict[str, Any]]:
    """Returns DATABASES for these variables; `folder` contains the default SpatiaLite file.

    Raises ImproperlyConfigured for an invalid URL. The message names the variable and the fault,
    but never the URL, which contains a password.
    """
    databases = {
        "default": parse("DATABASE_URL", variables.get("DATABASE_URL", ""))
        if variables.get("DATABASE_URL")
        else _spatialite_file(folder / "isoline.sqlite3")
    }
    for variable, url in sorted(variables.items()):
        if (match := ATTACHED.fullmatch(variable)) and url:
            alias = match[1].lower()
            if alias == "default":
                raise ImproperlyConfigured(
                    f"{variable} would attach a second `default`: use DATABASE_URL for that one."
                )
            databases[alias] = parse(variable, url)
    return databases


def parse(variable: str, url: str) -> dict[str, Any]:
    """Returns the DATABASES entry for the URL in the variable of that name."""
    example = (
        "; expected for instance postgis://user:password@host:5432/name, with %-escapes in the"
        " password for characters such as @ : / # ?"
    )
    try:
        parts = urlsplit(url)
        scheme, _ = parts.scheme, parts.port
    except ValueError:
        raise ImproperlyConfigured(f"{variable} has no readable host and port{example}.") from None
    if scheme not in ENGINES:
        # The text before a missing "://" may be a secret, so it is not repeated.
        raise ImproperlyConfigured(
            f"{variable} must begin with one of "
            f"{', '.join(f'{name}://' for name in ENGINES)}{example}."
        )
    if scheme == "spatialite":
        name = parts.path.removeprefix("/") or parts.netloc
        if not name:
            raise ImproperlyConfigured(
                f"{variable} names no file: spatialite:////absolute/path or spatialite:///relative."
            )
        return _spatialite_file(Path(name))
    if not parts.hostname or not parts.path.strip("/"):
        raise ImproperlyConfigured(f"{variable} needs a host and a database name{example}.")
    try:
        config = dict(environ.Env.db_url_config(url, engine=ENGINES[scheme]))
    except Exception:  # noqa: BLE001 -- its message may contain the password
        raise ImproperlyConfigured(f"{variable} cannot be read{example}.") from None
    # One ENGINE serves two servers; which one this is must be known without asking it.
    return config | {"SERVER": scheme, "CONN_MAX_AGE": 60, "CONN_HEALTH_CHECKS": True}


def _spatialite_file(path: Path) -> dict[str, Any]:
    return {"ENGINE": ENGINES["spatialite"], "NAME": str(path), "CONN_MAX_AGE": None}
