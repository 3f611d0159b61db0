"""What is told of an export: one shape of JSON for its record and its manifests."""

import json
from datetime import UTC, datetime
from typing import Any

from reports.models import Export

SUFFIX = ".manifest.json"


def manifest(record: Export) -> dict[str, Any]:
    """The record as JSON takes it. Instants are ISO 8601 in UTC; what is not known yet is None."""
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
    """The manifest as the content of a file."""
    text = json.dumps(manifest(record), indent=2, ensure_ascii=False, allow_nan=False)
    return f"{text}\n".encode(errors="backslashreplace")


def _text(instant: datetime | None) -> str | None:
    if instant is None:
        return None
    return instant.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
