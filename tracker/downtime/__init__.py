"""The paper for when systems fail: which steps remain, what is written down at each, and the form itself."""

from tracker.downtime.issuing import downtime_form, issue_form
from tracker.downtime.out import FormOut, forms_out
from tracker.downtime.remaining import Remaining, remaining_steps

__all__ = ["FormOut", "Remaining", "downtime_form", "forms_out", "issue_form", "remaining_steps"]
