"""The workbook that a receiver fills: its open referrals, and three columns with lists to choose from.

What leaves this module is under a password; what enters it is unlocked here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from io import BytesIO
from typing import Any, Final
from zipfile import BadZipFile, ZipFile

import openpyxl  # type: ignore[import-untyped]
import xlsxwriter  # type: ignore[import-untyped]
from pydantic import SecretStr
from xlsxwriter.worksheet import Worksheet  # type: ignore[import-untyped]

from kobo_crc.errors import ConfigError
from kobo_crc.outputs.locked import locked, unlocked
from kobo_crc.outputs.sheets import OPTIONS, Cell, Sheet, Styles, add
from kobo_crc.referrals.lifecycle import BAGHDAD
from kobo_crc.referrals.worklist import OpenReferral
from kobo_crc.replies.choices import Choices
from kobo_crc.replies.judging import Row
from kobo_crc.replies.texts import TEXTS, text

TOLD: Final = ("reference", "service", "priority", "sent_on", "state", "due_on")
ASKED: Final = ("decision", "day", "reason")
DECISION, DAY, REASON = range(len(TOLD), len(TOLD) + len(ASKED))
MARK_SHEET, LISTS_SHEET = "kobo_crc", "lists"
MARK: Final = "kobo_crc replies"
EARLIEST, LATEST = date(2020, 1, 1), date(2100, 1, 1)
LARGEST_UNPACKED: Final = 50_000_000  # bytes
STEPS: Final = ("step_1", "step_2", "step_3", "step_4")


@dataclass(frozen=True, slots=True)
class Letter:
    """What a receiver's workbook is made of. `labels` are those of services, priorities and states by list and code."""

    receiver: str
    name: str
    language: str
    made_at: datetime
    referrals: Sequence[OpenReferral]
    labels: Mapping[str, Mapping[str, str]]


def write(letter: Letter, choices: Choices, password: SecretStr) -> bytes:
    """The workbook under the password, as bytes of an .xlsx file. ConfigError for a password that is too short."""
    content = BytesIO()
    with xlsxwriter.Workbook(content, OPTIONS) as book:
        book.set_properties({"created": letter.made_at})
        styles = Styles(book, letter.language)
        add(book, _how(letter), styles)
        page = add(book, _referrals(letter), styles)
        page.activate()
        to_fill = {"locked": False, "bg_color": "#FFF9DB", "border": 1}
        days = book.add_format(to_fill | {"num_format": "yyyy-mm-dd"})
        _ask(page, letter, choices, {DAY: days, **dict.fromkeys((DECISION, REASON), book.add_format(to_fill))})
        _hide(book.add_worksheet(LISTS_SHEET), [list(choices.answers.values()), list(choices.reasons.values())])
        _hide(book.add_worksheet(MARK_SHEET), [[MARK, letter.receiver]])
    return locked(content.getvalue(), password)


def read(content: bytes, name: str, receiver: str, password: SecretStr) -> list[Row]:
    """The rows of a filled workbook. ConfigError when it is not this receiver's, or no workbook of replies."""
    plain = unlocked(content, name, password)
    _refuse_swollen(plain, name)
    try:
        book = openpyxl.load_workbook(BytesIO(plain), data_only=True, keep_links=False)
        marks = [cell.value for cell in book[MARK_SHEET]["A"]] if MARK_SHEET in book.sheetnames else []
        pages = [page for page in book.worksheets if page.title in TEXTS["replies"].values()]
    except Exception as error:  # what a stranger's program wrote can be wrong in any way
        raise ConfigError(f"{name} cannot be read as a workbook. Please ask for it once more, as .xlsx.") from error
    if not pages or marks[:1] != [MARK]:
        raise ConfigError(f"{name} is no workbook of replies. Please take the one that `kobo-crc replies make` wrote.")
    if marks[1:2] != [receiver]:
        raise ConfigError(f"{name} was made for another receiver. Please name the right one with --receiver.")
    return list(_rows(pages[0], name))


def _refuse_swollen(plain: bytes, name: str) -> None:
    """ConfigError for what a few packed bytes would swell to: no receiver's open referrals come near it."""
    try:
        size = sum(part.file_size for part in ZipFile(BytesIO(plain)).infolist())
    except BadZipFile:
        return  # as a workbook it will be refused in a moment
    if size > LARGEST_UNPACKED:
        raise ConfigError(f"{name} is far larger than any workbook of replies. Please ask the receiver what it is.")


def _how(letter: Letter) -> Sheet:
    made_at = letter.made_at.replace(tzinfo=UTC).astimezone(BAGHDAD).strftime("%Y-%m-%d %H:%M")
    about = [("for", letter.name), ("made_at", made_at)]
    steps = [(str(place), text(key, letter.language)) for place, key in enumerate(STEPS, 1)]
    rows = [*steps, *((text(key, letter.language), said) for key, said in about)]
    return Sheet(text("how", letter.language), ("", text("how", letter.language)), rows)


def _referrals(letter: Letter) -> Sheet:
    header = tuple(text(key, letter.language) for key in (*TOLD, *ASKED))
    rows = [_told(one, letter) for one in letter.referrals]
    return Sheet(text("replies", letter.language), header, rows, text("nothing", letter.language))


def _told(one: OpenReferral, letter: Letter) -> tuple[Cell, ...]:
    def label(codes: str, code: str | None) -> str:
        return letter.labels[codes].get(code, code) if code else ""

    service = text("sensitive", letter.language) if one.sensitive else label("service", one.service_code)
    priority, state = label("priority", one.priority_code), label("referral_state", one.state_code)
    empty = (None,) * len(ASKED)
    return (one.reference_code, service, priority, one.sent_on, state, one.due_on, *empty)


def _ask(page: Worksheet, letter: Letter, choices: Choices, formats: Mapping[int, Any]) -> None:
    """Let the last three columns be filled, each with what belongs there, and nothing else be changed."""
    first, last = 1, max(len(letter.referrals), 1)
    for line in range(first, last + 1):
        for place, filled in formats.items():
            page.write_blank(line, place, None, filled)
    wrong = text("choice_wrong", letter.language)
    for place, column, count in ((DECISION, "A", len(choices.answers)), (REASON, "B", len(choices.reasons))):
        source = f"={LISTS_SHEET}!${column}$1:${column}${count}"
        page.data_validation(first, place, last, place, {"validate": "list", "source": source, "error_message": wrong})
    between = {"validate": "date", "criteria": "between", "minimum": EARLIEST, "maximum": LATEST}
    page.data_validation(first, DAY, last, DAY, between | {"error_message": text("day_wrong", letter.language)})
    page.set_column(DECISION, REASON, 28)
    page.protect("", {"autofilter": True, "sort": True, "format_columns": True, "format_rows": True})


def _hide(page: Worksheet, columns: Sequence[Sequence[str]]) -> None:
    for place, column in enumerate(columns):
        for line, value in enumerate(column):
            page.write_string(line, place, value)
    page.very_hidden()


def _rows(page: Any, name: str) -> Iterator[Row]:
    lines = page.iter_rows(values_only=True)
    header = ["" if cell is None else str(cell).strip() for cell in next(lines, ())]
    places = {key: _place(header, key, name) for key in ("reference", *ASKED)}
    for line, cells in enumerate(lines, start=2):
        yield Row(line, *(cells[place] for place in places.values()))


def _place(header: Sequence[str], key: str, name: str) -> int:
    for title in TEXTS[key].values():
        if title in header:
            return header.index(title)
    raise ConfigError(
        f"{name} lacks the column {TEXTS[key]['en']}. Please ask the receiver to leave the header as it is."
    )
