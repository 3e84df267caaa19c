"""The code lists that become tables of the store, and the columns some of them have beyond code and labels."""

from __future__ import annotations

from collections.abc import Mapping

from kobo_crc.schema.derived import DERIVED
from kobo_crc.schema.facts import FACTS

# Columns that `forms/codes/LIST.csv` has beyond name, labels and validity, and that the store keeps.
EXTRA_COLUMNS: Mapping[str, tuple[str, ...]] = {
    "centre": ("place",),
    "event_reason": ("event",),
    "organization": ("kind", "runs_centre"),
    "place": ("level", "parent"),
    "service": ("sensitive",),
    "session_topic": ("kind", "service"),
    "staff": ("centre",),
}

_COLUMNS = (*(table.columns for table in FACTS), *(table.columns for table in DERIVED))
CODE_LISTS = tuple(sorted({column.codes for columns in _COLUMNS for column in columns if column.codes}))
