"""Text files that people edit by hand: read as UTF-8, or refused in one sentence. Never guesses another encoding."""

from __future__ import annotations

from pathlib import Path

from kobo_crc.errors import CrcError


def read_utf8(path: Path, fault: type[CrcError]) -> str:
    """The text of the file, line ends made `\\n`, without the mark that Windows editors put at its head.

    Raises `fault` for a file that is not UTF-8, such as Excel's plain CSV, or that cannot be read.
    """
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise fault(
            f"{path}, line {line}: this is not UTF-8 text. Please save it as UTF-8; in Excel, as `CSV UTF-8`."
        ) from None
    except OSError as error:
        raise fault(f"{path}: the file cannot be read ({error.strerror}). Please check its permissions.") from error
