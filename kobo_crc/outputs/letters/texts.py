"""The words of a referral letter in Arabic, Sorani and English. Labels of codes come from the store instead."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

# Each text as (English, Arabic, Sorani).
_TEXTS: dict[str, tuple[str, str, str]] = {
    "title": ("Referral", "إحالة", "ڕەوانەکردن"),
    "number": ("Number", "الرقم", "ژمارە"),
    "from": ("From", "من", "لە"),
    "to": ("To", "إلى", "بۆ"),
    "service": ("Service asked for", "الخدمة المطلوبة", "خزمەتگوزاریی داواکراو"),
    "priority": ("Priority", "الأولوية", "گرنگی"),
    "sent_on": ("Sent on", "أُرسلت في", "نێردراوە لە"),
    "due_on": ("Please answer by", "يُرجى الرد حتى", "تکایە وەڵام بدەنەوە تا"),
    "printed_on": ("Printed on", "طُبعت في", "چاپکراوە لە"),
    "first_this": (
        "Read this before you contact the person",
        "اقرأ هذا قبل أن تتصل بالشخص",
        "پێش ئەوەی پەیوەندی بە کەسەکەوە بکەیت ئەمە بخوێنەرەوە",
    ),
    "no_limits": (
        "The person named no restriction. Ask all the same whether it is a good moment, and tell others nothing.",
        "لم يذكر الشخص أي قيد. اسأل مع ذلك إن كان الوقت مناسباً، ولا تخبر غيره بشيء.",
        "کەسەکە هیچ سنوورێکی باس نەکردووە. لەگەڵ ئەوەشدا بپرسە ئایا کاتەکە گونجاوە، و هیچ بە کەسانی دیکە مەڵێ.",
    ),
    "person": ("The person", "الشخص", "کەسەکە"),
    "name": ("Name", "الاسم", "ناو"),
    "phone": ("Phone", "الهاتف", "تەلەفۆن"),
    "phone_owner": ("Whose phone", "لمن الهاتف", "تەلەفۆنی کێ"),
    "call_time": ("Best time to call", "أفضل وقت للاتصال", "باشترین کات بۆ پەیوەندی"),
    "caregiver": ("Caregiver", "مقدم الرعاية", "سەرپەرشتیار"),
    "caregiver_phone": ("Caregiver's phone", "هاتف مقدم الرعاية", "تەلەفۆنی سەرپەرشتیار"),
    "not_told": (
        "The person did not agree that this is told, or it is not safe. The person comes with the number above.",
        "لم يوافق الشخص على ذكر ذلك، أو أن ذكره غير آمن. يأتي الشخص ومعه الرقم أعلاه.",
        "کەسەکە ڕازی نەبووە ئەمە بگوترێت، یان سەلامەت نییە. کەسەکە بە ژمارەی سەرەوە دێت.",
    ),
    "by_number_alone": (
        "By its number alone. Please ask the centre's focal point, in person or by phone, about everything else.",
        "بالرقم وحده. اسأل مسؤول الاتصال في المركز عن كل ما عدا ذلك، وجهاً لوجه أو بالهاتف.",
        "تەنها بە ژمارەکەی. بۆ هەر شتێکی دیکە لە بەرپرسی پەیوەندیی ناوەندەکە بپرسە، ڕووبەڕوو یان بە تەلەفۆن.",
    ),
    "answer": ("The receiver's answer", "رد الجهة", "وەڵامی لایەنەکە"),
    "how_to_answer": (
        "Please tick, sign, and give this back to the centre, or phone it with the number.",
        "ضع علامة ووقّع وأعد هذه الورقة إلى المركز، أو اتصل به واذكر الرقم.",
        "تکایە نیشانە بکە و واژۆ بکە و ئەم پەڕەیە بگەڕێنەرەوە بۆ ناوەندەکە، یان بە تەلەفۆن ژمارەکە بڵێ.",
    ),
    "received": ("Received", "استُلمت", "وەرگیرا"),
    "accepted": ("Accepted", "مقبولة", "قبوڵکرا"),
    "not_accepted": ("Not accepted, because", "غير مقبولة، لأن", "قبوڵ نەکرا، لەبەر ئەوەی"),
    "served": ("The person was served", "حصل الشخص على الخدمة", "کەسەکە خزمەتگوزاریی وەرگرت"),
    "on": ("on", "في", "لە"),
    "signature": ("Name and signature", "الاسم والتوقيع", "ناو و واژۆ"),
    "confidential": (
        "Confidential. For this receiver and this service alone; not to be copied or passed on. Keep it locked, and "
        "destroy it when the referral has ended. The person may take the consent back at any time: the centre then "
        "tells you.",
        "سري. لهذه الجهة ولهذه الخدمة فقط؛ لا يُنسخ ولا يُعطى لغيرها. يُحفظ مقفلاً ويُتلف عند انتهاء الإحالة. "
        "يستطيع الشخص سحب موافقته في أي وقت، وعندها يخبركم المركز.",
        "نهێنی. تەنها بۆ ئەم لایەنە و ئەم خزمەتگوزارییە؛ نابێت کۆپی بکرێت یان بدرێتە کەسی دیکە. لە شوێنێکی داخراو "
        "هەڵیبگرە، و کە ڕەوانەکردنەکە تەواو بوو لەناوی ببە. کەسەکە هەر کاتێک بیەوێت دەتوانێت ڕەزامەندییەکەی "
        "بکێشێتەوە: ئەوکات ناوەندەکە پێت دەڵێت.",
    ),
}

TEXTS: Final[Mapping[str, Mapping[str, str]]] = {
    key: {"en": en, "ar": ar, "ckb": ckb} for key, (en, ar, ckb) in _TEXTS.items()
}
