"""The records of exports: the state of each, and what is needed to check a file's completeness."""

import uuid
from datetime import timedelta
from typing import Self

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from reports.limits import records_kept

# A running export reports every few seconds. One that is silent for this long has died.
SILENCE = timedelta(minutes=1)


class ExportQuerySet(models.QuerySet["Export"]):
    def running(self) -> Self:
        """Returns the exports that run in a live process."""
        return self.filter(state=Export.State.RUNNING, seen__gte=timezone.now() - SILENCE)

    def lost(self) -> Self:
        """Returns the exports whose process died while they ran."""
        return self.filter(state=Export.State.RUNNING, seen__lt=timezone.now() - SILENCE)

    def expired(self) -> Self:
        """Returns the exports whose records are older than EXPORT_RECORDS allows."""
        return self.filter(seen__lt=timezone.now() - timedelta(days=records_kept().days))


class Export(models.Model):
    """The record of one export. It is stored in `default`, whichever database was asked."""

    class State(models.TextChoices):
        RUNNING = "running", _("running")
        COMPLETE = "complete", _("complete")
        FAILED = "failed", _("failed")
        CANCELLED = "cancelled", _("cancelled")
        # Never stored: a process that died cannot write it.
        LOST = "lost", _("lost")

    id = models.UUIDField(_("id"), primary_key=True, default=uuid.uuid4)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        # A user's records are deleted with the user: without an owner nobody could read them.
        on_delete=models.CASCADE,
        null=True,
        related_name="+",
        verbose_name=_("user"),
        help_text=_("Empty for visitors who are not signed in, and for commands."),
    )
    report = models.CharField(_("report"), max_length=200, help_text=_("The slug."))
    title = models.TextField(_("title"))
    version = models.TextField(_("version"), help_text=_("Of the report's declaration."))
    format = models.CharField(_("format"), max_length=40)
    dialect = models.CharField(_("dialect"), max_length=40)
    parameters = models.JSONField(_("parameters"), help_text=_("Texts by name, as given."))
    request = models.JSONField(
        _("request"), null=True, help_text=_("All that was asked: a ReportRequest.")
    )
    columns = models.JSONField(_("columns"), help_text=_("Each with id, label, unit and kind."))
    database = models.CharField(_("database"), max_length=100, help_text=_("The alias."))
    server = models.TextField(_("server"), help_text=_("Product and version; empty if unknown."))
    isoline = models.CharField(_("Isoline"), max_length=40, help_text=_("Its version."))
    state = models.CharField(
        _("state"),
        max_length=9,
        choices=State,
        default=State.RUNNING,
        help_text=_("As last told; lost is what runs and is silent."),
    )
    rows = models.BigIntegerField(_("rows"), default=0, help_text=_("So far."))
    bytes = models.BigIntegerField(_("bytes"), default=0, help_text=_("So far."))
    sha256 = models.CharField(
        _("SHA-256"), max_length=64, blank=True, help_text=_("Of all bytes, once complete.")
    )
    started = models.DateTimeField(_("started"))
    ended = models.DateTimeField(_("ended"), null=True)
    seen = models.DateTimeField(_("last seen"), db_index=True)
    error = models.CharField(
        _("error"), max_length=12, blank=True, help_text=_("The id under which the log has it.")
    )
    limit = models.CharField(
        _("limit"), max_length=40, blank=True, help_text=_("Of EXPORT_LIMITS, where it ended it.")
    )
    slot = models.PositiveSmallIntegerField(
        _("slot"), null=True, unique=True, help_text=_("Among all that run at once.")
    )
    user_slot = models.PositiveSmallIntegerField(
        _("place of the user"), null=True, help_text=_("Among those of the user.")
    )

    objects = ExportQuerySet.as_manager()

    class Meta:
        verbose_name = _("export record")
        verbose_name_plural = _("export records")
        constraints = [
            models.UniqueConstraint(fields=["user", "user_slot"], name="isoline_export_user_slot")
        ]

    def __str__(self) -> str:
        return str(self.id)

    @property
    def is_lost(self) -> bool:
        """Whether the process that ran the export has died."""
        return self.state == self.State.RUNNING and self.seen < timezone.now() - SILENCE

    @property
    def effective_state(self) -> "Export.State":
        """Returns the state to show, which is LOST for a process that died."""
        return self.State.LOST if self.is_lost else self.State(self.state)
