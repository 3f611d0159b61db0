"""URLs of the report pages."""

from django.urls import path

from reports.web import exports, report_page, views

app_name = "reports"
urlpatterns = [
    path("", views.CatalogueView.as_view(), name="catalogue"),
    path("reports/<slug:slug>/", report_page.ReportPageView.as_view(), name="report"),
    path(
        "reports/<slug:slug>.<str:suffix>.manifest.json",
        exports.ManifestView.as_view(),
        name="manifest",
    ),
    path("reports/<slug:slug>.<slug:suffix>", views.DownloadView.as_view(), name="download"),
    path(
        "reports/<slug:slug>.<slug:suffix>.<slug:compression>",
        views.DownloadView.as_view(),
        name="compressed-download",
    ),
    path("reports/<slug:slug>/share/", report_page.ShareView.as_view(), name="share"),
    path("exports/<str:token>/", exports.ExportView.as_view(), name="export"),
    path("areas/<str:token>.geojson", views.AreaView.as_view(), name="area"),
    path("data/", views.DataView.as_view(), name="data"),
]
