"""The site, and each report's page a second time as a sync view."""
