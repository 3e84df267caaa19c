"""Workbooks under a password, as Excel and LibreOffice lock them (ECMA-376 agile: AES-256). In memory alone.

Nothing here writes or takes a workbook that is not locked.
"""

from __future__ import annotations

from io import BytesIO
from typing import Final

from msoffcrypto.exceptions import InvalidKeyError  # type: ignore[import-untyped]
from msoffcrypto.format.ooxml import OOXMLFile  # type: ignore[import-untyped]
from pydantic import SecretStr

from kobo_crc.errors import ConfigError, CrcError

SHORTEST_PASSWORD: Final = 10


def locked(plain: bytes, password: SecretStr) -> bytes:
    """The workbook under that password. ConfigError for a password that is too short to protect anything."""
    if len(password.get_secret_value()) < SHORTEST_PASSWORD:
        raise ConfigError(
            f"The password has fewer than {SHORTEST_PASSWORD} characters. Please take a longer one, and tell it to the "
            "receiver another way than the file."
        )
    out = BytesIO()
    OOXMLFile(BytesIO(plain)).encrypt(password.get_secret_value(), out)
    return out.getvalue()


def unlocked(content: bytes, name: str, password: SecretStr) -> bytes:
    """The workbook within a locked one; `name` is for the sentence. ConfigError when it cannot be had."""
    try:
        return _opened(content, name, password)
    except CrcError:
        raise
    except InvalidKeyError as error:
        raise ConfigError(
            f"{name} does not open with this receiver's password, or was changed on the way. Please check the password "
            "and whose workbook it is."
        ) from error
    except Exception as error:  # over a damaged file the library stumbles in a dozen ways, none of them its own fault
        raise ConfigError(
            f"{name} is no workbook under a password, or is damaged. Please ask the receiver to save it as .xlsx and "
            "send it again."
        ) from error


def _opened(content: bytes, name: str, password: SecretStr) -> bytes:
    file = OOXMLFile(BytesIO(content))
    if not file.is_encrypted():
        raise ConfigError(
            f"{name} is not protected by a password, so anybody may have read or changed it. Please ask the receiver "
            "for the workbook as it was sent, filled and saved under its password."
        )
    file.load_key(password=password.get_secret_value(), verify_password=True)
    plain = BytesIO()
    file.decrypt(plain, verify_integrity=file.type == "agile")
    return plain.getvalue()
