"""The site's addresses, and those of the sync pages."""

from django.urls import path

from settings.urls import handler404 as handler404
from settings.urls import urlpatterns as site
from tests.bench.pages.views import SyncReportPageView

urlpatterns = [path("sync/reports/<slug:slug>/", SyncReportPageView.as_view()), *site]
