"""URLs of the report pages."""

from django.urls import path

from reports.web import exports, report_page, views

app_name = "reports"
urlpatterns = [
    path("", views.catalogue, name="catalogue"),
    path("reports/<slug:slug>/", report_page.report_page, name="report"),
    path("reports/<slug:slug>.<str:suffix>.manifest.json", exports.manifest, name="manifest"),
    path("reports/<slug:slug>.<slug:suffix>", views.download, name="download"),
    path(
        "reports/<slug:slug>.<slug:suffix>.<slug:compression>",
        views.download,
        name="compressed-download",
    ),
    path("reports/<slug:slug>/share/", report_page.share, name="share"),
    path("exports/<str:token>/", exports.export, name="export"),
    path("areas/<str:token>.geojson", views.area, name="area"),
    path("data/", views.data, name="data"),
]
