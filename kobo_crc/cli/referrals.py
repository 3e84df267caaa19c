"""Referrals in the terminal: one with its history, or those that wait. Numbers, codes and days; never a name."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from kobo_crc.cli.words import HERE, Folder, refuse_unknown, say, settings_of

if TYPE_CHECKING:
    from datetime import datetime

    from kobo_crc.referrals.calendar import Outlook
    from kobo_crc.referrals.history import History

commands = typer.Typer(no_args_is_help=True, help="Referrals: one with its history, or those that are overdue.")
HIDDEN = "(sensitive)"


@commands.command()
def show(
    reference: Annotated[str, typer.Argument(metavar="REF", help="The referral's number, as on the slip.")],
    folder: Folder = HERE,
) -> None:
    """Show where a referral stands, what is awaited, and what was told of it. Of a sensitive one codes and days alone.

    Example: `kobo-crc referral show 201234567879`
    """
    from kobo_crc.enquiries import referral

    now = _now()
    found = referral(settings_of(folder), now, reference)
    for name, value in _lines(found, now):
        say(f"{name:<10}{value}")
    for told in found.told:
        by = "reply" if told.server_id is None else f"_id {told.server_id}"
        more = " · ".join(part for part in (told.reason_code, told.reported_by_code, by) if part)
        say(f"  {told.event_on or 'no day'!s:<12}{told.event_code} · {more}")


@commands.command("list")
def list_referrals(
    folder: Folder = HERE,
    overdue: Annotated[bool, typer.Option("--overdue", help="Only those whose limit has passed.")] = False,
    centre: Annotated[str, typer.Option(help="Only those of this centre, by its code.")] = "",
    receiver: Annotated[str, typer.Option(help="Only those to this organisation, by its code.")] = "",
    priority: Annotated[str, typer.Option(help="Only those of this priority, by its code.")] = "",
    limit: Annotated[int, typer.Option(help="At most so many.", min=1)] = 50,
) -> None:
    """List open referrals, the longest due first. A sensitive one shows neither service nor receiver.

    Example: `kobo-crc referral list --overdue --centre baiji`
    """
    from kobo_crc.enquiries import Wanted, open_referrals
    from kobo_crc.referrals.lifecycle import day_of

    settings, now = settings_of(folder), _now()
    refuse_unknown(settings, centre=centre, organization=receiver, priority=priority)
    wanted = Wanted(overdue, centre, receiver, priority)
    found = list(open_referrals(settings, now, wanted))
    for one in found[:limit]:
        service = HIDDEN if one.sensitive else f"{one.service_code or '-'} · {one.receiver_code or '-'}"
        late = f", {days} days late" if (days := one.days_late(day_of(now))) else ""
        say(
            f"{one.reference_code} · {one.centre_code or '-'} · {service} · {one.priority_code or '-'} · "
            f"{one.state_code} since {one.state_on} · {_awaited(one.outlook)}{late}"
        )
    say(f"{len(found)} referrals" + (f", the first {limit} shown" if len(found) > limit else ""))


@commands.command()
def letter(
    reference: Annotated[str, typer.Argument(metavar="REF", help="The referral's number, as on the slip.")],
    purpose: Annotated[str, typer.Option("--purpose", help="Why, in your own words, for the audit. No names.")],
    folder: Folder = HERE,
    language: Annotated[str, typer.Option(help="ar, ckb or en; else the receiver's, or that of the settings.")] = "",
    out: Annotated[Path | None, typer.Option("--out", help="The file to write; else in worklists/letters.")] = None,
) -> None:
    """Write the letter to print for a referral's receiver: name and phone only as far as the person agreed.

    Opens the vault for this referral alone. A sensitive one's letter has the number only. The next night removes it.

    Example: `kobo-crc referral letter 201234567879 --purpose "handed to the legal aid office" --language ar`
    """
    from kobo_crc.cli.words import language_of
    from kobo_crc.outreach import Asked
    from kobo_crc.outreach import letter as write_letter

    settings, now = settings_of(folder), _now().replace(microsecond=0)
    made = write_letter(settings, Asked(reference, purpose, language_of(language), out), now)
    say(f"{made.path}: tells {', '.join(('the number', *made.told))}. Please print it and delete the file.")


@commands.command()
def told(
    reference: Annotated[str, typer.Argument(metavar="REF", help="The referral's number, as on the slip.")],
    purpose: Annotated[str, typer.Option("--purpose", help="Why, in your own words, for the audit. No names.")],
    folder: Folder = HERE,
) -> None:
    """List who was told of a referral, what and when: whom to tell when the person takes the consent back.

    Example: `kobo-crc referral told 201234567879 --purpose "consent was taken back"`
    """
    from kobo_crc.cli.words import say_who_knows
    from kobo_crc.outreach import told as who_was_told

    say_who_knows(who_was_told(settings_of(folder), reference, purpose, _now().replace(microsecond=0)))


def _lines(found: History, now: datetime) -> list[tuple[str, str]]:
    from kobo_crc.referrals.lifecycle import day_of

    awaited = [("awaited", _awaited(found.outlook))] if found.outlook else []
    imputed = f", {found.imputed_count} steps in between that nobody told" if found.imputed_count else ""
    lines = [
        ("referral", f"{found.reference_code} · _id {found.server_id}"),
        ("centre", found.centre_code),
        ("service", HIDDEN if found.sensitive else found.service_code),
        ("receiver", HIDDEN if found.sensitive else found.receiver_code),
        ("priority", found.priority_code),
        ("state", f"{found.state_code} since {found.state_on}{imputed}"),
        ("sent", str(day_of(found.sent_at)) if found.sent_at else "not sent"),
        *awaited,
        ("follows", found.previous_reference_code),
        ("followed", found.next_reference_code and f"by {found.next_reference_code}"),
        ("problems", ", ".join(found.problems)),
    ]
    return [(name, value) for name, value in lines if value]


def _awaited(outlook: Outlook) -> str:
    by = f"{outlook.stage} by {outlook.due.on}" if outlook.due else f"{outlook.stage}, no limit"
    silent = ", never answered" if outlook.no_response else ""
    return by + silent + (", overdue" if outlook.overdue else "")


def _now() -> datetime:
    from datetime import UTC, datetime

    return datetime.now(UTC).replace(tzinfo=None)
