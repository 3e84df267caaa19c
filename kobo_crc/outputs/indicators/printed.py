"""Figures as lines of plain text for a terminal, with what they are on their face. Prints nothing itself."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from kobo_crc.outputs.indicators.asking import Column, Sheet

FACES: Final[Mapping[str, Mapping[str, str]]] = {
    "internal": {
        "en": "INTERNAL: exact numbers for the centre's own officer. Not for publication, not to be sent on.",
        "ar": "داخلي: أرقام دقيقة لموظف المركز نفسه. ليست للنشر ولا للإرسال.",
        "ckb": "ناوخۆیی: ژمارەی ورد بۆ کارمەندی ناوەندەکە خۆی. بۆ بڵاوکردنەوە و ناردن نییە.",
    },
    "public": {
        "en": "Counts of people are rounded; small ones, zero too, are shown as <. * not published yet (--publish).",
        "ar": "أعداد الأشخاص مقرّبة؛ والصغيرة منها، حتى الصفر، تظهر بعلامة <. * لم تُنشر بعد (--publish).",
        "ckb": "ژمارەی کەسان خڕ کراوەتەوە؛ بچووکەکان، سفریش، بە < پیشان دەدرێن. * هێشتا بڵاو نەکراوەتەوە (--publish).",
    },
    "now": {
        "en": "As reported | as it is now. The second is for you: only what was reported may be published.",
        "ar": "كما نُشر | كما هو الآن. الثاني لك وحدك: لا يُنشر إلا ما نُشر أولاً.",
        "ckb": "وەک بڵاوکراوەتەوە | وەک ئێستا. دووەمیان بۆ تۆیە: تەنها ئەوەی ڕاپۆرت کراوە بڵاو دەکرێتەوە.",
    },
}
WIDTH: Final = 44


def printed(sheets: Sequence[Sheet], language: str, *, internal: bool, now: bool) -> Iterator[str]:
    """The sheets, each under its name and definition, a line for each row and a column for each month."""
    yield FACES["internal" if internal else "public"][language]
    if now:
        yield FACES["now"][language]
    for sheet in sheets:
        yield ""
        yield sheet.definition.name[language]
        yield f"  {sheet.definition.meaning[language]}"
        yield from _rows(sheet, internal, now)


def _rows(sheet: Sheet, internal: bool, now: bool) -> Iterator[str]:
    heads = [f"{column.month}{'' if internal or column.reported is not None else '*'}" for column in sheet.columns]
    yield _row("", heads)
    way_before = ""
    for (way, category), (way_name, name) in sheet.rows.items():
        if way != way_before and way:
            yield f"  {way_name}"
        way_before = way
        cells = [_cell(column, (way, category), now) for column in sheet.columns]
        yield _row(f"    {name}" if way else f"  {name}", cells)


def _cell(column: Column, place: tuple[str, str], now: bool) -> str:
    """As published where it was; a row that was left out of the month is `…`."""
    current = column.now.get(place, "…")
    if column.reported is None:
        return current
    reported = column.reported.get(place, "…")
    return f"{reported} | {current}" if now else reported


def _row(head: str, cells: Sequence[str]) -> str:
    return f"{head:<{WIDTH}}" + "".join(f"{cell:>18}" for cell in cells)
