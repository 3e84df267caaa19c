"""How many people came to a session. Pure: cards and heads of one session are never added up."""

from __future__ import annotations

from typing import Final, NamedTuple

from kobo_crc.model import Problem
from kobo_crc.problems import DERIVE

CARDS: Final = "cards"
HEADS: Final = "heads"


class Session(NamedTuple):
    """What a session's submission says of attendance. `described` are the columns that `session_attendance` repeats.

    `cards` counts different cards; `heads` is the sum over sex and age, None without a head-count.
    """

    submission_id: int
    described: tuple[str | None, ...]
    method_code: str | None
    cards: int
    heads: int | None


def people_count(session: Session) -> int | None:
    """Who came, by the way of counting that the session names; None when it names none, or nobody counted."""
    if session.method_code == CARDS:
        return session.cards
    return session.heads if session.method_code == HEADS else None


def problem(session: Session) -> Problem | None:
    """`attendance_twice` when the session has figures of the other way too, as edits on the server can leave."""
    other = session.heads if session.method_code == CARDS else session.cards
    if other and session.method_code in (CARDS, HEADS):
        return Problem("attendance_twice", DERIVE, session.submission_id, "", "cards or heads, not both")
    return None
