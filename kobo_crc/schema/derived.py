"""The tables that are computed from facts of several submissions. Data only: `database/` turns them into SQL.

They hold nothing that names a person, and are made anew from the facts at any time.
"""

from __future__ import annotations

from dataclasses import dataclass

from kobo_crc.schema.tables import Column, Pii


@dataclass(frozen=True, slots=True)
class DerivedTable:
    """A table that no form fills. `key` names the columns that make a row unique."""

    name: str
    description: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]


def _code(name: str, codes: str, pii: Pii, description: str) -> Column:
    return Column(name, "code", pii, description, codes=codes)


def _day(name: str, description: str) -> Column:
    return Column(name, "date", "none", description)


REFERRAL_STATE = DerivedTable(
    "referral_state",
    "Where each referral stands, folded from the referral itself and all that was reported about it.",
    (
        Column("reference_code", "text", "quasi", "number of the referral"),
        Column("submission_id", "integer", "none", "the submission that holds the referral"),
        Column("row_path", "text", "none", "the referral's row in that submission"),
        _code("centre_code", "centre", "none", "the centre that referred"),
        _code("service_code", "service", "sensitive", "service asked for"),
        _code("sensitive_code", "yes_no", "sensitive", "yes for services whose mere name endangers"),
        _code("receiving_organization_code", "organization", "sensitive", "organisation or office referred to"),
        _code("priority_code", "priority", "quasi", "how soon the receiver has to decide"),
        _code("state_code", "referral_state", "none", "its state; overdue depends on the day one asks: never stored"),
        _day("state_on", "day the referral came into this state"),
        Column("sent_at", "datetime", "none", "when it was sent, UTC; the arrival when the tablet's clock was wrong"),
        _day("acknowledged_on", "day the receiver confirmed receipt; empty when nobody said"),
        _day("decided_on", "day it was accepted or not accepted; empty when nobody said"),
        _day("served_on", "day the person was served"),
        _day("closed_on", "day it was closed, withdrawn or found to be a mistake"),
        _code("outcome_code", "referral_state", "none", "served, not_served or not_accepted; kept once it is closed"),
        _code("reason_code", "event_reason", "quasi", "why it was not accepted or not served"),
        Column("event_count", "integer", "none", "events that were applied"),
        Column("imputed_count", "integer", "none", "steps that nobody reported but that must have happened"),
    ),
    key=("reference_code",),
)

DERIVED: tuple[DerivedTable, ...] = (REFERRAL_STATE,)
