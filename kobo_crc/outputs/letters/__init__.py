"""The letter that a referral goes to its receiver with: one A4 page to print, in the receiver's language.

Knows neither vault nor store: who may be told what is decided before.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from kobo_crc.outputs.letters.texts import TEXTS

DIRECTIONS: Final = {"en": "ltr", "ar": "rtl", "ckb": "rtl"}
ANSWERS: Final = ("received", "accepted", "not_accepted", "served")


@dataclass(frozen=True, slots=True)
class Letter:
    """What a letter says, in the reader's words; "" for what is not known or not told.

    `about` are lines as (key of a text, value); so are `person`'s, which follow the `limits`. A letter `by_number` of a
    sensitive referral says nothing of the person.
    """

    reference_code: str
    language: str
    printed_on: date
    about: tuple[tuple[str, str], ...]
    limits: tuple[str, ...] = ()
    person: tuple[tuple[str, str], ...] = ()
    by_number: bool = False


def page(letter: Letter) -> bytes:
    """The letter as an HTML file that needs no network."""
    loader = FileSystemLoader(Path(__file__).parent)
    template = Environment(loader=loader, autoescape=True, undefined=StrictUndefined).get_template("letter.html.jinja")
    words = {key: said[letter.language] for key, said in TEXTS.items()}
    html = template.render(letter=letter, words=words, direction=DIRECTIONS[letter.language], answers=ANSWERS)
    return html.encode("utf-8")
