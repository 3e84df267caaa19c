"""What every command shares: the folder option, the settings, words to the terminal, progress bars."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from kobo_crc.errors import ConfigError

if TYPE_CHECKING:
    from pydantic import SecretStr

    from kobo_crc.bars import Bars
    from kobo_crc.config import Settings
    from kobo_crc.disclosed import Knows

Folder = Annotated[Path, typer.Option("--folder", help="The folder that holds kobo_crc.toml.", show_default="here")]
HERE = Path()


def say(text: str, *, error: bool = False) -> None:
    """Print a line; a fault goes to standard error."""
    print(text, file=sys.stderr if error else sys.stdout, flush=True)


def now_utc() -> datetime:
    """The moment of the command as store and vault keep it: UTC, without zone, in whole seconds."""
    return datetime.now(UTC).replace(tzinfo=None, microsecond=0)


def settings_of(folder: Path) -> Settings:
    """The settings of that folder. Raises ConfigError."""
    from kobo_crc.config import load_settings

    return load_settings(settings_path(folder))


def settings_path(folder: Path) -> Path:
    """Where the settings file of that folder is, or should be."""
    from kobo_crc.config import SETTINGS_FILE

    return folder / SETTINGS_FILE


def stated(purpose: str) -> str:
    """The purpose as it was given. Raises ConfigError for one of no words."""
    from kobo_crc.ledger import refuse_no_purpose

    refuse_no_purpose(purpose)
    return purpose


def language_of(given: str) -> str:
    """The language as it was given, "" for none. Raises ConfigError."""
    if given not in ("", "ar", "ckb", "en"):
        raise ConfigError("There is no such language. Please give --language ar, ckb or en.")
    return given


def refuse_unknown(settings: Settings, **codes: str) -> None:
    """ConfigError for a code that the list of that name does not have, with the nearest; "" is none."""
    from kobo_crc.xlsform.lists import code_row, read_codes

    given = {name: code for name, code in codes.items() if code}
    lists = read_codes(settings.forms / "codes") if given else {}
    for name, code in given.items():
        code_row(lists, name, code)


def password_of(settings: Settings, name: str, whose: str, *, new: bool = False) -> SecretStr:
    """The password of that name from where it is kept, else asked for without showing it. Raises ConfigError."""
    from pydantic import SecretStr

    from kobo_crc.config import kept_password

    kept = kept_password(name, settings.secrets)
    if kept is not None:
        return kept
    if not sys.stdin.isatty():
        raise ConfigError(
            f"There is no password for {whose}. Please set the environment variable {name}, or save it as "
            f"{settings.secrets / name.lower()}, or give the command in a terminal, which asks for it."
        )
    return SecretStr(typer.prompt(f"Password of {whose}'s workbooks", hide_input=True, confirmation_prompt=new))


def say_who_knows(knows: Sequence[Knows]) -> None:
    """Print who was told, what, in which way and when."""
    for one in knows:
        days = f"{one.first_at:%Y-%m-%d}" + (f" to {one.last_at:%Y-%m-%d}" if one.last_at > one.first_at else "")
        say(f"Told to {one.receiver} ({one.way}), {days}: {one.told}")
    if not knows:
        say("Nobody was told by way of a file from here.")


@contextmanager
def bars() -> Iterator[Bars]:
    """Progress bars for the work in the block."""
    from kobo_crc.bars import Bars

    with Bars() as drawn:
        yield drawn
