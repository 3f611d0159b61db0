"""The site, and the benchmark's report among its own."""

from django.conf import settings

from reports import registry
from settings.wsgi import application as application
from tests.bench.sales import Sales

registry.register(Sales)
# As many at once as there are.
settings.EXPORT_LIMITS = {"max_concurrent": None}
