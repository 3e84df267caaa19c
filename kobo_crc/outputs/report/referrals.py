"""Where referrals stand, of all centres together and never by service: a sensitive service cannot be told from it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import sqlalchemy as sa

from kobo_crc.database.metadata import FACT_TABLES, SUBMISSION
from kobo_crc.outputs.report.arrivals import STATE, shown
from kobo_crc.outputs.report.figures import Figure, figure, total
from kobo_crc.referrals.lifecycle import STATES

CONSENT = FACT_TABLES["consent"]
Leaf = tuple[str, str | None]
OPEN: Final = ("sent", "acknowledged", "accepted", "on_hold", "in_progress")
ENDED: Final = ("served", "not_served", "not_accepted", "closed", "withdrawn")
_BESIDE = frozenset({"draft", "entered_in_error", "withdrawn"})
_TAKEN_ON = frozenset({"accepted", "on_hold", "in_progress"})


@dataclass(frozen=True, slots=True)
class Standings:
    """How many referrals stand where. `leaves` are the counted cells: state, and outcome once closed.

    People who did not agree to be counted are not in it, and not even their number: with the centres' totals it
    would give small states away.
    """

    leaves: Mapping[Leaf, Figure]

    def of(self, state: str) -> Figure:
        """Referrals now in that state."""
        return total(cell for (code, _), cell in self.leaves.items() if code == state)

    def among(self, states: tuple[str, ...]) -> Figure:
        """Referrals now in any of these states."""
        return total(self.of(state) for state in states)

    @property
    def highest(self) -> int:
        """The largest state shown, at least 1: the scale of the bars."""
        return max([1, *(self.of(state).value for state in (*OPEN, *ENDED))])

    @property
    def funnel(self) -> dict[str, Figure]:
        """How many came how far: sent, answered, accepted, served. Without drafts, mistakes and withdrawn ones."""
        sent = {leaf: cell for leaf, cell in self.leaves.items() if leaf[0] not in _BESIDE}
        return {
            "sent": total(sent.values()),
            "answered": total(cell for (state, _), cell in sent.items() if state != "sent"),
            "accepted": total(cell for leaf, cell in sent.items() if _was_accepted(leaf)),
            "served": total(cell for (_, outcome), cell in sent.items() if outcome == "served"),
        }


def standings(connection: sa.Connection) -> Standings:
    """Where the referrals of all centres stand."""
    counts: dict[Leaf, int] = {(state, None): 0 for state in STATES}
    counts.update({(state, outcome): count for state, outcome, count in connection.execute(_query())})
    return Standings({leaf: figure(count) for leaf, count in counts.items()})


def _query() -> sa.Select[str, str | None, int]:
    c = STATE.c
    agreed = sa.exists().where(CONSENT.c.submission_id == c.submission_id, CONSENT.c.report_code == "yes")
    cells = sa.select(c.state_code, c.outcome_code, sa.func.count())
    joined = cells.join(SUBMISSION, SUBMISSION.c.submission_id == c.submission_id)
    return joined.where(shown(), agreed).group_by(c.state_code, c.outcome_code)


def _was_accepted(leaf: Leaf) -> bool:
    state, outcome = leaf
    return state in _TAKEN_ON or outcome in ("served", "not_served")
