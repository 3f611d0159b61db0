"""Exports under faults, with real servers, proxies and connections: script/chaos does more."""
