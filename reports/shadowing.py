"""Notices another package `geo`, as geo.backends notices another `reports`."""

from importlib.util import find_spec
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

# It begins with this line.
OWN = '"""Places, spherical geometry, and engines with which databases answer alike."""'


def demand_own_geo() -> None:
    """Raises ImproperlyConfigured if another package `geo` takes the place of Isoline's."""
    spec = find_spec("geo")
    found = Path(spec.origin) if spec is not None and spec.origin else None
    own = Path(__file__).resolve().parent.parent / "geo" / "__init__.py"
    if found is not None and found.resolve() == own and found.read_text().startswith(OWN):
        return
    raise ImproperlyConfigured(
        f"The package `geo` at {found and found.parent} takes the place of Isoline's. Rename it, or"
        " move it into another package, such as shop.geo."
    )
