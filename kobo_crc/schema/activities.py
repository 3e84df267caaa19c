"""The fact tables of a centre's other activities: services, sessions, feedback, days, wishes at a handover.

Data only, like `facts`, which lists them with its own; `database/` turns them into SQL.
"""

from __future__ import annotations

from kobo_crc.schema.tables import Column, Pii, Seal, Table, code, day

# Head-counts of a session: four ages for each sex, whose edges are also edges of the Displacement Tracking Matrix.
SESSION_BANDS: dict[str, str] = {
    "0_5": "0 to 5 years",
    "6_17": "6 to 17 years",
    "18_59": "18 to 59 years",
    "60_plus": "60 or older",
}
# Totals of a head-count beside sex and age: each at most the whole, never crossed with one another.
SESSION_TOTALS: dict[str, str] = {
    "returnees": "returnees",
    "idps": "internally displaced people",
    "hosts": "people of the host community",
    "refugees": "refugees",
    "with_disability": "people with a lot of difficulty in one of the domains of the Washington Group",
}


def _writer(staff: str) -> tuple[Column, ...]:
    return (
        code("centre_code", "centre", "none", "the centre that it belongs to"),
        code("partner_code", "organization", "none", "the organisation whose staff did it"),
        code("staff_code", "staff", "quasi", f"the member of staff who {staff}; a code, never a name"),
    )


def _recorded(what: str) -> Column:
    return Column("recorded_at", "datetime", "none", f"when {what} was written down, by the tablet's clock, UTC")


def _time(name: str, description: str) -> Column:
    return Column(name, "time", "none", f"{description}; the clock on the wall")


def _detail(name: str, codes: str, pii: Pii, description: str) -> Column:
    return code(name, codes, pii, f"{description}; empty for other services")


SERVICE_DELIVERY = Table(
    "service_delivery",
    "One service given to one person on one day; whoever does not want to be known is counted without a number.",
    (
        *_writer("gave the service"),
        day("delivered_on", "day of the service as staff state it"),
        code("mode_code", "delivery_mode", "none", "whether staff and person met, spoke by phone, or in the community"),
        Column("person_code", "text", "quasi", "number of the person's card; empty when not known", rule="number"),
        code("sex_code", "sex", "quasi", "sex of a person without a number"),
        code("age_band_code", "age_band", "quasi", "rough age of a person without a number"),
        code("displacement_code", "displacement_status", "quasi", "displacement status of a person without a number"),
        code("service_code", "service", "sensitive", "the service"),
        code("status_code", "delivery_status", "none", "given, given in part, or the person did not come"),
        _detail("legal_matter_code", "legal_matter", "sensitive", "subject of legal counselling or representation"),
        _detail("document_code", "civil_document", "sensitive", "kind of civil document; its number is never asked"),
        _detail("document_step_code", "document_step", "quasi", "how far the help with a civil document went"),
        _detail("hlp_issue_code", "hlp_issue", "sensitive", "housing, land or property matter"),
        _detail("livelihood_code", "livelihood", "quasi", "kind of livelihood support"),
        _detail("skill_code", "skill", "quasi", "skill of vocational or skills support"),
        _detail("course_code", "education_course", "quasi", "class of non-formal education that was enrolled for"),
        _detail("mhpss_level_code", "mhpss_level", "sensitive", "layer of the psychosocial support given"),
        code("outcome_code", "delivery_outcome", "quasi", "what came of the service"),
        day("next_on", "day of the next appointment", rule=""),
        Column("reference_code", "text", "quasi", "number of the referral that the service answers", rule="number"),
        _recorded("the service"),
    ),
)

SESSION = Table(
    "session",
    "One group session: awareness, training, education or recreation. Who came is counted in one way only.",
    (
        *_writer("held the session"),
        day("held_on", "day of the session as staff state it"),
        _time("starts_at", "when it began"),
        _time("ends_at", "when it ended"),
        code("kind_code", "session_kind", "none", "awareness, training, education or recreation"),
        code("topic_code", "session_topic", "none", "subject; its list names the service that it belongs to"),
        code("place_code", "place", "none", "where it was held, when not at the centre"),
        code("method_code", "attendance_method", "none", "whether those who came were counted by cards or by heads"),
        _recorded("the session"),
    ),
)

ATTENDANCE = Table(
    "attendance",
    "One card shown at a session that counts by cards.",
    (Column("person_code", "text", "quasi", "number of the person's card", rule="number"),),
)


def _heads(name: str, who: str) -> Column:
    return Column(name, "integer", "none", f"{who} who came", rule="crowd")


ATTENDANCE_COUNT = Table(
    "attendance_count",
    "The heads counted at a session that counts heads. The totals are parts of the whole, and may overlap.",
    (
        *(
            _heads(f"{sex}_{band}", f"people, {sex}, aged {years},")
            for sex in ("female", "male")
            for band, years in SESSION_BANDS.items()
        ),
        *(_heads(name, who) for name, who in SESSION_TOTALS.items()),
    ),
)

FEEDBACK = Table(
    "feedback",
    "One complaint or other feedback, without what was said. Of a sensitive one only that it was channelled.",
    (
        code("category_code", "feedback_category", "sensitive", "kind of feedback"),
        *_writer("received it"),
        day("received_on", "day it was received"),
        code("channel_code", "feedback_channel", "none", "which way it came"),
        code("service_code", "service", "none", "service that it is about; never a sensitive one"),
        code("anonymous_code", "yes_no", "none", "whether the person wants to stay unknown"),
        code("wants_reply_code", "yes_no", "none", "whether the person wants a reply"),
        Column("person_code", "text", "quasi", "card of a person who wants a reply and gave it", rule="number"),
        day("due_on", "day by which a reply is due", rule=""),
        code("status_code", "feedback_status", "none", "where it stood when last saved"),
        day("closed_on", "day it was closed"),
        code("resolution_code", "feedback_resolution", "none", "how it was closed"),
    ),
    # Sexual exploitation and abuse, and fraud, go to a channel of their own: nothing about them is kept here.
    seal=Seal("category_code", ("channelled", "fraud", "sea"), "channelled"),
)

CENTRE_DAY = Table(
    "centre_day",
    "One day of one centre as one partner's staff report it: opening, staff, and visitors counted at the door.",
    (
        *_writer("reported the day"),
        day("day_on", "the day"),
        code("opened_code", "yes_no", "none", "whether the centre was open at all"),
        _time("opened_at", "when it opened"),
        _time("closed_at", "when it closed"),
        code("closed_early_code", "yes_no", "none", "whether it closed before its time"),
        code("close_reason_code", "close_reason", "none", "why it stayed closed or closed early"),
        Column("staff_count", "integer", "none", "staff of all organisations present", rule="count"),
        Column("visitor_count", "integer", "none", "people who came through the door", rule="crowd"),
        _recorded("the day"),
    ),
)

HANDOVER_CONSENT = Table(
    "handover_consent",
    "What one person answered, on one day, when asked whether they may be passed on to one organisation, name and all.",
    (
        *_writer("asked"),
        day("said_on", "day of the answer as staff state it"),
        Column("person_code", "text", "quasi", "number of the person's card", rule="number"),
        code("organization_code", "organization", "none", "the organisation that is to take the centre over"),
        code("agreed_code", "yes_no", "none", "may the person be passed on to it; a later no takes a yes back"),
        code("given_by_code", "consent_given_by", "none", "who agreed"),
        code("child_assent_code", "yes_no", "none", "whether a child agreed as well, when a caregiver answered"),
        code("method_code", "consent_method", "none", "how the consent was given"),
        _recorded("the answer"),
    ),
)

ACTIVITIES: tuple[Table, ...] = (
    *(SERVICE_DELIVERY, SESSION, ATTENDANCE, ATTENDANCE_COUNT),
    *(FEEDBACK, CENTRE_DAY, HANDOVER_CONSENT),
)
