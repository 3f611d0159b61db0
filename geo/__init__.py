"""Places, spherical geometry, and engines with which databases answer alike."""
