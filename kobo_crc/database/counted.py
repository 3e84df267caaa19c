"""Which submissions outputs count."""

from __future__ import annotations

import sqlalchemy as sa

from kobo_crc.database.metadata import SUBMISSION
from kobo_crc.model import NOT_APPROVED


def shown() -> sa.ColumnElement[bool]:
    """Submissions that outputs show: not deleted on the server, and not marked as not approved."""
    return sa.and_(SUBMISSION.c.deleted_on.is_(None), SUBMISSION.c.validation_status != NOT_APPROVED)
