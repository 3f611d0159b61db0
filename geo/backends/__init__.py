"""Database engines. Django imports them first, so another package `reports` is noticed here."""

from importlib.util import find_spec
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

# It begins with this line.
OWN = '"""Reports that read the same on every database."""'


def demand_own_reports() -> None:
    """Raises ImproperlyConfigured if another package `reports` takes the place of Isoline's."""
    spec = find_spec("reports")
    found = Path(spec.origin) if spec is not None and spec.origin else None
    own = Path(__file__).resolve().parents[2] / "reports" / "__init__.py"
    if found is not None and found.resolve() == own and found.read_text().startswith(OWN):
        return
    raise ImproperlyConfigured(
        f"The package `reports` at {found and found.parent} takes the place of Isoline's."
        " Rename it, or move it into another package, such as shop.reports."
    )


demand_own_reports()
