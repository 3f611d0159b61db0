"""Windows and their functions."""
