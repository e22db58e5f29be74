"""The tables of a store, as SQLModel classes; nothing but rows already validated is ever written to them."""

from schema.tables.base import AsText, Row, hour_of, table_of, tuple_of
from schema.tables.benches import BenchRow
from schema.tables.conditions import ConditionFileRow
from schema.tables.deviations import DeviationRow
from schema.tables.handed_on import AlertHandedOnRow
from schema.tables.histories import HistoryRow
from schema.tables.ledger import (
    AttachmentRow,
    CustodyEventRow,
    ErasableRow,
    LogPendingRow,
    RequestAnswerRow,
    SharedRow,
)
from schema.tables.log import CheckpointRow, CosignatureRow, LogLeafRow, LogNodeRow, PrintedHeadRow
from schema.tables.opened import TrailOpenedRow
from schema.tables.papers import PaperScanRow
from schema.tables.people import AccessCodeRow, CredentialRow, SignInFailureRow
from schema.tables.plans import PlanMilestoneRow
from schema.tables.presence import PresenceRow
from schema.tables.shipments import ShipmentRow
from schema.tables.slots import SlotUseRow
from schema.tables.storage import EquipmentPlaceRow, PlacePositionRow
from schema.tables.uses import UseRow
from schema.tables.views import CodeRow, MentionReachRow, MentionRow, PrintedCopyRow, TherapyRow, UnitRow

__all__ = [
    "AccessCodeRow",
    "AlertHandedOnRow",
    "AsText",
    "AttachmentRow",
    "BenchRow",
    "CheckpointRow",
    "CodeRow",
    "ConditionFileRow",
    "CosignatureRow",
    "CredentialRow",
    "CustodyEventRow",
    "DeviationRow",
    "EquipmentPlaceRow",
    "ErasableRow",
    "HistoryRow",
    "LogLeafRow",
    "LogNodeRow",
    "LogPendingRow",
    "MentionReachRow",
    "MentionRow",
    "PaperScanRow",
    "PlacePositionRow",
    "PlanMilestoneRow",
    "PresenceRow",
    "PrintedCopyRow",
    "PrintedHeadRow",
    "RequestAnswerRow",
    "Row",
    "SharedRow",
    "ShipmentRow",
    "SignInFailureRow",
    "SlotUseRow",
    "TherapyRow",
    "TrailOpenedRow",
    "UnitRow",
    "UseRow",
    "hour_of",
    "table_of",
    "tuple_of",
]
