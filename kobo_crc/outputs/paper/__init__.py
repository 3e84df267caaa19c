"""A form on paper, A4, in one language: for the day that tablets fail. Holds questions, never an answer."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from kobo_crc.outputs.paper.sheet import sheet_of
from kobo_crc.outputs.paper.texts import DIRECTIONS, TEXTS
from kobo_crc.xlsform.form import Form

PAGE: Final = "paper.html.jinja"


def write_paper(form: Form, language: str, folder: Path) -> Path:
    """Write the form as `FORM-LANGUAGE.html` into the folder; returns the file."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{form.name}-{language}.html"
    path.write_text(paper(form, language), encoding="utf-8", newline="\n")
    return path


def paper(form: Form, language: str) -> str:
    """The page: its questions numbered, choices with boxes, skips in words, room to write."""
    loader = FileSystemLoader(Path(__file__).parent)
    environment = Environment(
        loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    words = {key: said[language] for key, said in TEXTS.items()}
    page = environment.get_template(PAGE)
    return page.render(sheet=sheet_of(form, language), t=words, language=language, direction=DIRECTIONS[language])
