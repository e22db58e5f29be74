"""A typed code without check characters is typed again by somebody who has not seen the first. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace

from labels.keyed import keyed
from schema.errors import BadCode
from schema.vocabulary import ReadMode
from tracker.values import COMPARED_ELSEWHERE
from tui.answers import ShownAnswer, check
from tui.forms.prompts import Prompt, PromptKind
from tui.framing import RawScan
from tui.language import tr


@dataclass(slots=True)
class Twice:
    """The first reading of a code that has to be typed again, kept unseen."""

    first: RawScan | None = None

    def take(self, prompt: Prompt, scan: RawScan) -> RawScan | ShownAnswer:
        """The read to go on with, or what is still missing."""
        first, self.first = self.first, None
        if not _needs_second(prompt, scan):
            return scan
        if first is None:
            self.first = scan
            return check(
                tr("Typed once; it has no check character."),
                tr("A second person reads the label and types it too, or scan it."),
            )
        if scan.text.strip() != first.text.strip():
            return check(
                tr("The two readings differ: nothing was taken."),
                tr("The first person reads it again from the label."),
            )
        return replace(scan, again=first.text.strip())


def _needs_second(prompt: Prompt, scan: RawScan) -> bool:
    is_typed = scan.mode is ReadMode.MANUAL and scan.again is None and not scan.is_overlong
    if not is_typed or prompt.kind is not PromptKind.CODE or prompt.field in COMPARED_ELSEWHERE:
        return False
    try:
        return not keyed(scan.text).is_checked
    except BadCode:
        return False
