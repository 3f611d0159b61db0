"""Which expressions give one answer on every database, and why others are refused."""
