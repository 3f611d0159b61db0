"""Addresses of the report pages."""

from django.urls import path

from reports.web import views

app_name = "reports"
urlpatterns = [
    path("", views.catalogue, name="catalogue"),
    path("reports/<slug:slug>/", views.report_page, name="report"),
    path("reports/<slug:slug>.<slug:suffix>", views.download, name="download"),
    path("data/", views.data, name="data"),
]
