"""The aviation app."""

from django.apps import AppConfig


class AviationConfig(AppConfig):
    name = "aviation"
