"""Tokens, keys and passwords: from the environment, a file that it names, or the secrets folder. Never from a setting.

The only module that reads the environment.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

from pydantic import SecretStr

from kobo_crc.errors import ConfigError

VAULT_KEY = "KOBO_CRC_VAULT_KEY"
REPLY_PASSWORD = "KOBO_CRC_REPLY_PASSWORD_"
MAIL_PASSWORD = "KOBO_CRC_MAIL_PASSWORD"
WEBHOOK_URL = "KOBO_CRC_WEBHOOK_URL"
CENTRE_PASSWORD = "KOBO_CRC_CENTRE_PASSWORD_"


def secret(name: str, folder: Path) -> SecretStr:
    """The token of that name: from the environment variable, the file that NAME_FILE names, or `folder`/name.

    Raises ConfigError, which never holds what was found.
    """
    for _, found in secrets_of(name, folder):
        return found
    raise ConfigError(
        f"There is no token: {name} is not set, and {_file_of(name, folder)} is missing, empty or unreadable. Please "
        f"copy the token from KoboToolbox (Account settings, Security) into the environment variable {name} or into "
        "that file."
    )


def secrets_of(name: str, folder: Path) -> Iterator[tuple[str, SecretStr]]:
    """Each secret of that name with the place it was found in, the environment first."""
    given = os.environ.get(name, "").strip()
    if given:
        yield f"the environment variable {name}", SecretStr(given)
    path = _file_of(name, folder)
    if kept := kept_in(path):
        yield str(path), kept


def kept_in(path: Path) -> SecretStr | None:
    """The secret in that file; None where it is missing, empty or unreadable."""
    try:
        text = path.read_text(encoding="utf-8-sig").strip()
    except (OSError, UnicodeDecodeError):
        return None
    return SecretStr(text) if text else None


def _file_of(name: str, folder: Path) -> Path:
    named = os.environ.get(f"{name}_FILE", "").strip()
    return Path(named) if named else folder / name.lower()


def password_name(receiver: str) -> str:
    """The name of the variable that holds the password of a receiver's workbooks."""
    return _named(REPLY_PASSWORD, receiver)


def centre_password_name(centre: str) -> str:
    """The name of the variable that holds the password of a centre's call lists."""
    return _named(CENTRE_PASSWORD, centre)


def _named(prefix: str, code: str) -> str:
    return prefix + re.sub(r"[^A-Z0-9]", "_", code.upper())


def reply_password(receiver: str, folder: Path) -> SecretStr | None:
    """The password of a receiver's workbooks, from where `secret` looks for tokens; None when it is nowhere."""
    return kept_password(password_name(receiver), folder)


def kept_password(name: str, folder: Path) -> SecretStr | None:
    """The password of that name, from where `secret` looks for tokens; None when it is nowhere."""
    return next((found for _, found in secrets_of(name, folder)), None)


def stands_in(name: str, path: Path) -> bool:
    """Whether a file of variables, one NAME=VALUE a line, has that secret or the name of its file."""
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError):
        return False
    return any(line.strip().startswith((f"{name}=", f"{name}_FILE=")) for line in lines)
