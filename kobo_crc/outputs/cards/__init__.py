"""Sheets of person cards and referral slips to print and cut: a code, the number, no logo and no name."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import segno
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from kobo_crc.codes import PERSON_CARD, Kind
from kobo_crc.outputs.cards.texts import DIRECTIONS, TEXTS

PAGE: Final = "cards.html.jinja"
PIXELS_PER_MODULE: Final = 8


def write_cards(path: Path, kind: Kind, numbers: Sequence[str]) -> None:
    """Write the sheets, A4, as one page for a browser to print."""
    loader = FileSystemLoader(Path(__file__).parent)
    environment = Environment(loader=loader, autoescape=True, undefined=StrictUndefined)
    cards = [{"code": qr_of(number), "digits": in_fours(number)} for number in numbers]
    said = {"cards": cards, "person": kind == PERSON_CARD, "texts": TEXTS, "directions": DIRECTIONS}
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(environment.get_template(PAGE).render(said), encoding="utf-8", newline="\n")


def in_fours(number: str) -> str:
    """The digits as people read them aloud: `1123 4567 8955`."""
    return " ".join(number[start : start + 4] for start in range(0, len(number), 4))


def qr_of(text: str) -> str:
    """The text as a QR code, a picture within the page (a data address)."""
    return str(segno.make(text, error="m", micro=False).png_data_uri(scale=PIXELS_PER_MODULE, border=4))
