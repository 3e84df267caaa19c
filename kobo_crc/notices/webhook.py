"""A summary to a web address, as chat programs take it: `{"text": …}`. The address is a secret, and never shown."""

from __future__ import annotations

from typing import Final
from urllib.parse import urlsplit

import requests

from kobo_crc.config import LOOPBACK, Settings, kept_password
from kobo_crc.config.secrets import WEBHOOK_URL
from kobo_crc.errors import ConfigError

PATIENCE_SECONDS: Final = 30


def is_kept(settings: Settings) -> bool:
    """Whether an address is kept."""
    return kept_password(WEBHOOK_URL, settings.secrets) is not None


def send(settings: Settings, subject: str, body: str) -> None:
    """Post it; nothing where no address is kept. ConfigError when it cannot be sent."""
    kept = kept_password(WEBHOOK_URL, settings.secrets)
    if kept is None:
        return
    address = kept.get_secret_value()
    parts = urlsplit(address)
    if parts.scheme != "https" and parts.hostname not in LOOPBACK:
        raise ConfigError(f"The address in {WEBHOOK_URL} does not begin with https. Please correct it.")
    try:
        answer = requests.post(
            address, json={"text": f"{subject}\n\n{body}"}, timeout=PATIENCE_SECONDS, allow_redirects=False
        )
    except requests.RequestException as error:
        raise ConfigError(_sentence(type(error).__name__)) from None  # its text has the address
    if not answer.ok or answer.is_redirect:
        raise ConfigError(_sentence(f"the answer was {answer.status_code}"))


def _sentence(cause: str) -> str:
    return f"The summary could not be posted ({cause}). Please check the address in {WEBHOOK_URL}."
