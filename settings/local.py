"""Settings for development: the default of `manage.py` and `script/server`."""

import os
import secrets

from settings.base import *  # noqa: F403 -- a settings module is made of its parts' names
from settings.base import VAR_DIR

DEBUG = os.environ.get("ISOLINE_DEBUG") == "1"
ALLOWED_HOSTS = ["127.0.0.1", "localhost", "[::1]"]
# `check --deploy` reports old system libraries (geo.W002); here they harm nobody else.
SILENCED_SYSTEM_CHECKS = ["gis.W001"]


def _secret_key() -> str:
    """Returns this machine's own key, made at the first start: the source contains none."""
    if given := os.environ.get("SECRET_KEY"):
        return given
    VAR_DIR.mkdir(parents=True, exist_ok=True)
    path = VAR_DIR / "secret_key"
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text(encoding="ascii")
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        key = secrets.token_urlsafe(50)
        file.write(key)
    return key


SECRET_KEY = _secret_key()
