"""Reads the numbers out of a filled intake or visit: the person's, and the referrals that follow-ups will speak of."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from kobo_crc.codes import PERSON_KINDS, REFERRAL_KINDS, is_valid
from kobo_crc.simulator.population.filling import Instance
from kobo_crc.simulator.population.xform import XForm

_STATUS = "referral_status"
_CALL = "phone_event"


@dataclass(frozen=True, slots=True)
class Referral:
    """One referral: its slip or tablet number, the service's code, whether it was only a draft, and what the receiver
    said when phoned on the spot ("" without a call).
    """

    number: str
    service: str
    draft: bool
    answer: str = ""


def person_number(instance: Instance) -> str:
    """The person's card or tablet-made number, "" in an anonymous visit."""
    return next((value for value in instance.answers.values() if is_valid(value) and value[0] in PERSON_KINDS), "")


def referrals_of(form: XForm, instance: Instance) -> Iterator[Referral]:
    """The referrals of an intake or visit: one for each repeat instance that holds a referral number of its own."""
    lists = {question.name: question.list_name for question in form.questions()}
    found: dict[str, dict[str, str]] = {}
    for place, value in instance.answers.items():
        row, inside, question = place.rpartition("]")
        if not inside:
            continue
        name = question.rpartition("/")[2]
        if is_valid(value) and value[0] in REFERRAL_KINDS and "previous" not in name:
            found.setdefault(row, {})["number"] = value
        elif name in (_STATUS, _CALL) or lists.get(name) == "service":
            found.setdefault(row, {})[name if name in (_STATUS, _CALL) else "service"] = value
    for read in found.values():
        if "number" in read:
            draft = read.get(_STATUS) == "draft"
            yield Referral(read["number"], read.get("service", ""), draft, read.get(_CALL, ""))
