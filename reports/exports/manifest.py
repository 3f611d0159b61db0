"""The JSON of an export, the same for its record and its manifest."""

import json
from datetime import UTC, datetime
from typing import Any

from reports.models import Export

SUFFIX = ".manifest.json"


def manifest(record: Export) -> dict[str, Any]:
    """Returns the record as JSON values. Instants are ISO 8601 in UTC; unknown values are None."""
    return {
        "id": str(record.id),
        "state": str(record.effective_state),
        "report": {
            "slug": record.report,
            "title": record.title,
            "version": record.version,
        },
        "format": record.format,
        "dialect": record.dialect,
        "parameters": record.parameters,
        "request": record.request,
        "database": {"alias": record.database, "server": record.server},
        "columns": record.columns,
        "rows": record.rows,
        "bytes": record.bytes,
        "sha256": record.sha256 or None,
        "started": _text(record.started),
        "ended": _text(record.ended),
        "isoline": record.isoline,
        "error": record.error or None,
        "limit": record.limit or None,
    }


def written(record: Export) -> bytes:
    """Returns the content of the manifest's file."""
    text = json.dumps(manifest(record), indent=2, ensure_ascii=False, allow_nan=False)
    return f"{text}\n".encode(errors="backslashreplace")


def _text(instant: datetime | None) -> str | None:
    if instant is None:
        return None
    return instant.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
