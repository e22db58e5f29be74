"""The paper for when systems fail: which steps remain, what is written down at each, and the form itself."""

from tracker.downtime.forms import FormOut, downtime_form, forms_out, issue_form
from tracker.downtime.steps import Remaining, remaining_steps

__all__ = ["FormOut", "Remaining", "downtime_form", "forms_out", "issue_form", "remaining_steps"]
