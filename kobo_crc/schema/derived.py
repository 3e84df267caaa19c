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
        Column("previous_reference_code", "text", "quasi", "number of the earlier referral that this one follows"),
        Column("next_reference_code", "text", "quasi", "number of the first referral that followed this one"),
    ),
    key=("reference_code",),
)

REFERRAL_REPLY = DerivedTable(
    "referral_reply",
    "What receivers wrote into their workbooks: of each step the newest reply. Kept in the vault.",
    (
        Column("reply_id", "integer", "none", "number of the reply in the vault"),
        Column("reference_code", "text", "quasi", "number of the referral"),
        _code("organization_code", "organization", "sensitive", "the receiver that replied"),
        _code("event_code", "referral_event", "none", "what happened, as the receiver says"),
        _day("event_on", "day it happened, as told"),
        _code("reason_code", "event_reason", "quasi", "why it was not accepted or not served"),
        Column("received_at", "datetime", "none", "when the workbook was imported, UTC"),
    ),
    key=("reply_id",),
)

SERVICE = DerivedTable(
    "service",
    "What an organisation gives, as its places say (HSDS: service). Folded from the entries of the directory.",
    (
        Column("service_id", "text", "none", "organisation/service"),
        _code("organization_code", "organization", "none", "the provider"),
        _code("service_code", "service", "none", "the service"),
        _code("status_code", "service_status", "none", "its status at the place where it is most on offer"),
        _day("assured_on", "day on which the provider last assured anything about it"),
        Column("location_count", "integer", "none", "places at which it is known, on offer or not"),
    ),
    key=("service_id",),
)

SERVICE_AT_LOCATION = DerivedTable(
    "service_at_location",
    "A service at one of its places, as it was assured last (HSDS: service_at_location). Who is eligible and which "
    "documents are required stand in the entry's own rows.",
    (
        Column("service_at_location_id", "text", "none", "organisation/service/centre or place"),
        Column("service_id", "text", "none", "the service"),
        _code("organization_code", "organization", "none", "the provider"),
        _code("service_code", "service", "none", "the service's code"),
        _code("at_centre_code", "centre", "none", "the centre in which it is given; empty when elsewhere"),
        _code("place_code", "place", "none", "where else it is given"),
        _code("status_code", "service_status", "none", "whether it is on offer"),
        _day("assured_on", "day on which the provider assured it"),
        Column("minimum_age", "integer", "none", "youngest age that is eligible, in years"),
        Column("maximum_age", "integer", "none", "oldest age that is eligible, in years"),
        _code("application_code", "application_process", "none", "how a person applies"),
        _code("fee_code", "service_fee", "none", "whether a person pays"),
        _code("focal_role_code", "focal_role", "none", "whom to ask for there: a role, never a name"),
        Column("capacity_per_week", "integer", "none", "new people it takes in a week"),
        Column("submission_id", "integer", "none", "the entry that won"),
    ),
    key=("service_at_location_id",),
)

SCHEDULE = DerivedTable(
    "schedule",
    "When a service is given at a place (HSDS: schedule). Weekly, the week beginning on Sunday, by Baghdad's clock.",
    (
        Column("schedule_id", "text", "none", "service_at_location_id/number of the hours in the entry"),
        Column("service_at_location_id", "text", "none", "the service at its place"),
        Column("byday", "text", "none", "weekdays from Sunday on, such as SU,MO,TU"),
        Column("opens_at", "time", "none", "from when; the clock on the wall"),
        Column("closes_at", "time", "none", "until when; the clock on the wall"),
    ),
    key=("schedule_id",),
)

SESSION_ATTENDANCE = DerivedTable(
    "session_attendance",
    "How many came to each session, by the one way of counting that it names.",
    (
        Column("submission_id", "integer", "none", "the session's submission"),
        _code("centre_code", "centre", "none", "the centre that it belongs to"),
        _code("partner_code", "organization", "none", "the organisation whose staff held it"),
        _day("held_on", "day of the session"),
        _code("kind_code", "session_kind", "none", "awareness, training, education or recreation"),
        _code("topic_code", "session_topic", "none", "subject"),
        _code("service_code", "service", "none", "the service that the subject belongs to"),
        _code("method_code", "attendance_method", "none", "cards or heads"),
        Column("people_count", "integer", "none", "different cards, or heads; empty when nobody counted"),
    ),
    key=("submission_id",),
)

PERSON_LINK = DerivedTable(
    "person_link",
    "Who the cards belong to: random numbers from the vault, which say nothing outside this store.",
    (
        Column("person_code", "text", "quasi", "number of the card"),
        Column("person_id", "text", "quasi", "the person; the same for cards that somebody joined"),
        Column(
            "possible_id",
            "text",
            "quasi",
            "the same for people who may be one, while nobody has decided; the person otherwise",
        ),
    ),
    key=("person_code",),
)

PERSON_REPORTING = DerivedTable(
    "person_reporting",
    "What each person answered last to being counted in reports; it holds for all their visits.",
    (
        Column("person_code", "text", "quasi", "number of the person's card"),
        _code("report_code", "yes_no", "none", "may the person be counted, without name, in reports; no = opted out"),
    ),
    key=("person_code",),
)

DERIVED: tuple[DerivedTable, ...] = (
    REFERRAL_STATE,
    REFERRAL_REPLY,
    SERVICE,
    SERVICE_AT_LOCATION,
    SCHEDULE,
    SESSION_ATTENDANCE,
    PERSON_LINK,
    PERSON_REPORTING,
)
