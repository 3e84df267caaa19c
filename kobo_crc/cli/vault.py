"""The vault's key: made, looked at, changed, recovered. No command takes or shows the key itself."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from kobo_crc.cli.words import HERE, Folder, now_utc, say, settings_of

if TYPE_CHECKING:
    from kobo_crc.sealing import MasterKey

commands = typer.Typer()
vault = typer.Typer(no_args_is_help=True, help="The vault's key: make, look at, change and recover it.")
commands.add_typer(vault, name="vault")

Keyring = Annotated[bool, typer.Option("--keyring", help="Keep the key in this computer's keyring, not as a file.")]


@vault.command("init")
def init(folder: Folder = HERE, keyring: Keyring = False) -> None:
    """Make the vault's key and its recovery sheets, and seal what the vault holds.

    Without the key nobody reads names, phones or answers, and nobody can without the two sheets if it is lost. A key
    that is kept already (KOBO_CRC_VAULT_KEY, or the file kobo_crc_vault_key of the secrets folder) is taken.

    Example: `kobo-crc vault init`
    """
    from kobo_crc import custody
    from kobo_crc.opening import locked

    settings = settings_of(folder)
    with locked(settings) as database:
        found = custody.set_up(database, settings, now_utc())
    if keyring:
        found = custody.keep_in_keyring(settings, found.key)
    say(f"The vault is sealed under the key {found.key.key_id}, kept in {found.place}.")
    write_sheets_of(folder, found.key)


@vault.command("status")
def status(folder: Folder = HERE) -> None:
    """Say which key the vault is sealed under, where it is kept, and how many submissions it seals.

    Example: `kobo-crc vault status`
    """
    from kobo_crc import custody
    from kobo_crc.opening import locked

    settings = settings_of(folder)
    with locked(settings) as database:
        found = custody.open_vault(database, settings)
        held = custody.state_of(database)
    say(f"Sealed under the key {found.key.key_id} since {held.since:%Y-%m-%d}, kept in {found.place}.")
    say(f"{held.submissions} submissions are sealed, each under a key of its own; {held.retired} keys were retired.")
    if found.key.demo:
        say("This key was made by the demo and protects nobody.")


@vault.command("rotate")
def rotate(folder: Folder = HERE) -> None:
    """Seal the vault under a new key, for example when somebody left who knew the old one.

    Backups made before stay sealed under the old key: keep its sheets until they have expired.

    Example: `kobo-crc vault rotate`
    """
    from kobo_crc import custody
    from kobo_crc.opening import opened

    settings = settings_of(folder)
    with opened(settings) as database:
        before = database.keys.master
        found, count = custody.rotate(database, settings, now_utc())
    say(f"{count} submissions are sealed under the key {found.key.key_id} now, kept in {found.place}.")
    say(f"The key {before.key_id} opens nothing here any more. Please remove it wherever else you keep it.")
    write_sheets_of(folder, found.key)


@vault.command("recover")
def recover(folder: Folder = HERE) -> None:
    """Bring a lost key back from the two halves of its recovery sheets.

    Example: `kobo-crc vault recover`, then type what stands on the sheets
    """
    from kobo_crc import custody
    from kobo_crc.opening import locked

    settings = settings_of(folder)
    halves = (typer.prompt("The half on one sheet"), typer.prompt("The half on the other sheet"))
    with locked(settings) as database:
        found = custody.recover(database, settings, halves)
    say(f"The key {found.key.key_id} is back, kept in {found.place}.")


def write_sheets_of(folder: Path, key: MasterKey) -> None:
    """The key's two halves as files to print, beside the settings."""
    from kobo_crc.outputs.recovery import write_sheets

    paths = write_sheets(folder, key, now_utc().date())
    say(
        f"Please print {paths[0]} and {paths[1]}, seal each in an envelope, give them to two people, and delete both "
        "files. Without them a lost key cannot be brought back, and what the vault holds is lost with it."
    )
