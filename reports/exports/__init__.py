"""Whole results as bytes: encoded, limited, recorded and compared."""
