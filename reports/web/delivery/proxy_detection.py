"""Detects proxies between the reader and this server, as far as a request shows them.

A proxy that sends HTTP/1.1 may be serving a reader of HTTP/1.0, who takes a broken stream for a
complete one. `Via` says in which version a proxy was asked (RFC 9110, 7.6.3), but few proxies send
it by default.
"""

import re
from collections.abc import Mapping
from typing import Any

FORWARDED = ("HTTP_FORWARDED", "HTTP_X_FORWARDED_FOR", "HTTP_X_FORWARDED_PROTO", "HTTP_X_REAL_IP")
# The protocol version of each proxy: "1.1", "HTTP/1.1".
RECEIVED = re.compile(r"(?:^|,)\s*(?:HTTP/)?([0-9.]+)\s", re.IGNORECASE)
OLD = frozenset({"0.9", "1.0"})


def is_behind_http10(meta: Mapping[str, Any]) -> bool:
    """Whether a client or proxy on the way uses HTTP/1.0, or may: `meta` is a request's META.

    If there are signs of a proxy (forwarding headers, `Connection: close`) but no `Via`, it assumes
    the worst.
    """
    if versions := RECEIVED.findall(meta.get("HTTP_VIA", "")):
        return not OLD.isdisjoint(versions)
    return (
        any(name in meta for name in FORWARDED)
        or meta.get("HTTP_CONNECTION", "").strip().lower() == "close"
    )
