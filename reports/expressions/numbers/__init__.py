"""Numbers: exact functions, and functions of floats."""
