"""Visits at a busy desk, as one list of acts each. What `AT_THE_DESK` answers is there in every later form."""

from __future__ import annotations

from tests.activities.filling import CARD
from tests.engines.commands import answer, refuse

NEW_CARD = "100000000287"
# Chosen once a day: `last-saved` brings them back in every later form of the tablet.
AT_THE_DESK = [
    answer("visit/centre", "jalawla"),
    answer("visit/partner", "iom"),
    answer("visit/staff", "jal_01"),
]
INFORMATION_DESK = [
    answer("visit/kind", "desk"),
    answer("visit/counted/counted_sex", "female"),
    answer("visit/counted/counted_age", "18_59"),
    answer("visit/counted/counted_displacement", "returnee"),
    answer("visit/information_given", "civil_documentation"),
]
RETURNING_PERSON = [
    answer("visit/kind", "scan"),
    answer("visit/card_scan", CARD),
    answer("visit/information_given", "cash"),
    answer("action/visit_purpose", "assistance"),
    answer("action/needed_services", "counselling_legal cash"),
    answer("action/service_given", "counselling_legal"),
    answer("action/refer", "no"),
]
CARD_LOST = [
    answer("visit/kind", "lost"),
    answer("visit/consent_record", "yes"),
    answer("lost/names/given_name", "زينب"),
    answer("lost/names/father_name", "محمد"),
    answer("lost/names/grandfather_name", "حسين"),
    answer("lost/names/phone_typed", "07701234567"),
    answer("lost/number/birth_year_typed", "1988"),
    answer("lost/number/card_source", "scan"),
    answer("lost/number/new_scan", NEW_CARD),
    answer("action/visit_purpose", "assistance"),
    answer("action/needed_services", "cash"),
    answer("action/refer", "no"),
]
# Takes back consent, thinks better of one of the answers, and of having come with a card at all.
CONSENT_CHANGED = [
    *RETURNING_PERSON,
    answer("action/consent_change", "yes"),
    answer("action/consent_contact", "no"),
    answer("action/consent_report", "no"),
    answer("action/consent_told", "no"),
    answer("action/consent_contact", "yes"),
]
CONSENT_CHANGED_BY_NOBODY = [
    *CONSENT_CHANGED,
    answer("visit/kind", "lost"),
    answer("visit/consent_record", "no"),
    refuse("action/consent_told", "no"),
    answer("visit/counted/counted_sex", "female"),
    refuse("action/needed_services", "cash"),
]
# Says yes, is asked for the name, and thinks better of it: name and number must not stay.
CARD_LOST_REFUSED = [
    *CARD_LOST[:-3],
    answer("visit/consent_record", "no"),
    refuse("lost/names/given_name", "x"),
    answer("visit/counted/counted_sex", "female"),
    answer("action/visit_purpose", "information"),
    refuse("action/needed_services", "cash"),
    answer("action/refer", "no"),
]
