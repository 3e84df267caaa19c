"""What an officer's login gets of the vault on PostgreSQL: a line of the audit first, then those submissions' rows.

The functions run with the pipeline's rights. What the server can know, such as who asks and when, it writes itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

import sqlalchemy as sa

from kobo_crc.database.roles import OFFICER, centres_of

# The openings that a line of an officer's can be of, and the ways in which it can tell somebody.
ACTIONS: Final = ("person show", "person export", "people look", "referral letter", "worklist --contacts")
WAYS: Final = ("letter", "contacts")
# How long the rows may be read after the line was written: the time of a command, not of an afternoon.
MINUTES: Final = 10
NO_ACTION: Final = "an officer opens rows by a command that may, and for a purpose"
NO_LINE: Final = "this session has not written into the audit what it tells of"
# A session's own tables come first on every path that does not name them, and with row security off a reader without
# the right to go round it is refused.
_AS_OWNER = "SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET row_security = on"
# Lines of this session that an earlier transaction has committed: one that is open may still be rolled back, and what
# was read would have left no trace. The clock is that of the reading, not of the transaction's beginning.
_MINE = f"""a.who = session_user AND a.session_id = pg_backend_pid()
        AND a.asked_in IS DISTINCT FROM pg_current_xact_id_if_assigned()::text
        AND a.at > clock_timestamp() AT TIME ZONE 'UTC' - interval '{MINUTES} minutes'"""
_FUNCTIONS = {
    # The caller's centres are the login's: `current_user` is the owner here, and SET ROLE changes no session_user.
    "ask(text, text, text, bigint[])": f"""
CREATE OR REPLACE FUNCTION vault.ask(what text, why text, which text, wanted bigint[]) RETURNS integer
LANGUAGE plpgsql {_AS_OWNER} AS $$
DECLARE
    own bigint[];
    line integer;
BEGIN
    IF what IS NULL OR what <> ALL ('{{{",".join(f'"{action}"' for action in ACTIONS)}}}'::text[])
        OR coalesce(btrim(why), '') = '' THEN
        RAISE EXCEPTION '{NO_ACTION}';
    END IF;
    SELECT coalesce(array_agg(s.submission_id), '{{}}') INTO own FROM store.submission s
        WHERE s.submission_id = ANY (wanted) AND s.centre_code = ANY (({centres_of("session_user")})::text[]);
    INSERT INTO vault.audit (at, who, action, purpose, scope, row_count, session_id, asked_in)
        VALUES (date_trunc('second', clock_timestamp() AT TIME ZONE 'UTC'), session_user, what, why, which,
            cardinality(own), pg_backend_pid(), pg_current_xact_id()::text)
        RETURNING audit_id INTO line;
    INSERT INTO vault.opened (audit_id, submission_id) SELECT line, n FROM unnest(own) AS n;
    RETURN cardinality(own);
END $$""",
    "opened_now()": f"""
CREATE OR REPLACE FUNCTION vault.opened_now() RETURNS bigint[] LANGUAGE sql STABLE {_AS_OWNER} AS $$
    SELECT coalesce(array_agg(o.submission_id), '{{}}') FROM vault.opened o JOIN vault.audit a USING (audit_id)
        WHERE {_MINE}
$$""",
    "tell(text, text, text, text[], text[])": f"""
CREATE OR REPLACE FUNCTION vault.tell(whom text, how text, what text, referrals text[], people text[]) RETURNS void
LANGUAGE plpgsql {_AS_OWNER} AS $$
DECLARE
    now_utc timestamp := date_trunc('second', clock_timestamp() AT TIME ZONE 'UTC');
BEGIN
    IF how IS NULL OR how <> ALL ('{{{",".join(WAYS)}}}'::text[])
        OR NOT EXISTS (SELECT FROM vault.audit a WHERE {_MINE}) THEN
        RAISE EXCEPTION '{NO_LINE}';
    END IF;
    INSERT INTO vault.disclosed (referral, receiver, way, told, person, first_at, last_at)
        SELECT r, whom, how, what, p, now_utc, now_utc FROM unnest(referrals, people) AS u(r, p)
        ON CONFLICT (referral, receiver, way, told) DO UPDATE SET last_at = excluded.last_at;
END $$""",
}
_ASK = sa.text("SELECT vault.ask(:action, :purpose, :scope, CAST(:submission_ids AS bigint[]))")
_TELL = sa.text("SELECT vault.tell(:receiver, :way, :told, CAST(:referrals AS text[]), CAST(:people AS text[]))")


def functions() -> Iterator[str]:
    """The SQL that makes them, for officers alone."""
    for name, made in _FUNCTIONS.items():
        yield made
        yield f"REVOKE ALL ON FUNCTION vault.{name} FROM PUBLIC"
        yield f"GRANT EXECUTE ON FUNCTION vault.{name} TO {OFFICER}"


def must_ask(connection: sa.Connection) -> bool:
    """Whether this login may write into the audit by asking alone, as an officer's."""
    return connection.info.get("centres") is not None


def ask(connection: sa.Connection, action: str, purpose: str, scope: str, submission_ids: Sequence[int]) -> int:
    """Have a line of the audit written; returns how many of the submissions may be read once it is committed.

    StoreError for an action that is not an officer's, or no purpose.
    """
    given = {"action": action, "purpose": purpose, "scope": scope, "submission_ids": list(submission_ids)}
    count: int = connection.execute(_ASK, given).scalar_one()
    return count


def tell(connection: sa.Connection, receiver: str, way: str, told: str, referrals: Mapping[str, str | None]) -> None:
    """Have it remembered that these referrals were told, each with its person: keyed hashes, by the server's clock.

    StoreError when this session has not asked before.
    """
    given = {"referrals": list(referrals), "people": list(referrals.values())}
    connection.execute(_TELL, {"receiver": receiver, "way": way, "told": told, **given})
