"""What a step asks of the person at the scanner, prompt by prompt, and the request it becomes. Pure."""

from tui.forms.catalog import LATE, OUTSIDE, PAPER, form_for, sections_of
from tui.forms.form import Form, Row
from tui.forms.prompts import Choice, Given, Kind, Prompt, Section, Setting, Wrong
from tui.forms.reading import read_prompt

__all__ = [
    "LATE",
    "OUTSIDE",
    "PAPER",
    "Choice",
    "Form",
    "Given",
    "Kind",
    "Prompt",
    "Row",
    "Section",
    "Setting",
    "Wrong",
    "form_for",
    "read_prompt",
    "sections_of",
]
