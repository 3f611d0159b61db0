"""What stands between a reader and this server, as far as a request tells.

A proxy that asks in HTTP/1.1 may answer a reader of HTTP/1.0, who takes a stream that breaks off
for its end. `Via` says in which version a proxy was asked (RFC 9110, 7.6.3); few proxies send it
unless they are told to.
"""

import re
from collections.abc import Mapping
from typing import Any

FORWARDED = ("HTTP_FORWARDED", "HTTP_X_FORWARDED_FOR", "HTTP_X_FORWARDED_PROTO", "HTTP_X_REAL_IP")
# Each proxy's first word: "1.1", "HTTP/1.1".
RECEIVED = re.compile(r"(?:^|,)\s*(?:HTTP/)?([0-9.]+)\s", re.IGNORECASE)
OLD = frozenset({"0.9", "1.0"})


def is_behind_http10(meta: Mapping[str, Any]) -> bool:
    """Whether somebody on the way speaks HTTP/1.0, or may: `meta` is a request's.

    Where a proxy shows itself without a `Via`, by what it forwards or by closing the connection,
    the worst is assumed.
    """
    if versions := RECEIVED.findall(meta.get("HTTP_VIA", "")):
        return not OLD.isdisjoint(versions)
    return (
        any(name in meta for name in FORWARDED)
        or meta.get("HTTP_CONNECTION", "").strip().lower() == "close"
    )
