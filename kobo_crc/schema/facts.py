"""The tables that the forms fill, in the words of the field. Data only: `database/` turns them into SQL.

Every table also has the key columns `submission_id`, `row_path` and `parent_path`, which are not listed here.
"""

from __future__ import annotations

from kobo_crc.schema.activities import ACTIVITIES
from kobo_crc.schema.directory import DIRECTORY
from kobo_crc.schema.tables import Column, Table
from kobo_crc.schema.tables import code as _code
from kobo_crc.schema.tables import day as _day
from kobo_crc.schema.tables import link as _link

# Household head-counts: the age bands of the Displacement Tracking Matrix, in whole years, for each sex.
AGE_BANDS: tuple[str, ...] = ("0_5", "6_12", "13_17", "18_45", "46_59", "60_plus")


def _number(name: str, description: str) -> Column:
    return Column(name, "text", "quasi", description, rule="number")


def _head_counts() -> tuple[Column, ...]:
    return tuple(
        Column(
            f"{sex}_{band}", "integer", "quasi", f"people of the household, {sex}, aged {_years(band)}", rule="count"
        )
        for sex in ("female", "male")
        for band in AGE_BANDS
    )


def _years(band: str) -> str:
    return f"{band.removesuffix('_plus')} or older" if band.endswith("plus") else f"{band.replace('_', ' to ')} years"


VISIT = Table(
    "visit",
    "One conversation at a centre, by phone or in the community, recorded by one member of staff.",
    (
        _code("centre_code", "centre", "none", "the centre that the visit belongs to"),
        _code("partner_code", "organization", "none", "the organisation whose staff received the person"),
        _code("staff_code", "staff", "quasi", "the member of staff who filled the form; a code, never a name"),
        _day("visited_on", "day of the conversation as staff state it; not the day the form was sent"),
        Column("started_at", "datetime", "none", "when the form was opened, by the tablet's clock, UTC"),
        Column("ended_at", "datetime", "none", "when the form was last saved, by the tablet's clock, UTC"),
        _code("channel_code", "channel", "none", "how the person and the centre met"),
        _code("visit_type_code", "visit_type", "none", "first or repeat visit, as the person says"),
        _code("purpose_code", "visit_purpose", "none", "what the person came for, in their own view"),
        _code("heard_code", "how_heard", "none", "how the person had heard of the centre"),
        _code("interview_language_code", "language", "none", "language the conversation was held in"),
        _number("person_code", "number of the person's card, or the number made on the tablet; empty when anonymous"),
        _day("next_visit_on", "day agreed for the next visit", rule=""),
    ),
)

ANONYMOUS_VISIT = Table(
    "anonymous_visit",
    "What is counted when a person does not agree to be recorded: no number, no name, no place.",
    (
        _code("sex_code", "sex", "quasi", "sex, as staff see or the person says"),
        _code("age_band_code", "age_band", "quasi", "rough age group"),
        _code("displacement_code", "displacement_status", "quasi", "returnee, displaced, host community or refugee"),
    ),
)

CONSENT = Table(
    "consent",
    "What the person agreed to in this visit. An empty answer is never a yes.",
    (
        _code("record_code", "yes_no", "none", "may the centre write down who the person is and what they need"),
        _code("contact_code", "yes_no", "none", "may the centre contact the person later"),
        _code("report_code", "yes_no", "none", "may the person be counted, without name, in reports; no = opted out"),
        _code("share_code", "yes_no", "none", "may receivers go on knowing what they were told; no = taken back"),
        _code("given_by_code", "consent_given_by", "none", "who answered the consent questions"),
        _code("child_assent_code", "yes_no", "none", "whether a child agreed as well, when a caregiver answered"),
        _code("method_code", "consent_method", "none", "how the consent was given"),
    ),
)

REGISTRATION = Table(
    "registration",
    "Who a person is without naming them, as stated in this visit. Persons are derived from these rows.",
    (
        _number("person_code", "number of the person's card, or the number made on the tablet"),
        _code("sex_code", "sex", "quasi", "sex, as the person says"),
        Column("birth_year", "integer", "quasi", "year of birth, Gregorian", rule="year"),
        Column("age_years", "integer", "quasi", "age in completed years on the day of the visit", rule="age"),
        _code("displacement_code", "displacement_status", "quasi", "returnee, displaced, host community or refugee"),
        _code("displacement_wave_code", "displacement_wave", "quasi", "when the person was first displaced"),
        Column("return_year", "integer", "quasi", "year a returnee came back, Gregorian", rule="year"),
        _code("current_place_code", "place", "quasi", "where the person lives now; district when no sub-district fits"),
        _code("origin_place_code", "place", "quasi", "where the person lived before displacement"),
        _code("child_situation_code", "child_situation", "sensitive", "who a person under 18 lives with"),
        _code("caregiver_relation_code", "caregiver_relation", "quasi", "what the caregiver is to a child"),
    ),
)

PROFILE = Table(
    "profile",
    "The Washington Group Short Set as answered in this visit; asked from the age of five.",
    (
        _code("seeing_code", "difficulty", "sensitive", "difficulty seeing, even with glasses"),
        _code("hearing_code", "difficulty", "sensitive", "difficulty hearing, even with a hearing aid"),
        _code("walking_code", "difficulty", "sensitive", "difficulty walking or climbing steps"),
        _code("remembering_code", "difficulty", "sensitive", "difficulty remembering or concentrating"),
        _code("selfcare_code", "difficulty", "sensitive", "difficulty washing all over or dressing"),
        _code("communicating_code", "difficulty", "sensitive", "difficulty communicating in the usual language"),
        _code(
            "disability_code",
            "yes_no_unknown",
            "sensitive",
            "yes: a lot of difficulty or cannot do, in one of the six; no: all six answered, none so; else unknown",
        ),
    ),
)

HOUSEHOLD = Table(
    "household",
    "The people who live and eat together with the person, counted; never listed by name.",
    (
        Column("size", "integer", "quasi", "people in the household, the person included", rule="count"),
        _code("is_head_code", "yes_no", "quasi", "whether the person is the head of the household"),
        _code("head_sex_code", "sex", "quasi", "sex of the head of the household"),
        *_head_counts(),
    ),
)

NEED_DETAIL = Table(
    "need_detail",
    "More on the needs stated in this visit.",
    (
        _code(
            "mhpss_level_code", "mhpss_level", "sensitive", "layer of psychosocial support that fits, as staff judge"
        ),
        _code("shelter_type_code", "shelter_type", "quasi", "where the household lives now"),
    ),
)

DOCUMENT_NEED = Table(
    "document_need",
    "One civil document the person needs help with. The document's own number is never asked.",
    (
        _code("document_code", "civil_document", "sensitive", "which document"),
        _code("document_status_code", "document_status", "sensitive", "what is wrong with it"),
    ),
)

REFERRAL = Table(
    "referral",
    "A person pointed to a named receiver for one service, under a number both sides can quote. Not a transport.",
    (
        _number("reference_code", "number of the referral slip, or the number made on the tablet"),
        _number("person_code", "number of the person referred; empty when the person stays anonymous"),
        _code("service_code", "service", "sensitive", "service asked for"),
        _code(
            "sensitive_code", "yes_no", "sensitive", "yes for services whose mere name endangers: codes only, no text"
        ),
        _code("receiving_organization_code", "organization", "sensitive", "organisation or office referred to"),
        _code("priority_code", "priority", "quasi", "how soon the receiver has to decide"),
        _code("reason_code", "referral_reason", "none", "why the centre refers instead of serving"),
        _code("consent_share_code", "yes_no", "none", "may this receiver be told about the person"),
        _code("caregiver_informed_code", "caregiver_informed", "sensitive", "whether a child's caregiver knows of it"),
        _code("status_code", "referral_status", "none", "sent; draft when nothing has gone to the receiver"),
        Column(
            "sent_at", "datetime", "none", "when the referral was sent, by the tablet's clock, UTC; empty for a draft"
        ),
        _code("delivered_via_code", "delivered_via", "none", "how the referral reached the receiver"),
        _day("followup_due_on", "day on which the centre asks what became of it", rule=""),
        _code("followup_via_code", "followup_via", "none", "how the centre and the receiver follow it up"),
        _code("contact_restriction_code", "contact_limit", "quasi", "how the receiver may not reach the person"),
        _number("previous_reference_code", "number of the earlier referral that this one follows"),
    ),
)

REFERRAL_EVENT = Table(
    "referral_event",
    "One thing that happened to a referral, as the receiver, the person or the centre told it.",
    (
        _number("reference_code", "number of the referral that it happened to"),
        _code("event_code", "referral_event", "none", "what happened"),
        _day("event_on", "day it happened, as told; not the day it was written down"),
        _code("reason_code", "event_reason", "quasi", "why a referral was not accepted or not served"),
        _day("service_on", "day the person was served"),
        _day("appointment_on", "day the receiver has given the person", rule=""),
        _code("reported_by_code", "reported_by", "none", "who told the centre"),
        _code("staff_code", "staff", "quasi", "the member of staff who wrote it down; a code, never a name"),
        _code("centre_code", "centre", "none", "the centre that wrote it down"),
        Column("recorded_at", "datetime", "none", "when it was written down, by the tablet's clock, UTC"),
    ),
)

IDENTITY = Table(
    "identity",
    "Names and phone numbers, as typed. Kept in the vault only.",
    (
        _code("role_code", "identity_role", "none", "whose name it is: the person's or a child's caregiver's"),
        Column("given_name", "text", "direct", "own name"),
        Column("father_name", "text", "direct", "father's name"),
        Column("grandfather_name", "text", "direct", "grandfather's name"),
        Column("family_name", "text", "direct", "family name or laqab, if one is used"),
        Column("phone", "text", "direct", "phone number; often shared by a family", rule="phone"),
        _code("phone_owner_code", "phone_owner", "quasi", "whose phone it is"),
        _code("safe_to_call_code", "yes_no", "quasi", "whether calling this phone puts nobody at risk"),
        _code("call_time_code", "call_time", "none", "best time to call"),
    ),
    vault=True,
)

LINKS: tuple[Table, ...] = (
    _link(
        "contact_restriction",
        "Ways in which the person does not want to be contacted.",
        _code("contact_limit_code", "contact_limit", "quasi", "what the centre must not do"),
    ),
    _link(
        "specific_need",
        "Circumstances of the person that call for care or priority.",
        _code("specific_need_code", "specific_need", "sensitive", "circumstance, as the person says"),
    ),
    _link(
        "need",
        "Services the person asks for in this visit.",
        _code("service_code", "service", "sensitive", "service asked for"),
    ),
    _link(
        "hlp_issue",
        "Housing, land and property matters the person raised.",
        _code("hlp_issue_code", "hlp_issue", "sensitive", "matter"),
    ),
    _link(
        "livelihood_interest",
        "Kinds of livelihood support the person is looking for.",
        _code("livelihood_code", "livelihood", "quasi", "kind of support"),
    ),
    _link(
        "education_need",
        "Education matters of the person or their children.",
        _code("education_need_code", "education_need", "quasi", "matter"),
    ),
    _link(
        "health_need",
        "Kinds of health care the person asks for; no diagnosis.",
        _code("health_need_code", "health_need", "sensitive", "kind of care"),
    ),
    _link(
        "information_given",
        "Services the person was told about in this visit.",
        _code("service_code", "service", "sensitive", "service the information was about"),
    ),
    _link(
        "service_given",
        "Services the centre itself gave during this visit.",
        _code("service_code", "service", "sensitive", "service given"),
    ),
    _link(
        "referral_info_shared",
        "What the person agreed to have told to the receiver of a referral.",
        _code("information_code", "shared_information", "none", "kind of information"),
    ),
)

FACTS: tuple[Table, ...] = (
    VISIT,
    ANONYMOUS_VISIT,
    CONSENT,
    REGISTRATION,
    PROFILE,
    HOUSEHOLD,
    NEED_DETAIL,
    DOCUMENT_NEED,
    REFERRAL,
    REFERRAL_EVENT,
    IDENTITY,
    *LINKS,
    *ACTIVITIES,
    *DIRECTORY,
)
