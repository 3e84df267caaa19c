"""What a server says of itself: its clock, its version, the account's quota, and how much it gives at a time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from kobo_crc.sources.faults import Refused
from kobo_crc.sources.http import Client
from kobo_crc.sources.kobo import Asset

QUOTAS = ("submission", "storage_bytes")


@dataclass(frozen=True, slots=True)
class Greeting:
    """What the server sends along: its time (None when it does not say), and its version ("" likewise)."""

    date: datetime | None
    version: str


@dataclass(frozen=True, slots=True)
class Quota:
    """How much of a limit is used, in per cent; `exceeded` when the server refuses or charges from here on."""

    name: str
    used_percent: float
    exceeded: bool


def greet(client: Client) -> Greeting:
    """The server's time and version. Raises SourceError when it cannot be reached."""
    date, said = client.ask_version()
    version = said.get("version") if isinstance(said, dict) else ""
    return Greeting(_time(date), str(version or ""))


def quotas(client: Client) -> list[Quota]:
    """The account's limits that the server tells; none when it has or tells none."""
    try:
        said: Any = client.get("service_usage/")
    except Refused as refusal:
        if refusal.status == 404:  # an older server, or one without limits
            return []
        raise
    balances = said.get("balances") if isinstance(said, dict) else None
    found = [(name, (balances or {}).get(name)) for name in QUOTAS]
    return [
        Quota(name, float(balance.get("balance_percent") or 0), bool(balance.get("exceeded")))
        for name, balance in found
        if isinstance(balance, dict)
    ]


def page_cap(asset: Asset, page_size: int) -> int | None:
    """How many submissions come when `page_size` are asked for; None when the project has too few to tell."""
    total, given = asset.count_of_page(page_size)
    return given if given < min(total, page_size) else None


def _time(date: str) -> datetime | None:
    try:
        return parsedate_to_datetime(date).astimezone(UTC)
    except (TypeError, ValueError):
        return None
