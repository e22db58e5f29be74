"""What cannot be printed, said before anything is printed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from schema.errors import CartrailError, InputError

if TYPE_CHECKING:
    from labels.printers import PrintResult


class LabelOverflow(InputError):
    """A label whose words do not fit on its stock; nothing is ever cut or shrunk."""

    default_code = "label_overflow"
    default_remedy = "Shorten the named text, or use fewer lines; nothing was printed."


class UnprintableText(InputError):
    """A text with a character that has no place on paper."""

    default_code = "unprintable_text"
    default_remedy = "Take the character out of the named text, or write it in letters the label font has."


class RendererFault(CartrailError):
    """The typesetter or its font is not as it was installed."""

    default_code = "renderer_fault"
    default_remedy = "Install cartrail again; if it stays, report this with the command that was run."


class PrinterFault(CartrailError):
    """A printer that did not print, or may not have; the result says which."""

    exit_code = 5
    default_code = "printer_fault"
    default_remedy = "See that the printer is on, loaded and connected, and print again."

    def __init__(self, result: PrintResult) -> None:
        super().__init__(result.message, remedy=result.remedy, code=result.code)
        self.result = result
