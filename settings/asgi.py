"""The ASGI application, for gunicorn's and uvicorn's ASGI workers."""

import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "settings.local")
application = get_asgi_application()

from reports.web.delivery.server_detection import telling_its_server  # noqa: E402 -- needs the apps

application = telling_its_server(application)
