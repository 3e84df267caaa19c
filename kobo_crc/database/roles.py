"""The roles of a PostgreSQL store, and the centres of an officer's login: those whose roles it is a member of."""

from __future__ import annotations

from typing import Final

PIPELINE: Final = "crc_pipeline"
OFFICER: Final = "crc_officer"
ANALYST: Final = "crc_analyst"
OF_CENTRE: Final = "crc_centre_"


def centres_of(user: str) -> str:
    """SQL that selects the codes of a user's centres as one array. `user` is SQL, such as `current_user`."""
    return (
        f"SELECT coalesce(array_agg(substr(rolname, {len(OF_CENTRE) + 1})::text), '{{}}') FROM pg_catalog.pg_roles "
        f"WHERE starts_with(rolname, '{OF_CENTRE}') AND pg_has_role({user}, oid, 'MEMBER')"
    )
