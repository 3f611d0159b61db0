"""The site, and the benchmark's report among its own."""

from reports import registry
from settings.wsgi import application as application
from tests.bench.sales import Sales

registry.register(Sales)
