"""Why a read that is almost a known code is not one: caps lock, layout, suffix, lost or joined characters.

A keyboard-wedge scanner presses keys, not characters: `=` of one layout is an accent on another.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from typing import Final

from labels.frames import shown
from labels.isbt.message import parse_isbt
from schema.counting import counted
from schema.errors import BadCode
from schema.identifiers import ALPHABET, PRINTED_LENGTH, TYPE_LETTERS, PrintedCode, parse_printed
from schema.papercodes import HEAD_LENGTH, RECEIPT_LENGTH, HeadCode, ReceiptCode, parse_head, parse_receipt

UNITED_STATES: Final = "US"
"""What scanners are set to when they leave the factory."""

_NO_KEY: Final = "\0"

_ROWS: Final[Mapping[str, tuple[str, str]]] = {
    UNITED_STATES: (
        "`1234567890-=qwertyuiop[]\\asdfghjkl;'zxcvbnm,./\\",
        '~!@#$%^&*()_+QWERTYUIOP{}|ASDFGHJKL:"ZXCVBNM<>?|',
    ),
    "French (AZERTY)": (
        "²&é\"'(-è_çà)=azertyuiop^$*qsdfghjklmùwxcvbn,;:!<",
        "\x001234567890°+AZERTYUIOP¨£µQSDFGHJKLM%WXCVBN?./§>",
    ),
    "Belgian (AZERTY)": (
        "²&é\"'(§è!çà)-azertyuiop^$µqsdfghjklmùwxcvbn,;:=<",
        "³1234567890°_AZERTYUIOP¨*£QSDFGHJKLM%WXCVBN?./+>",
    ),
    "German (QWERTZ)": (
        "^1234567890ß\u00b4qwertzuiopü+#asdfghjklöäyxcvbnm,.-<",
        "°!\"§$%&/()=?`QWERTZUIOPÜ*'ASDFGHJKLÖÄYXCVBNM;:_>",
    ),
    "Swiss (QWERTZ)": (
        "§1234567890'^qwertzuiopü¨$asdfghjklöäyxcvbnm,.-<",
        '°+"*ç%&/()=?`QWERTZUIOPè!£ASDFGHJKLéàYXCVBNM;:_>',
    ),
    "Czech (QWERTZ)": (
        ";+ěščřžýáíé=\u00b4qwertzuiopú)¨asdfghjklů§yxcvbnm,.-\\",
        "°1234567890%ˇQWERTZUIOP/('ASDFGHJKL\"!YXCVBNM?:_|",
    ),
    "Italian": (
        "\\1234567890'ìqwertyuiopè+ùasdfghjklòàzxcvbnm,.-<",
        '|!"£$%&/()=?^QWERTYUIOPé*§ASDFGHJKLç°ZXCVBNM;:_>',
    ),
    "Spanish": (
        "º1234567890'¡qwertyuiop`+çasdfghjklñ\u00b4zxcvbnm,.-<",
        'ª!"·$%&/()=?¿QWERTYUIOP^*ÇASDFGHJKLÑ¨ZXCVBNM;:_>',
    ),
}
"""Each key's character without and with shift, in the order of the US keyboard.

The last is the key left of Z that European keyboards have; a computer set to US reads it as a backslash.
"""

LAYOUTS: Final = tuple(_ROWS)

_ACCENTS: Final = {"\u0300": "`", "\u0301": "\u00b4", "\u0302": "^", "\u0308": "¨", "\u030c": "ˇ"}
"""The dead key that joined the next letter."""

OwnCode = PrintedCode | HeadCode | ReceiptCode
_PRINTED_START: Final = re.compile(rf"CT(?:[{TYPE_LETTERS}][DTVP]|X2)")
_ALMOST_PRINTED: Final = re.compile(rf"CT(?:[{TYPE_LETTERS}][DTVP]|X2)[A-Z0-9]{{6,20}}")
_ALMOST_PAPER: Final = re.compile(r"CT[HR][A-Z2-7]{20,77}")
_INSIDE: Final = re.compile(
    rf"CT(?:[{TYPE_LETTERS}][DTVP]|X2)[A-Z0-9]{{12}}|CTR[A-Z0-9]{{54}}|CTH[A-Z0-9]{{70}}"
)
_LOST_STARTS: Final = ("C", "CT", "CTU", "CTC", "CTK", "CTR", "CTH")
_LAYOUT_REMEDY: Final = (
    "Set the scanner and this computer to the same keyboard layout, or the scanner to USB serial."
)
_HIDDEN: Final = ("Cc", "Cf")
_JOINED_REMEDY: Final = (
    "Clear the field and scan one label at a time; set the scanner to end each scan with Enter."
)


def layout_pairs() -> Iterator[tuple[str, str]]:
    """Every pair of scanner and computer in which exactly one is set to the US layout."""
    for layout in LAYOUTS[1:]:
        yield UNITED_STATES, layout
        yield layout, UNITED_STATES


def typed(text: str, scanner: str, computer: str) -> str:
    """What the computer sees of a text that the scanner types; what has no key stays as it is."""
    return text.translate(_table(scanner, computer))


def untyped(text: str, scanner: str, computer: str) -> tuple[str, ...]:
    """The texts that the scanner may have meant by what the computer saw; dead keys are taken apart again."""
    keys = "".join(_ROWS[computer])
    apart = "".join(char if char in keys else _taken_apart(char) for char in text)
    first = apart.translate(_table(computer, scanner))
    last = apart.translate(_table(computer, scanner, last=True))
    return (first,) if first == last else (first, last)


def _taken_apart(char: str) -> str:
    apart = unicodedata.normalize("NFD", char)
    accent = _ACCENTS.get(apart[1:])
    return char if accent is None else accent + apart[0]


@lru_cache(maxsize=4 * len(_ROWS))
def _table(pressed: str, seen: str, *, last: bool = False) -> dict[int, str]:
    """What each character becomes; of a character on two keys the first or the last key is taken."""
    pairs = list(zip("".join(_ROWS[pressed]), "".join(_ROWS[seen]), strict=True))
    return {
        ord(before): after
        for before, after in (pairs if last else reversed(pairs))
        if _NO_KEY not in (before, after)
    }


def parse_own(text: str) -> OwnCode | None:
    """The text as one of our codes; None for any other text, BadCode for a damaged code of ours."""
    if text.startswith("CTR") and len(text) == RECEIPT_LENGTH:
        return parse_receipt(text)
    if text.startswith("CTH") and len(text) == HEAD_LENGTH:
        return parse_head(text)
    if (
        len(text) == PRINTED_LENGTH
        and text.startswith("CT")
        and (_alphanumeric(text) or _PRINTED_START.match(text))
    ):
        return _printed(text)
    return None


def _printed(text: str) -> PrintedCode:
    code = parse_printed(text)
    if text[-2] not in ALPHABET or text[-1] not in ALPHABET:
        raise BadCode(f"{shown(text)} has check characters that cartrail never prints.", code="bad_character")
    return code


def _alphanumeric(text: str) -> bool:
    return text.isascii() and text.isalnum()


def _understood(text: str, parse: Callable[[str], object | None]) -> bool:
    try:
        return parse(text) is not None
    except BadCode:
        return False


def is_own(text: str) -> bool:
    """Whether the text is an intact code of ours."""
    return _understood(text, parse_own)


def _is_known(text: str) -> bool:
    return is_own(text) or _understood(text, parse_isbt)


def explain(text: str, aim: str | None = None) -> BadCode | None:
    """Why a text is not the known code that it almost is; None where it is not almost one."""
    typing = _case(text) or _spaces(text) or _doubled(text) or _ends(text)
    return typing or _layout(text) or explain_joined(text, aim)


def explain_foreign(text: str) -> BadCode | None:
    """Why a text that nothing else understands is a damaged code of ours; None for any other text."""
    if len(text) == PRINTED_LENGTH and is_own("CT" + text[2:]):
        return BadCode(
            f"{shown(text)} should begin with CT: it was misread or mistyped.", code="bad_character"
        )
    lost = next((start for start in _LOST_STARTS if is_own(start + text)), "")
    if lost:
        return BadCode(
            f"{shown(text)} lacks its beginning, {lost}: characters were lost.",
            remedy="Scan again, with a pause after the last scan; if it stays, lower the scanner's speed.",
            code="bad_length",
        )
    if _ALMOST_PRINTED.fullmatch(text) and len(text) != PRINTED_LENGTH:
        return _wrong_length(text, "cartrail code", PRINTED_LENGTH)
    if _ALMOST_PAPER.fullmatch(text):
        what, length = ("receipt code", RECEIPT_LENGTH) if text[2] == "R" else ("head code", HEAD_LENGTH)
        return _wrong_length(text, what, length) if len(text) != length else None
    return None


def _wrong_length(text: str, what: str, length: int) -> BadCode:
    fate = "characters were lost" if len(text) < length else "characters were added"
    has = counted(len(text), "character")
    return BadCode(f"{shown(text)} has {has}, a {what} has {length}: {fate}.", code="bad_length")


def _case(text: str) -> BadCode | None:
    if not any(char.islower() for char in text):
        return None
    if _is_known(text.swapcase()):
        return BadCode(
            f"{shown(text)} has capitals and small letters swapped: "
            "the scanner or keyboard has caps lock on.",
            remedy="Turn caps lock off and scan again.",
            code="caps_lock",
        )
    if is_own(text.upper()):
        return BadCode(
            f"{shown(text)} has small letters; a cartrail code has capitals only.",
            remedy="Scan the label, or type the code in capitals.",
            code="small_letters",
        )
    return None


def _spaces(text: str) -> BadCode | None:
    bare = "".join(text.split(" "))
    if bare == text or not _is_known(bare):
        return None
    return BadCode(
        f"{shown(text)} is a code with spaces in it.",
        remedy="Scan the label, or type the code without spaces.",
        code="spaces",
    )


def _doubled(text: str) -> BadCode | None:
    if text[::2] != text[1::2] or not _is_known(text[::2]):
        return None
    return BadCode(
        f"{shown(text)} has each character twice.",
        remedy="Set a longer pause between characters at the scanner, or use one of its two connections.",
        code="doubled_characters",
    )


def _ends(text: str) -> BadCode | None:
    bare = _without_hidden(text)
    if bare == text or not _is_known(bare):
        return None
    return BadCode(
        f"{shown(text)} is the code {shown(bare)} with control or hidden characters around it.",
        remedy="Set the scanner to send nothing before a scan and one Enter after it.",
        code="odd_suffix",
    )


def _without_hidden(text: str) -> str:
    """The text without what cannot be seen at its ends: control characters, marks that turn a line around."""
    seen = [place for place, char in enumerate(text) if unicodedata.category(char) not in _HIDDEN]
    return text[seen[0] : seen[-1] + 1] if seen else ""


def _layout(text: str) -> BadCode | None:
    if text.isdecimal():
        # Digits alone stand for keys that no code of ours or of ISBT 128 is made of: a number, or a PIN.
        return None
    for scanner, computer in layout_pairs():
        meant = [found for found in untyped(text, scanner, computer) if found != text]
        if any(_is_known(found) or _is_known(found.swapcase()) for found in meant):
            return BadCode(
                f"{shown(text)} is a code that a scanner set to a {scanner} keyboard typed into a computer "
                f"set to a {computer} one.",
                remedy=_LAYOUT_REMEDY,
                code="keyboard_layout",
            )
    return None


def explain_joined(text: str, aim: str | None = None) -> BadCode | None:
    """Why a text is certainly more than one scan, whatever else it may be; None where nothing shows that."""
    if aim is not None and aim in text:
        return _run_together(f"{shown(text)} has the scanner's own {aim} in it once more")
    pieces = [piece for piece in re.split(r"[\r\n\t]+", text) if piece]
    if len(pieces) > 1 and any(_is_known(piece) for piece in pieces):
        return _run_together(f"{len(pieces)} scans stand in one, the first {shown(pieces[0])}")
    for match in _INSIDE.finditer(text):
        inner = match.group()
        if inner == text or not is_own(inner):
            continue
        more = len(text) - len(inner)
        return _run_together(
            f"{shown(text)} holds the code {shown(inner)} and {counted(more, 'more character')}"
        )
    if len(text) == 2 * PRINTED_LENGTH and all(_PRINTED_START.match(half) for half in (text[:16], text[16:])):
        return _run_together(f"{shown(text)} has the length of two codes")
    return None


def _run_together(fact: str) -> BadCode:
    return BadCode(f"{fact}: two scans run together.", remedy=_JOINED_REMEDY, code="run_together")
