"""The site as it is served, with reports that a test needs to see: tests start servers of it."""
