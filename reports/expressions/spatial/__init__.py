"""Points, shapes, distances and spatial joins."""
