"""Labels of codes in the reader's language, from the store's code tables."""

from __future__ import annotations

from collections.abc import Mapping

import sqlalchemy as sa

from kobo_crc.database.metadata import CODES


def labels(connection: sa.Connection, codes: str, language: str) -> Mapping[str, str]:
    """The labels of that list by code; a code without one stands for itself."""
    c = CODES[codes].c
    found = connection.execute(sa.select(c.code, c[f"label_{language}"]))
    return {code: label or code for code, label in found}
