"""The night's lists with names and phones, for who has to call: always under a password, always for a purpose."""

from __future__ import annotations

from typing import Annotated

import typer

from kobo_crc.cli.words import HERE, Folder, now_utc, password_of, refuse_unknown, say, settings_of
from kobo_crc.errors import ConfigError

commands = typer.Typer()


@commands.command()
def worklist(
    purpose: Annotated[str, typer.Option("--purpose", help="Why, in your own words, for the audit. No names.")],
    folder: Folder = HERE,
    centre: Annotated[str, typer.Option(help="For this centre, by its code.")] = "",
    receiver: Annotated[str, typer.Option(help="For this organisation, by its code.")] = "",
    contacts: Annotated[bool, typer.Option("--contacts", help="With names and phones: opens the vault.")] = False,
) -> None:
    """Write a call list: the night's lists with names and phones, under the password of its centre or receiver.

    Only what people agreed to; restrictions stand before the phone; nobody of a sensitive referral. The lists without
    names are written every night into worklists/, which is also where the next night removes this one from.

    Example: `kobo-crc worklist --centre baiji --contacts --purpose "calls about overdue referrals"`
    """

    from kobo_crc.config import centre_password_name, password_name
    from kobo_crc.ledger import refuse_no_purpose
    from kobo_crc.outreach import Calls, call_list

    if bool(centre) == bool(receiver):
        raise ConfigError("A call list is for one reader. Please give either --centre or --receiver, with its code.")
    if not contacts:
        raise ConfigError(
            "The lists without names are in the folder worklists, made anew every night. For one with names and "
            "phones, please add --contacts."
        )
    settings = settings_of(folder)
    refuse_no_purpose(purpose)
    refuse_unknown(settings, centre=centre, organization=receiver)
    calls = Calls("centre", centre, purpose) if centre else Calls("organization", receiver, purpose)
    name = centre_password_name(centre) if centre else password_name(receiver)
    password = password_of(settings, name, calls.code, new=True)
    made = call_list(settings, calls, password, now_utc())
    say(f"{made.path}: {made.count} referrals, {made.named} with name or phone, under the password.")
    say("Please tell the password another way than the file.")
