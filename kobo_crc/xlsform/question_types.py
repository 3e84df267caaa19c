"""The question types of XLSForm by what the bridge makes of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from kobo_crc.schema.tables import Type

SELECTS_ONE: Final = frozenset({"select_one", "select_one_from_file", "select_one_external"})
SELECTS_MANY: Final = frozenset({"select_multiple", "select_multiple_from_file"})
FROM_FILE: Final = frozenset({"select_one_from_file", "select_multiple_from_file"})
BEGINS: Final = frozenset({"begin_group", "begin_repeat"})
EDGES: Final = BEGINS | {"end_group", "end_repeat"}
# What tells who holds the tablet, or which tablet it is: never asked.
IDENTIFYING_METADATA: Final = frozenset(
    {"deviceid", "imei", "phonenumber", "username", "email", "subscriberid", "simserial"}
)
# Rows that put nothing into a submission's answers.
SILENT: Final = frozenset({"note", "csv-external", "xml-external", "audit"})
# Rows whose value no person gives: they never make a row of the store exist.
UNANSWERED: Final = (
    SILENT
    | IDENTIFYING_METADATA
    | {"calculate", "hidden", "start", "end", "today", "start-geopoint", "background-audio", "background-geopoint"}
)
_COMPUTED = frozenset({"calculate", "hidden"})
# The question types whose answers a column type takes. Any question may go to a text column.
ACCEPTED: Final[Mapping[Type, frozenset[str]]] = {
    "integer": _COMPUTED | {"integer", "int", "range", "select_one"},
    "decimal": _COMPUTED | {"decimal", "integer", "int", "range"},
    "date": _COMPUTED | {"date", "today"},
    "time": _COMPUTED | {"time"},
    "datetime": _COMPUTED | {"datetime", "dateTime", "start", "end"},
    "code": _COMPUTED | SELECTS_ONE | SELECTS_MANY,
}
