"""Follow-ups of a referral. The slip's number is typed as people type it: Arabic-Indic digits, in groups."""

from __future__ import annotations

from kobo_crc.xlsform.form import LANGUAGES
from tests.engines.commands import answer, language, refuse

FOLLOWUP_DESK = [answer("writer/centre", "jalawla"), answer("writer/staff", "jal_01")]
# The partner says on the phone that they cannot take the person; nothing else is asked.
REFUSED_BY_PHONE = [
    *FOLLOWUP_DESK,
    answer("which/slip_typed", "٢٠٠٠ ٠٠٠٠ ٠٠٨٨"),
    answer("event/event_type", "decline"),
    answer("event/event_reason", "no_capacity"),
]
DECLINED = [
    answer("writer/centre", "jalawla"),
    answer("which/slip_source", "type"),
    refuse("which/slip_scan", "200000000088"),
    refuse("which/slip_typed", "200000000089"),
    answer("which/slip_typed", "٢٠٠٠ ٠٠٠٠ ٠٠٨٨"),
    language(LANGUAGES["ckb"]),
    answer("event/event_type", "serve"),
    refuse("event/service_date", "2999-01-01"),
    answer("event/event_type", "decline"),
    refuse("event/service_date", "2026-11-20"),
    answer("event/event_date", "2026-11-20"),
    language(LANGUAGES["en"]),
    answer("event/reported_by", "receiver"),
]
