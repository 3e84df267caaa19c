"""The words on the page with a tablet's code, in Arabic, Sorani and English."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

DIRECTIONS: Final[Mapping[str, str]] = {"ar": "rtl", "ckb": "rtl", "en": "ltr"}
TEXTS: Final[Mapping[str, Mapping[str, str]]] = {
    "title": {
        "en": "Setting up a tablet",
        "ar": "إعداد جهاز لوحي",
        "ckb": "ڕێکخستنی تابلێت",
    },
    "secret": {
        "en": "This code holds a password. Do not photograph, send or hang it up. Delete the file, and destroy the "
        "paper, when the tablets are set up. Whoever sees it can send forms in this account's name: then change"
        " its password.",
        "ar": "هذا الرمز يحتوي على كلمة مرور. لا تصوّره ولا ترسله ولا تعلّقه. احذف الملف وأتلف الورقة بعد إعداد "
        "الأجهزة. من يراه يستطيع الإرسال باسم هذا الحساب: عندها غيّر كلمة مروره.",
        "ckb": "ئەم کۆدە وشەی نهێنیی تێدایە. وێنەی مەگرە، مەینێرە و هەڵیمەواسە. کاتێک تابلێتەکان ڕێکخران، فایلەکە "
        "بسڕەوە و کاغەزەکە لەناو ببە. هەرکەس بیبینێت دەتوانێت بە ناوی ئەم هەژمارەوە فۆرم بنێرێت: ئەوکات وشەی "
        "نهێنییەکەی بگۆڕە.",
    },
    "steps": {
        "en": "In KoboCollect: “Configure with QR code”, and hold the camera over the code. On a tablet that is in "
        "use, send everything first: settings that are not in the code go back to the app's own.",
        "ar": "في KoboCollect: اختر «الإعداد باستخدام رمز QR»، ووجّه الكاميرا إلى الرمز. إذا كان الجهاز قيد الاستعمال"
        " فأرسل كل شيء أولاً: كل إعداد غير موجود في الرمز يعود إلى أصله.",
        "ckb": "لە KoboCollect: «ڕێکخستن بە کۆدی QR» هەڵبژێرە و کامێراکە بەرامبەر کۆدەکە ڕابگرە. ئەگەر تابلێتەکە لە "
        "کاردایە، سەرەتا هەموو شتێک بنێرە: هەر ڕێکخستنێک لە کۆدەکەدا نەبێت دەگەڕێتەوە دۆخی سەرەتا.",
    },
    "does": {
        "en": "The tablet then keeps exactly the forms of this account, sends what is finished by itself, and deletes"
        " what was sent. Its settings open with the admin password alone. Give the tablet a screen lock.",
        "ar": "بعدها يحتفظ الجهاز باستمارات هذا الحساب فقط، ويرسل المكتمل تلقائياً، ويحذف ما أُرسل. لا تُفتح إعداداته"
        " إلا بكلمة مرور المشرف. ضع قفلاً لشاشة الجهاز.",
        "ckb": "پاشان تابلێتەکە تەنها فۆرمەکانی ئەم هەژمارە دەهێڵێتەوە، ئەوەی تەواو بووە خۆی دەینێرێت و ئەوەی "
        "نێردراوە دەیسڕێتەوە. ڕێکخستنەکانی تەنها بە وشەی نهێنیی سەرپەرشتیار دەکرێنەوە. قفڵی شاشە بۆ تابلێتەکە "
        "دابنێ.",
    },
}
