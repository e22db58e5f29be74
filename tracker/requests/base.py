"""What every request carries: who asks, where, what was read, and how it came to be entered."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Annotated, Any, ClassVar, Final
from unicodedata import category

from pydantic import AfterValidator, BeforeValidator, Field

from labels.keyed import donation_text, seal_text
from schema.errors import InputError
from schema.events.base import CoiId, Payload, ShortName, Value, Word
from schema.holding import fields_holding
from schema.instants import parse_declared
from schema.vocabulary import CodeType, EntryMode, Meaning, ReadMode, Reason

UUID7 = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")

RequestId = Annotated[
    str, Field(pattern=f"^{UUID7.pattern}$", description="UUIDv7 of this request, made by the asker")
]
PayloadClass = type[Payload]
"""An alias, because a request field named `type` hides the builtin in its annotations."""


def _declared(text: str) -> str:
    parse_declared(text)
    return text


DeclaredText = Annotated[
    str, Field(max_length=40, json_schema_extra={"format": "date-time"}), AfterValidator(_declared)
]
"""A time with Z or an offset, kept as it was written: the offset is compared with the site's."""
_IN_WORDS: Final = "\r\n\t\u200c\u200d"
"""Between lines and words; the two joiners belong to the spelling of some scripts."""


def _words_only(text: str) -> str:
    """Lines of words, without the blanks around them; raises InputError for none.

    A control character could steer a terminal, a hidden one turn a line around.
    """
    found = next((one for one in text if category(one) in ("Cc", "Cf") and one not in _IN_WORDS), None)
    if found is not None:
        kind = "control" if category(found) == "Cc" else "hidden"
        raise InputError(
            f"The text has a {kind} character, U+{ord(found):04X}.", remedy="Write words and lines only."
        )
    words = text.strip()
    if not words.strip(_IN_WORDS):
        raise InputError("The text is only blanks.", remedy="Write at least one word.")
    return words


OutsideName = Annotated[str, Field(min_length=1, max_length=120), AfterValidator(_words_only)]
"""A name that is committed: of somebody, or of a company, outside this store."""

FreeText = Annotated[str, Field(min_length=1, max_length=2000), AfterValidator(_words_only)]


class Scan(Value):
    """One code off one carrier; a bare string stands for a scanned code."""

    code: str = Field(min_length=1, max_length=4096)
    mode: ReadMode = ReadMode.SCANNED
    carrier: Word | None = None
    again: str | None = Field(default=None, max_length=4096, description="typed by a second person, unseen")

    @property
    def key(self) -> str:
        """What tells this scan from the others of its request: two issuers may give one value."""
        return self.code


class AdoptedCodeGiven(Scan):
    """A code of another issuer, with who issued it and what kind it is."""

    issuer: ShortName
    type: CodeType

    @property
    def key(self) -> str:
        """Issuer and type tell it from the same value of another issuer."""
        return f"{self.issuer}|{self.type.value}|{self.code}"


class StatedCode(AdoptedCodeGiven):
    """A code that was taken from a document in its canonical form; nobody scanned it."""


def _scan(value: object) -> object:
    return {"code": value} if isinstance(value, str) else value


def _in_one_form(form: Callable[[str], str]) -> AfterValidator:
    """The scan with its code, and what a second person typed of it, in the one form of such a number."""

    def formed(scan: Scan) -> Scan:
        again = None if scan.again is None else form(scan.again)
        return scan.model_copy(update={"code": form(scan.code), "again": again})

    return AfterValidator(formed)


ScanField = Annotated[Scan, BeforeValidator(_scan)]
SealField = Annotated[Scan, BeforeValidator(_scan), _in_one_form(seal_text)]
"""The number on a seal; its payload takes just what this takes."""

DonationField = Annotated[Scan, BeforeValidator(_scan), _in_one_form(donation_text)]
"""A donation number, as its payload takes it."""


class PatientIdentifier(Value):
    """One identifier off a wristband or order: committed in the ledger, never written there."""

    issuer: ShortName
    type: Word
    value: str = Field(min_length=1, max_length=80)
    mode: ReadMode = ReadMode.SCANNED
    carrier: Word = "wristband"

    @property
    def kind_words(self) -> str:
        """Which identifier it is, without its value: what an answer may say."""
        return f"{self.type.replace('_', ' ')} of {self.issuer}"


class SignerReference(Value):
    """Who signs, and with which meaning."""

    staff: ShortName
    meaning: Meaning


class EntryDeclaration(Value):
    """How the event comes into the ledger; late and paper entries say why."""

    mode: EntryMode = EntryMode.LIVE
    by: ShortName | None = None
    reason: Reason | None = None
    form: Annotated[Scan, BeforeValidator(_scan)] | None = Field(
        default=None, description="the downtime form that a paper entry was made from"
    )


class Outsider(Value):
    """Somebody without a part in the therapy who did it; committed, never written in clear."""

    name: OutsideName
    employer: OutsideName


class OutsideRules(Value):
    """A declaration that this happened although a rule forbids it."""

    reason: Reason
    remark: FreeText | None = None
    doer: Outsider | None = Field(
        default=None, description="who did it, where that was nobody with a part in the therapy"
    )


class Request(Value):
    """Something a person or system asks to record, in the imperative."""

    name: ClassVar[str] = ""
    summary: ClassVar[str] = ""
    """One sentence for people, shown by `record --help-requests` and in the palette."""

    records: ClassVar[PayloadClass | None] = None
    """The event that is asked for; the decision may record another, so never predict from it."""

    needs_reason: ClassVar[bool] = False
    """Whether a reason code is required, because it undoes or blocks something."""

    plain: ClassVar[bool] = False
    """Whether the event only copies fields of the request, by no rule beyond those of every step."""

    event_id: RequestId
    actor: ShortName
    station: ShortName
    signers: tuple[SignerReference, ...] = ()
    occurred_at: DeclaredText | None = Field(default=None, description="ISO 8601 with Z or an offset")
    entry: EntryDeclaration = EntryDeclaration()
    outside_rules: OutsideRules | None = None
    reason: Reason | None = None
    remark: FreeText | None = None

    @property
    def entered_by(self) -> str:
        """Who keyed it: the actor unless another is named."""
        return self.entry.by or self.actor

    def given(self, field: str) -> object:
        """The value of a field; None for one that this kind of request does not have."""
        return vars(self).get(field)

    def scans(self) -> tuple[tuple[str, Scan], ...]:
        """Every code of the request with the name of its field, in field order."""
        found: list[tuple[str, Scan]] = []
        for field in fields_holding(type(self), Scan):
            found.extend(_scans(field, getattr(self, field)))
        if self.entry.form is not None:
            found.append(("form", self.entry.form))
        return tuple(found)

    def modes(self) -> Iterator[tuple[str, ReadMode]]:
        """How each thing in it was read, wherever that stands, with the field that holds it."""
        for field in fields_holding(type(self), ReadMode):
            for mode in _modes(getattr(self, field)):
                yield field, mode

    def named(self) -> tuple[Scan, ...]:
        """Codes that the request names and nobody read."""
        return ()


class BegunRequest(Request):
    """A request of a step that was begun with a therapy; what is read must be of the same one."""

    begun_with: CoiId | None = Field(
        default=None, description="the therapy chosen before anything was read, where one was"
    )

    def named(self) -> tuple[Scan, ...]:
        """The therapy that was chosen, which nobody read at this step."""
        return () if self.begun_with is None else (Scan(code=self.begun_with),)


class TherapyRequest(BegunRequest):
    """A request about one therapy, named by a scan of one of its codes."""

    coi: ScanField


class UnitsRequest(BegunRequest):
    """A request about units, each named by a scan."""

    units: tuple[ScanField, ...] = Field(min_length=1, max_length=200)


class OneUnitRequest(UnitsRequest):
    """A request about exactly one unit."""

    units: tuple[ScanField, ...] = Field(min_length=1, max_length=1)


def _scans(field: str, value: Any) -> list[tuple[str, Scan]]:
    if isinstance(value, Scan):
        return [(field, value)]
    if isinstance(value, tuple):
        return [pair for item in value for pair in _scans(field, item)]
    if isinstance(value, Value) and not isinstance(value, (SignerReference, EntryDeclaration)):
        return [
            pair for name in fields_holding(type(value), Scan) for pair in _scans(name, getattr(value, name))
        ]
    return []


def _modes(value: Any) -> Iterator[ReadMode]:
    if isinstance(value, ReadMode):
        yield value
    elif isinstance(value, Value):
        for name in fields_holding(type(value), ReadMode):
            yield from _modes(getattr(value, name))
    elif isinstance(value, tuple):
        for item in value:
            yield from _modes(item)
