"""What an officer enters of a centre's other activities: a service, a session, feedback, the day, the directory."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta

from kobo_crc.codes import PERSON_CARD, random_code
from kobo_crc.simulator.population.filling import Context
from kobo_crc.simulator.population.known import DEFAULT, listed, officer, typed_digits, typed_number, weighted, yes
from kobo_crc.simulator.population.subjects import Task

Maker = Callable[[Task, Context], str | None]

# Of all submissions, by form; a form that is not deployed takes nothing.
ACTIVITY_SHARES: Mapping[str, float] = {
    "service": 0.06,
    "session": 0.02,
    "feedback": 0.02,
    "centre_day": 0.02,
    "directory": 0.01,
}


def _card(task: Task, context: Context) -> str | None:
    return task.number or None


def _typed_card(task: Task, context: Context) -> str | None:
    return typed_number(task.number, context.rng) if task.number else None


def _card_source(task: Task, context: Context) -> str:
    return weighted(context, scan=75, type=25) if task.number else "none"


def _slip_source(task: Task, context: Context) -> str:
    return weighted(context, none=60, scan=25, type=15) if task.slip else "none"


def _someone(task: Task, context: Context) -> str:
    """The card of somebody at a session: of the person who is known, or of one from elsewhere."""
    first = context.place.startswith("attendee[1]/")
    return task.number if first and task.number else random_code(PERSON_CARD, context.rng)


def _number(low: int, high: int, blank: float = 0.0) -> Maker:
    def answer(task: Task, context: Context) -> str | None:
        if context.rng.random() < blank:
            return None
        return typed_digits(str(context.rng.randint(low, high)), context.rng)

    return answer


def _part(share: float) -> Maker:
    """A part of all who came to a session."""

    def answer(task: Task, context: Context) -> str | None:
        people = int(float(context.answers.get("heads_total") or 0))
        return typed_digits(str(round(people * share * context.rng.random())), context.rng)

    return answer


def _clock(first: int, last: int) -> Maker:
    """A time of the day on a half-hour, as tablets write it."""
    return lambda task, context: f"{context.rng.randint(first, last):02}:{context.rng.choice((0, 30)):02}:00.000+03:00"


def _later(first: int, last: int, blank: float) -> Maker:
    def answer(task: Task, context: Context) -> str | None:
        if context.rng.random() < blank:
            return None
        return (task.slot.started.date() + timedelta(days=context.rng.randint(first, last))).isoformat()

    return answer


def _day(task: Task, context: Context) -> str:
    return task.slot.started.date().isoformat()


def _centre(task: Task, context: Context) -> str:
    return task.slot.centre.code


def _district(length: int) -> Maker:
    return lambda task, context: task.slot.centre.district[:length]


def _weekdays(task: Task, context: Context) -> str:
    return context.rng.choice(("SU MO TU WE TH", "SU TU TH", "MO WE"))


ACTIVITY_ANSWERS: Mapping[str, Maker] = {
    "centre": _centre,
    "staff": lambda task, context: officer(task.slot.officer, context),
    **dict.fromkeys(("delivered_on", "held_on", "received_on", "assured_on", "day", "closed_on"), _day),
    "mode": lambda task, context: weighted(context, in_person=80, phone=12, outreach=8),
    "card_source": _card_source,
    "card_scan": _card,
    "card_typed": _typed_card,
    "slip_source": _slip_source,
    "slip_scan": lambda task, context: task.slip,
    "slip_typed": lambda task, context: typed_number(task.slip, context.rng),
    "next_on": _later(1, 30, 0.6),
    "due_on": _later(3, 14, 0.1),
    "starts_at": _clock(9, 11),
    "ends_at": _clock(12, 14),
    "held_at": lambda task, context: weighted(context, centre=80, elsewhere=20),
    **dict.fromkeys(("held_governorate", "service_governorate"), _district(5)),
    **dict.fromkeys(("held_district", "service_district"), _district(8)),
    "method": lambda task, context: weighted(context, heads=65, cards=35),
    "attendee_scan": lambda task, context: _someone(task, context) if context.rng.random() < 0.8 else None,
    "attendee_typed": lambda task, context: typed_number(_someone(task, context), context.rng),
    **{
        f"{sex}_{band}_typed": _number(0, 9, 0.2)
        for sex in ("female", "male")
        for band in ("0_5", "6_17", "18_59", "60_plus")
    },
    "returnees_typed": _part(0.9),
    **dict.fromkeys(("idps_typed", "hosts_typed", "refugees_typed", "with_disability_typed"), _part(0.2)),
    "category": lambda task, context: "channelled" if context.rng.random() < 0.05 else listed(context),
    "anonymous": lambda task, context: yes(context, 0.5),
    "status": lambda task, context: DEFAULT if context.rng.random() < 0.4 else context.initial or DEFAULT,
    "at_centre": lambda task, context: yes(context, 0.4),
    "service_centre": _centre,
    "address": lambda task, context: "شارع المحافظة، قرب الدائرة",
    "weekdays": _weekdays,
    "hours_open": _clock(8, 9),
    "hours_close": _clock(13, 15),
    "eligibility": lambda task, context: weighted(context, everyone=60, returnees=20, idps=20),
    "minimum_age_typed": _number(0, 18, 0.7),
    "maximum_age_typed": _number(25, 60, 0.9),
    "capacity_typed": _number(5, 60, 0.3),
    "opened": lambda task, context: yes(context, 0.96),
    "opened_at": _clock(8, 9),
    "closed_at": _clock(13, 15),
    "closed_early": lambda task, context: yes(context, 0.05),
    "staff_present_typed": _number(4, 16),
    "visitors_typed": _number(15, 180),
}
ACTIVITY_REPEATS: Mapping[str, Callable[[Context], int]] = {
    "attendee": lambda context: context.rng.randint(4, 12),
    "hours": lambda context: context.rng.choice((1, 1, 2)),
}
