"""The tables of a store, as SQLModel classes; nothing but rows already validated is ever written to them."""

from schema.tables.base import Row, table_of
from schema.tables.benches import Bench
from schema.tables.ledger import Attachment, CustodyEvent, Erasable, LogPending, RequestAnswer, SharedRow
from schema.tables.log import Checkpoint, Cosignature, LogLeaf, LogNode, PrintedHead
from schema.tables.papers import PaperScan
from schema.tables.people import AccessCode, Credential, SignInFailure
from schema.tables.views import Mention, MentionReach, PrintedCopy, ScanCode, Therapy, Unit

__all__ = [
    "AccessCode",
    "Attachment",
    "Bench",
    "Checkpoint",
    "Cosignature",
    "Credential",
    "CustodyEvent",
    "Erasable",
    "LogLeaf",
    "LogNode",
    "LogPending",
    "Mention",
    "MentionReach",
    "PaperScan",
    "PrintedCopy",
    "PrintedHead",
    "RequestAnswer",
    "Row",
    "ScanCode",
    "SharedRow",
    "SignInFailure",
    "Therapy",
    "Unit",
    "table_of",
]
