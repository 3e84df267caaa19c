"""The recovery sheets: the master key in two halves, a page for each of two people, to print and seal."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from kobo_crc.sealing import MasterKey

TEXTS: Final[dict[str, dict[str, str]]] = {
    "title": {
        "en": "Recovery sheet",
        "ar": "ورقة الاسترداد",
        "ckb": "پەڕەی گەڕاندنەوە",
    },
    "what": {
        "en": "One half of a vault's key. Alone it opens nothing. Print it, check that every letter can be "
        "read, seal it in an envelope, keep it where only you can reach it, and delete the file. Never "
        "photograph or send it.",
        "ar": "نصف مفتاح الخزنة. وحده لا يفتح شيئًا. اطبع الورقة، وتأكد من أن كل حرف مقروء، وأغلق عليها في "
        "ظرف، واحفظها في مكان لا يصل إليه غيرك، ثم احذف الملف. لا تصوّرها ولا ترسلها أبدًا.",
        "ckb": "نیوەی کلیلی گەنجینەکە. بە تەنیا هیچ ناکاتەوە. چاپی بکە، دڵنیابە کە هەموو پیتێک دەخوێنرێتەوە، لە"
        " زەرفێکدا دایبخە، لە شوێنێک هەڵیبگرە کە تەنیا خۆت دەستت پێی بگات، پاشان فایلەکە بسڕەوە. هەرگیز "
        "وێنەی مەگرە و مەینێرە.",
    },
    "how": {
        "en": "If the key is lost, both people come together and run: ",
        "ar": "إذا ضاع المفتاح، يجتمع الشخصان ويشغّلان: ",
        "ckb": "ئەگەر کلیلەکە ون بوو، هەردوو کەسەکە بەیەکەوە ئەمە جێبەجێ دەکەن: ",
    },
    "letters": {
        "en": "The letters are A-Z, the digits 2-7: there is no zero and no one.",
        "ar": "الحروف من A إلى Z، والأرقام من 2 إلى 7: لا يوجد صفر ولا واحد.",
        "ckb": "پیتەکان A تا Z ن و ژمارەکان 2 تا 7: سفر و یەک نییە.",
    },
}
_DIRECTIONS = {"en": "ltr", "ar": "rtl", "ckb": "rtl"}


def write_sheets(folder: Path, key: MasterKey, day: date) -> list[Path]:
    """Write the two halves as HTML pages into the folder, for the own account alone; returns their paths."""
    loader = FileSystemLoader(Path(__file__).parent)
    page = Environment(loader=loader, autoescape=True, undefined=StrictUndefined).get_template("recovery.html.jinja")
    paths = []
    for number, half in enumerate(key.split(), 1):
        path = folder / f"vault-key-{key.key_id}-sheet-{number}-of-2.html"
        path.unlink(missing_ok=True)  # one that is there would keep its rights
        path.touch(mode=0o600)
        said = {"number": number, "half": half.split("-"), "key_id": key.key_id, "day": day, "demo": key.demo}
        html = page.render(said, texts=TEXTS, directions=_DIRECTIONS)
        path.write_text(html, encoding="utf-8")
        paths.append(path)
    return paths
