"""A whole registration with one referral, as a practised member of staff enters it: nothing is refused."""

from __future__ import annotations

from tests.activities.filling import CARD, SLIP
from tests.engines.commands import answer

DIFFICULTIES = ("seeing", "hearing", "walking", "remembering", "selfcare", "communicating")
VISIT = [
    answer("visit/centre", "jalawla"),
    answer("visit/partner", "iom"),
    answer("visit/staff", "jal_01"),
    answer("visit/channel", "walk_in"),
    answer("visit/visit_type", "first"),
    answer("visit/visit_purpose", "assistance"),
    answer("visit/how_heard", "family_friends"),
    answer("visit/interview_language", "ar"),
]
CONSENT = [
    answer("consent/consent_record", "yes"),
    answer("consent/consent_contact", "yes"),
    answer("consent/consent_method", "verbal_witnessed"),
    answer("consent/contact_limits", "no_limit"),
    answer("card/card_source", "scan"),
    answer("card/card_scan", CARD),
]
PERSON = [
    answer("person/sex", "female"),
    answer("person/age_typed", "38"),
    answer("person/displacement_status", "returnee"),
    answer("person/displacement_wave", "2014_06_07"),
    answer("person/return_year_typed", "2018"),
    answer("person/current_governorate", "IQG10"),
    answer("person/current_district", "IQG10Q05"),
    answer("person/current_subdistrict", "IQG10Q05N04"),
    answer("person/origin_governorate", "IQG10"),
    answer("person/origin_district", "IQG10Q05"),
    answer("names/given_name", "زينب"),
    answer("names/father_name", "محمد"),
    answer("names/grandfather_name", "حسين"),
    answer("names/phone_typed", "07701234567"),
    answer("names/phone_owner", "own"),
    answer("names/safe_to_call", "yes"),
    answer("names/call_time", "morning"),
    *(answer(f"functioning/{name}", "none") for name in DIFFICULTIES),
    answer("household/household_size_typed", "6"),
    answer("household/is_head", "no"),
    answer("household/head_sex", "male"),
    answer("household/count_by_age", "yes"),
    answer("household/household_ages/female_6_12_typed", "2"),
    answer("household/household_ages/female_18_45_typed", "1"),
    answer("household/household_ages/male_0_5_typed", "2"),
    answer("household/household_ages/male_18_45_typed", "1"),
]
NEEDS = [
    answer("needs/specific_needs", "no_documents"),
    answer("needs/needed_services", "civil_documentation cash"),
    answer("needs/document[1]/document_type", "birth_cert"),
    answer("needs/document[1]/document_status", "lost"),
    answer("needs/shelter_type", "rented"),
    answer("action/information_given", "civil_documentation"),
    answer("action/service_given", "counselling_legal"),
    answer("action/refer", "yes"),
]
REFERRAL = [
    answer("referral[1]/referral_service", "civil_documentation"),
    answer("referral[1]/receiver", "civil_status_office"),
    answer("referral[1]/consent_share", "yes"),
    answer("referral[1]/info_shared", "name phone"),
    answer("referral[1]/priority", "normal"),
    answer("referral[1]/referral_reason", "not_offered_here"),
    answer("referral[1]/slip_source", "scan"),
    answer("referral[1]/slip_scan", SLIP),
    answer("referral[1]/delivered_via", "phone"),
    answer("referral[1]/followup_via", "phone"),
]
REGISTRATION = [*VISIT, *CONSENT, *PERSON, *NEEDS, *REFERRAL]
