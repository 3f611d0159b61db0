"""Delivery of downloads: streamed, compressed, visibly broken if they fail."""
