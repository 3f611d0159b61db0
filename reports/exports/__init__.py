"""Whole results as bytes: written, limited, tracked and compared."""
