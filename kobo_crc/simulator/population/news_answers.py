"""What an officer enters when news of a referral comes in."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta

from kobo_crc.simulator.population.filling import Context
from kobo_crc.simulator.population.known import officer, typed_number, weighted
from kobo_crc.simulator.population.subjects import News


def _appointment(news: News, context: Context) -> str | None:
    if context.rng.random() < 0.5:
        return None
    return (news.day + timedelta(days=context.rng.randint(1, 20))).isoformat()


NEWS_ANSWERS: Mapping[str, Callable[[News, Context], str | None]] = {
    "centre": lambda news, context: news.slot.centre.code,
    "staff": lambda news, context: officer(news.slot.officer, context),
    "slip_source": lambda news, context: weighted(context, scan=60, type=40),
    "slip_scan": lambda news, context: news.number,
    "slip_typed": lambda news, context: typed_number(news.number, context.rng),
    "event_type": lambda news, context: news.event,
    "event_date": lambda news, context: news.day.isoformat(),
    "service_date": lambda news, context: news.day.isoformat(),
    "appointment_date": _appointment,
    "reported_by": lambda news, context: news.reported_by,
}
