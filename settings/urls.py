"""URLs of the site."""

from django.contrib.auth.views import LoginView, LogoutView
from django.urls import include, path

handler404 = "reports.web.problems.not_found"
urlpatterns = [
    path("login/", LoginView.as_view(), name="login"),
    path("logout/", LogoutView.as_view(), name="logout"),
    path("", include("reports.web.urls")),
]
