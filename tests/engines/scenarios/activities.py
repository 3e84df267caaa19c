"""The forms of a centre's other activities: times, totals, and what one answer closes."""

from __future__ import annotations

from tests.activities.filling import CARD, OTHER_CARD
from tests.engines.commands import add, answer, refuse

CENTRE_DAY = [
    answer("writer/centre", "jalawla"),
    answer("writer/day", "2026-11-22"),
    answer("opening/opened", "yes"),
    answer("opening/opened_at", "08:30:00.000"),
    refuse("opening/closed_at", "08:29:00.000"),
    answer("opening/closed_at", "14:00:00.000"),
    refuse("opening/close_reason", "weather"),
    answer("opening/closed_early", "yes"),
    answer("opening/close_reason", "weather"),
    refuse("counts/visitors_typed", "many"),
    answer("counts/visitors_typed", "١٤٠"),
]
SESSION = [
    answer("about/session_kind", "recreation"),
    refuse("about/topic", "mine_risk"),
    answer("about/topic", "sport"),
    answer("counting/method", "heads"),
    answer("heads/ages/female_6_17_typed", "٣"),
    answer("heads/ages/male_6_17_typed", "4"),
    refuse("heads/totals/idps_typed", "8"),
    answer("heads/totals/idps_typed", "٧"),
    answer("counting/method", "cards"),
    refuse("heads/ages/male_6_17_typed", "5"),
    answer("attendee[1]/attendee_card/attendee_typed", CARD),
    add("attendee"),
    refuse("attendee[2]/attendee_card/attendee_typed", "100000000092"),
    answer("attendee[2]/attendee_card/attendee_typed", OTHER_CARD),
]
FEEDBACK = [
    answer("kind/category", "staff_conduct"),
    answer("received/centre", "baiji"),
    answer("received/channel", "desk"),
    answer("reply/anonymous", "no"),
    answer("reply/wants_reply", "yes"),
    answer("reply/card_typed", CARD),
    answer("kind/category", "channelled"),
    refuse("received/centre", "jalawla"),
    refuse("answered/status", "closed"),
]
# First a name to be called back, then no name at all: the card must not go with the complaint.
ANONYMOUS_AFTER_ALL = [
    answer("kind/category", "staff_conduct"),
    answer("received/centre", "baiji"),
    # Web Forms gives no default to what was not shown when the form was opened.
    answer("received/received_on", "2026-11-22"),
    answer("received/channel", "desk"),
    answer("reply/anonymous", "no"),
    answer("reply/wants_reply", "yes"),
    answer("reply/card_typed", CARD),
    answer("reply/anonymous", "yes"),
    refuse("reply/card_typed", OTHER_CARD),
]
DIRECTORY = [
    answer("provider/organization", "unhcr"),
    answer("provider/service", "hlp"),
    answer("place/at_centre", "no"),
    answer("place/service_governorate", "IQG10"),
    answer("place/service_district", "IQG10Q05"),
    answer("place/address", "x"),
    answer("hours[1]/opening/weekdays", "SU TH"),
    answer("hours[1]/opening/hours_open", "08:00:00.000"),
    refuse("hours[1]/opening/hours_close", "07:00:00.000"),
    answer("provider/service", "gbv"),
    refuse("place/address", "y"),
]
SERVICE = [
    answer("who/card_source", "type"),
    answer("who/card_typed", "١٠٠٠ ٠٠٠٠ ٠٠٩٣"),
    answer("who/card_source", "none"),
    refuse("who/card_typed", CARD),
    answer("counted/counted_sex", "female"),
    refuse("service_given/service", "gbv"),
    answer("service_given/service", "hlp"),
    answer("service_given/hlp_issue", "eviction"),
    refuse("service_given/mhpss_level", "3_focused"),
    answer("service_given/service", "mhpss"),
    answer("service_given/mhpss_level", "3_focused"),
]
# A caregiver agrees for a child, then for nobody: what was said for the yes must not go with the no.
HANDOVER_CONSENT = [
    answer("writer/centre", "jalawla"),
    answer("who/card_source", "type"),
    refuse("who/card_typed", "100000000092"),
    answer("who/card_typed", "١٠٠٠ ٠٠٠٠ ٠٠٩٣"),
    refuse("asked/receiver", "court"),
    refuse("asked/agrees", "yes"),
    answer("asked/receiver", "jcmc"),
    refuse("asked/consent_method", "signature"),
    answer("asked/agrees", "yes"),
    answer("asked/given_by", "caregiver"),
    answer("asked/child_assent", "yes"),
    answer("asked/consent_method", "thumbprint"),
]
HANDOVER_REFUSED = [*HANDOVER_CONSENT, answer("asked/agrees", "no"), refuse("asked/consent_method", "signature")]
