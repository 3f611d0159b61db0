"""Random geometries, and what GEOS says about every pair of them: script/fuzz."""
