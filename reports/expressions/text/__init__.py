"""Text, compared by code point."""
