"""What an officer enters about a person who visits a centre, question by question."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta

from kobo_crc.codes import PERSON_CARD, REFERRAL_SLIP, random_code
from kobo_crc.simulator.population.filling import Context
from kobo_crc.simulator.population.known import DEFAULT, listed, officer, typed_digits, typed_number, weighted, yes
from kobo_crc.simulator.population.names import respelled, written_phone
from kobo_crc.simulator.population.people import AGE_BANDS
from kobo_crc.simulator.population.subjects import Visit

Maker = Callable[[Visit, Context], str | None]

# What people ask for, by how often; sensitive services are rare at an open desk.
_SERVICES = {
    "civil_documentation": 20, "livelihoods": 14, "cash": 14, "health": 10, "hlp": 9, "counselling_legal": 8, "nfi": 7,
    "food": 6, "mhpss": 6, "shelter": 6, "skills_capacity": 5, "social_protection": 5, "formal_education": 4,
    "rehabilitation": 3, "nonformal_education": 3, "legal_representation": 3, "wash": 2, "protection_general": 2,
    "information_awareness": 2, "family_tracing": 1, "explosive_hazard": 1, "child_protection": 1, "gbv": 1, "other": 1,
}  # fmt: skip
# Who usually takes such a request; others get one now and then.
_RECEIVERS = {
    **dict.fromkeys(("civil_documentation",), ("civil_status_office", "drc", "nrc")),
    **dict.fromkeys(("counselling_legal", "legal_representation"), ("nrc", "drc", "court")),
    **dict.fromkeys(("health", "mhpss", "rehabilitation"), ("health_directorate", "iom", "tdh_l")),
    **dict.fromkeys(("livelihoods", "skills_capacity"), ("iom", "acted", "labour_office", "drc")),
    **dict.fromkeys(("cash", "nfi", "food", "shelter", "wash"), ("acted", "iom", "migration_office", "unhcr", "nrc")),
    **dict.fromkeys(("formal_education", "nonformal_education"), ("education_directorate", "tdh_l", "nrc")),
    **dict.fromkeys(("child_protection", "gbv", "protection_general", "family_tracing"), ("unhcr", "tdh_l", "drc")),
    "hlp": ("nrc", "compensation_office", "court"),
    "social_protection": ("social_protection_office",),
    "explosive_hazard": ("mine_action_office",),
}
_BANDS = tuple(f"{first}_plus" if last > 150 else f"{first}_{last}" for first, last in AGE_BANDS)


def _card_source(visit: Visit, context: Context) -> str:
    if not visit.number or (visit.repeat and context.rng.random() < 0.04):
        return "none"
    return weighted(context, scan=75, type=25) if visit.person.card else "type"


def _kind(visit: Visit, context: Context) -> str:
    return weighted(context, scan=70, type=20, lost=10) if visit.number else "desk"


def _sex(visit: Visit, context: Context) -> str:
    return "female" if visit.person.female else "male"


def _age(visit: Visit, context: Context) -> str | None:
    return typed_digits(str(visit.person.age), context.rng) if context.rng.random() < 0.85 else None


def _birth_year(visit: Visit, context: Context) -> str | None:
    return None if context.rng.random() < 0.1 else typed_digits(str(visit.day.year - visit.person.age), context.rng)


def _return_year(visit: Visit, context: Context) -> str | None:
    return None if context.rng.random() < 0.15 else str(context.rng.randint(2016, min(visit.day.year, 2025)))


def _residence(length: int) -> Maker:
    def answer(visit: Visit, context: Context) -> str | None:
        return visit.person.centre.district[:length] if context.rng.random() < 0.8 else listed(context, 0.05)

    return answer


def _name(part: str) -> Maker:
    def answer(visit: Visit, context: Context) -> str | None:
        name: str = getattr(visit.person.name, part)
        again = visit.repeat or context.rng.random() < 0.1
        return (respelled(name, context.rng) if again else name) or None

    return answer


def _caregiver(part: str) -> Maker:
    return lambda visit, context: getattr(visit.person.caregiver, part) or None


def _phone(visit: Visit, context: Context) -> str | None:
    return written_phone(visit.person.phone, context.rng) if visit.person.phone else None


def _difficulty(domain: str) -> Maker:
    def answer(visit: Visit, context: Context) -> str | None:
        if context.rng.random() < 0.015:
            return None
        degree = visit.person.difficulties[domain]
        return context.choices[degree].code if degree < len(context.choices) else DEFAULT

    return answer


def _heads(sex: str, band: int) -> Maker:
    def answer(visit: Visit, context: Context) -> str | None:
        number = visit.person.household.get((sex, band), 0)
        return typed_digits(str(number), context.rng) if number or context.rng.random() < 0.4 else None

    return answer


def _services(most: int, blank: float) -> Maker:
    def answer(visit: Visit, context: Context) -> str | None:
        if context.rng.random() < blank:
            return None
        wanted = {_service(context) for _ in range(context.rng.randint(1, most))}
        return " ".join(choice.code for choice in context.choices if choice.code in wanted) or DEFAULT

    return answer


def _service(context: Context) -> str:
    return context.rng.choices(list(_SERVICES), list(_SERVICES.values()))[0]


def _referred_service(visit: Visit, context: Context) -> str:
    needed = context.answers.get("needed_services", "").split()
    return context.rng.choice(needed) if needed and context.rng.random() < 0.9 else _service(context)


def _receiver(visit: Visit, context: Context) -> str | None:
    usual = _RECEIVERS.get(context.answers.get("referral_service", ""), ())
    return context.rng.choice(usual) if usual and context.rng.random() < 0.9 else listed(context)


def _limits(visit: Visit, context: Context) -> str:
    return "no_limit" if context.rng.random() < 0.75 else DEFAULT


def _previous(visit: Visit, context: Context) -> str | None:
    if visit.previous and context.rng.random() < 0.2:
        return typed_number(visit.previous, context.rng)
    return None


def _after(first: int, last: int, blank: float) -> Maker:
    def answer(visit: Visit, context: Context) -> str | None:
        if context.rng.random() < blank:
            return None
        return (visit.day + timedelta(days=context.rng.randint(first, last))).isoformat()

    return answer


def _partner(visit: Visit, context: Context) -> str:
    """Each centre is run by one organisation, with guests."""
    index = sum(map(ord, visit.slot.centre.code)) if context.rng.random() < 0.9 else context.rng.randrange(20)
    return context.choices[index % len(context.choices)].code if context.choices else DEFAULT


def _given_by(visit: Visit, context: Context) -> str:
    return "caregiver" if visit.person.age < 18 else weighted(context, self=96, caregiver=2, other=2)


def _keep_draft(visit: Visit, context: Context) -> str | None:
    return None if context.rng.random() < 0.15 else yes(context, 0.06)


def _day(visit: Visit, context: Context) -> str:
    late = context.rng.randint(1, 3) if context.rng.random() < 0.04 else 0
    return (visit.day - timedelta(days=late)).isoformat()


def _constant(code: str) -> Maker:
    return lambda visit, context: code


def _yes(share: float) -> Maker:
    return lambda visit, context: yes(context, share)


def _listed(blank: float) -> Maker:
    return lambda visit, context: listed(context, blank)


VISIT_ANSWERS: Mapping[str, Maker] = {
    "centre": lambda visit, context: visit.slot.centre.code,
    "partner": _partner,
    "staff": lambda visit, context: officer(visit.slot.officer, context),
    "visit_date": _day,
    "channel": lambda visit, context: weighted(context, walk_in=70, outreach=12, phone=10, info_desk=6, group=2),
    "visit_type": lambda visit, context: "repeat" if visit.repeat else "first",
    "visit_purpose": lambda v, context: weighted(context, assistance=66, information=26, activity=5, complaint=3),
    "interview_language": lambda visit, context: visit.person.language,
    "kind": _kind,
    "consent_record": lambda visit, context: "yes" if visit.number and visit.repeat else yes(context, 0.95),
    "consent_contact": _yes(0.92),
    "consent_report": _yes(0.95),
    "consent_given_by": _given_by,
    "child_assent": _yes(0.95),
    "contact_limits": _limits,
    **dict.fromkeys(("anonymous_sex", "counted_sex"), _sex),
    "counted_displacement": lambda visit, context: visit.person.status,
    "card_source": _card_source,
    "card_scan": lambda visit, context: visit.number,
    "card_typed": lambda visit, context: typed_number(visit.number, context.rng),
    "new_scan": lambda visit, context: random_code(PERSON_CARD, context.rng),
    "new_typed": lambda visit, context: typed_number(random_code(PERSON_CARD, context.rng), context.rng),
    "details_again": _yes(0.15),
    "sex": _sex,
    "age_typed": _age,
    "birth_year_typed": _birth_year,
    "displacement_status": lambda visit, context: visit.person.status,
    "return_year_typed": _return_year,
    "current_governorate": _residence(5),
    "current_district": _residence(8),
    "given_name": _name("given"),
    "father_name": _name("father"),
    "grandfather_name": _name("grandfather"),
    "family_name": _name("family"),
    "phone_typed": _phone,
    "safe_to_call": _yes(0.88),
    "caregiver_given_name": _caregiver("given"),
    "caregiver_father_name": _caregiver("father"),
    "caregiver_family_name": _caregiver("family"),
    "caregiver_phone_typed": _phone,
    **{domain: _difficulty(domain) for domain in ("seeing", "hearing", "walking", "remembering")},
    **{domain: _difficulty(domain) for domain in ("selfcare", "communicating")},
    "household_size_typed": lambda v, context: typed_digits(str(sum(v.person.household.values())), context.rng),
    "is_head": lambda visit, context: "yes" if visit.person.is_head else "no",
    "head_sex": lambda visit, context: "female" if visit.person.head_female else "male",
    "count_by_age": _yes(0.75),
    **{f"female_{band}_typed": _heads("f", index) for index, band in enumerate(_BANDS)},
    **{f"male_{band}_typed": _heads("m", index) for index, band in enumerate(_BANDS)},
    "specific_needs": lambda visit, context: DEFAULT if context.rng.random() < 0.35 else None,
    "needed_services": _services(3, 0.05),
    "document_type": _listed(0.0),
    "information_given": _services(3, 0.3),
    "service_given": _services(2, 0.6),
    "refer": _yes(0.62),
    "referral_service": _referred_service,
    "receiver": _receiver,
    "consent_share": _yes(0.94),
    "priority": lambda visit, context: weighted(context, normal=74, urgent=21, emergency=5),
    "phoned_now": lambda visit, context: weighted(context, reached=80, not_reached=20),
    "phone_event": lambda visit, context: weighted(context, accept=60, acknowledge=40),
    "slip_source": lambda visit, context: weighted(context, scan=60, type=15, none=25),
    "slip_scan": lambda visit, context: random_code(REFERRAL_SLIP, context.rng),
    "slip_typed": lambda visit, context: typed_number(random_code(REFERRAL_SLIP, context.rng), context.rng),
    "previous_typed": _previous,
    "keep_draft": _keep_draft,
    "receiver_limit": _listed(0.75),
    "followup_due": _after(2, 14, 0.1),
    "receiver_other": _constant("مكتب خدمات المنطقة"),
    "next_visit": _after(5, 40, 0.55),
}


REPEATS: Mapping[str, Callable[[Context], int]] = {
    "referral": lambda context: context.rng.choices((1, 2, 3), (76, 19, 5))[0],
    "document": lambda context: context.rng.choices((1, 2), (80, 20))[0],
}
