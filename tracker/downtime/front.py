"""The downtime forms of the front door."""

from __future__ import annotations

from labels.papers.downtime import DowntimeForm
from tracker.downtime.forms import FormOut, downtime_form, forms_out, issue_form
from tracker.open_store import OpenStore


class DowntimeForms:
    """Downtime forms of one open store: made, issued, and those that are out."""

    def __init__(self, opened: OpenStore) -> None:
        self._opened = opened

    def make(self, coi: str, *, staff: str, station: str, stage: str | None = None) -> DowntimeForm:
        """The form of a therapy's remaining steps; nothing is recorded by making it (`downtime_form`)."""
        return downtime_form(self._opened, coi, staff=staff, station=station, stage=stage)

    def issue(self, form: DowntimeForm, *, staff: str, station: str) -> None:
        """Note that a form goes out; raises Refusal when it may not, and then it is not to be printed."""
        issue_form(self._opened, form, staff=staff, station=station)

    def out(self) -> tuple[FormOut, ...]:
        """Every form that is not back, of all therapies, the most urgent first."""
        return forms_out(self._opened)
