"""The recovery sheets: the master key in two halves, a page for each of two people, to print and seal."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from kobo_crc.sealing import MasterKey

_TEXTS = (
    (
        "en",
        "ltr",
        "Recovery sheet",
        "One half of a vault's key. Alone it opens nothing. Print it, check that every letter can be read, seal it in "
        "an envelope, keep it where only you can reach it, and delete the file. Never photograph or send it.",
        "If the key is lost, both people come together and run: ",
        "The letters are A-Z, the digits 2-7: there is no zero and no one.",
    ),
    (
        "ar",
        "rtl",
        "ورقة الاسترداد",
        "نصف مفتاح الخزنة. وحده لا يفتح شيئًا. اطبع الورقة، وتأكد من أن كل حرف مقروء، وأغلق عليها في ظرف، "
        "واحفظها في مكان لا يصل إليه غيرك، ثم احذف الملف. لا تصوّرها ولا ترسلها أبدًا.",
        "إذا ضاع المفتاح، يجتمع الشخصان ويشغّلان: ",
        "الحروف من A إلى Z، والأرقام من 2 إلى 7: لا يوجد صفر ولا واحد.",
    ),
    (
        "ckb",
        "rtl",
        "پەڕەی گەڕاندنەوە",
        "نیوەی کلیلی گەنجینەکە. بە تەنیا هیچ ناکاتەوە. چاپی بکە، دڵنیابە کە هەموو پیتێک دەخوێنرێتەوە، لە زەرفێکدا "
        "دایبخە، لە شوێنێک هەڵیبگرە کە تەنیا خۆت دەستت پێی بگات، پاشان فایلەکە بسڕەوە. هەرگیز وێنەی مەگرە و مەینێرە.",
        "ئەگەر کلیلەکە ون بوو، هەردوو کەسەکە بەیەکەوە ئەمە جێبەجێ دەکەن: ",
        "پیتەکان A تا Z ن و ژمارەکان 2 تا 7: سفر و یەک نییە.",
    ),
)


def write_sheets(folder: Path, key: MasterKey, day: date) -> list[Path]:
    """Write the two halves as HTML pages into the folder, for the own account alone; returns their paths."""
    loader = FileSystemLoader(Path(__file__).parent)
    page = Environment(loader=loader, autoescape=True, undefined=StrictUndefined).get_template("recovery.html.jinja")
    paths = []
    for number, half in enumerate(key.split(), 1):
        path = folder / f"vault-key-{key.key_id}-sheet-{number}-of-2.html"
        path.touch(mode=0o600)
        html = page.render(number=number, half=half.split("-"), key_id=key.key_id, day=day, texts=_TEXTS, demo=key.demo)
        path.write_text(html, encoding="utf-8")
        paths.append(path)
    return paths
