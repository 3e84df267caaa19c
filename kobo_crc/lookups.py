"""The lists that forms look things up in: which there are, what stands in them, and how they are written. Pure.

A list is a hint, never a key or a gate. It holds codes and days alone; its labels are the form's own choices.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping, Sequence
from io import StringIO
from typing import Final

OPEN_REFERRALS: Final = "open_referrals.csv"
AVAILABLE_SERVICES: Final = "available_services.csv"
# The columns of each list, by its file's name; the file's stem is the name of the form's `csv-external` row.
LOOKUPS: Final[Mapping[str, tuple[str, ...]]] = {
    OPEN_REFERRALS: ("reference_code", "service_code", "priority_code", "due_on", "state_code"),
    AVAILABLE_SERVICES: ("service_code", "receiver_code"),
}


def listed(filename: str, rows: Iterable[Sequence[str]]) -> bytes:
    """The list as a file: its header and the rows in their order; the same bytes for the same rows."""
    out = StringIO()
    csv.writer(out, lineterminator="\n").writerows([LOOKUPS[filename], *rows])
    return out.getvalue().encode("utf-8")
