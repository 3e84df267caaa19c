"""What officers enter about the people before them: by the question's name where we know it, else generically.

A form that lacks one of these names, or has others, is filled all the same.
"""

from __future__ import annotations

from kobo_crc.simulator.population.activity_answers import ACTIVITY_ANSWERS, ACTIVITY_REPEATS
from kobo_crc.simulator.population.answers import Generic
from kobo_crc.simulator.population.filling import Context
from kobo_crc.simulator.population.intake_answers import REPEATS, VISIT_ANSWERS
from kobo_crc.simulator.population.items import QuestionInfo, RepeatInfo
from kobo_crc.simulator.population.known import DEFAULT
from kobo_crc.simulator.population.news_answers import NEWS_ANSWERS
from kobo_crc.simulator.population.subjects import News, Task, Visit

_TRIES = 3  # of a known answer, before any that the constraint takes


class Respondent(Generic):
    """Answers as the occasion's subject, a Visit, News or Task, has it; offers only what the choice list holds."""

    def answer(self, question: QuestionInfo, context: Context) -> str | None:
        known = self._known(question, context) if context.attempt < _TRIES else DEFAULT
        if known == DEFAULT or (known and question.control == "select1" and not _offered(known, context)):
            return super().answer(question, context)
        return known

    def repeats(self, repeat: RepeatInfo, context: Context) -> int:
        if repeat.name in REPEATS and isinstance(context.occasion.subject, Visit):
            return REPEATS[repeat.name](context)
        if repeat.name in ACTIVITY_REPEATS and isinstance(context.occasion.subject, Task):
            return ACTIVITY_REPEATS[repeat.name](context)
        return super().repeats(repeat, context)

    def _known(self, question: QuestionInfo, context: Context) -> str | None:
        subject = context.occasion.subject
        if isinstance(subject, Visit) and question.name in VISIT_ANSWERS:
            return VISIT_ANSWERS[question.name](subject, context)
        if isinstance(subject, News) and question.name in NEWS_ANSWERS:
            return NEWS_ANSWERS[question.name](subject, context)
        if isinstance(subject, Task) and question.name in ACTIVITY_ANSWERS:
            return ACTIVITY_ANSWERS[question.name](subject, context)
        return DEFAULT


def _offered(code: str, context: Context) -> bool:
    return any(choice.code == code for choice in context.choices)
