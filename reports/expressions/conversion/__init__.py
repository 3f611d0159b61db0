"""Values as values of another type."""
