"""What ends: data whose time is over, and the work of somebody who leaves."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from kobo_crc.cli.words import HERE, Folder, bars, now_utc, say, settings_of, stated
from kobo_crc.errors import ConfigError

if TYPE_CHECKING:
    from kobo_crc.config import Settings
    from kobo_crc.retention import Overdue

commands = typer.Typer()


@commands.command()
def retention(
    folder: Folder = HERE,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say how much would go, and erase nothing.")] = False,
    on_server: Annotated[bool, typer.Option("--on-server", help="Delete it in KoboToolbox too.")] = False,
    pipeline: Annotated[str, typer.Option(help="Whose projects and forms.")] = "nightly",
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask again, as in a schedule.")] = False,
) -> None:
    """Erase what is kept past its time, by the months that kobo_crc.toml gives each purpose (keep_…). Counts, no names.

    A person's time runs from the last submission that names them or tells of their referrals, and not while a referral
    is open. What is erased goes as with `person erase`, for good.

    Example: `kobo-crc retention --dry-run`
    """
    from kobo_crc.config import load_pipeline
    from kobo_crc.opening import opened
    from kobo_crc.retention import erase, find

    settings = settings_of(folder)
    load_pipeline(settings, pipeline)
    with opened(settings) as database:
        due = find(database, settings, now_utc())
    _tell(due)
    if dry_run:
        return
    if due:
        if not yes:
            typer.confirm("This cannot be undone. Erase all of it?", abort=True)
        with opened(settings) as database:
            knows = erase(database, settings, find(database, settings, now_utc()), now_utc())
        _follow(settings, pipeline)
        for told in knows:
            last = f"{told.times} times, the last on {told.last_at:%Y-%m-%d}"
            say(f"{told.receiver} was told of people erased now ({told.way}), {last}. Please ask them to destroy it.")
    if on_server:
        _delete_on_server(settings, pipeline)


@commands.command()
def offboard(
    staff: Annotated[str, typer.Argument(metavar="STAFF", help="The code, as in forms/codes/staff.csv.")],
    folder: Folder = HERE,
    last_day: Annotated[str, typer.Option(help="The last day of work, such as 2026-11-30; else today.")] = "",
    keep_key: Annotated[
        bool, typer.Option("--keep-key", help="The person never had the vault's key or copies.")
    ] = False,
) -> None:
    """Close the code of somebody who leaves, seal the vault under a new key, and list what to change by hand.

    Forms that are sent under the code for later days become problems. The recovery sheets are made anew.

    Example: `kobo-crc offboard mjd_03 --last-day 2026-11-30`
    """
    from kobo_crc import offboard as leaving
    from kobo_crc.cli.vault import write_sheets_of
    from kobo_crc.opening import opened

    settings, now = settings_of(folder), now_utc()
    last_on = _day(last_day, settings)
    with opened(settings) as database:
        done = leaving.offboard(database, settings, staff, last_on, now, rekey=not keep_key)
    say(f"The code {staff} ends on {done.last_on}. Whoever uses it later becomes a problem.")
    if done.key is not None:
        say(f"The vault is sealed under the key {done.key.key.key_id} now, kept in {done.key.place}.")
        write_sheets_of(folder, done.key.key)
    say("By hand, please:")
    for line in leaving.by_hand(settings):
        say(f"- {line}")


@commands.command()
def handover(
    receiver: Annotated[str, typer.Option("--to", help="The organisation's code, as in forms/codes/organization.csv.")],
    purpose: Annotated[
        str, typer.Option("--purpose", callback=stated, help="Why, and under which agreement, for the audit. No names.")
    ],
    folder: Folder = HERE,
    into: Annotated[Path, typer.Option("--into", help="Where the new folder handover-… is made.")] = HERE,
) -> None:
    """Write what an organisation needs to take the centres over: forms, dictionary, directory, figures, an empty store.

    People go along only where they agreed to that, for this organisation, in an answer of its own, and then in a
    workbook under the organisation's password.

    Example: `kobo-crc handover --to jcmc --purpose "agreement of 2026-12-01"`
    """
    from kobo_crc.handover import hand_over

    done = hand_over(settings_of(folder), receiver, purpose, into, now_utc())
    say(f"{done.folder}: forms, dictionary, directory, {done.months} months of published figures, an empty store.")
    if done.people:
        say(f"people.xlsx has {done.people} cards of people who agreed. Please tell the password another way.")
    else:
        say("No rows about people: nobody has agreed to be passed on to this organisation.")


def _day(typed: str, settings: Settings) -> date:
    """The day that was typed, or today at the centres."""
    from zoneinfo import ZoneInfo

    if not typed:
        return datetime.now(ZoneInfo(settings.time_zone)).date()
    try:
        return date.fromisoformat(typed)
    except ValueError:
        raise ConfigError("--last-day is no day. Please write it like 2026-11-30.") from None


def _tell(due: Overdue) -> None:
    lines = due.lines()
    for line in lines:
        waiting = f"; {line.waiting} more wait for an open referral or complaint" if line.waiting else ""
        say(f"{line.purpose} · {line.centre_code or '-'} · {line.cases} in {line.submissions} submissions{waiting}")
    for told in due.told_lines():
        say(f"told · {told.receiver} ({told.way}) · {told.times} times, the last on {told.last_at:%Y-%m-%d}")
    say(
        f"{sum(line.cases for line in lines)} cases are past their time."
        if lines or due
        else "Nothing is past its time."
    )


def _follow(settings: Settings, pipeline: str) -> None:
    """The store, the report and the worklists made anew from what is left."""
    from kobo_crc.opening import opened
    from kobo_crc.pipeline import load

    with bars() as progress:
        load(settings, pipeline, progress=progress)
    with opened(settings) as database:
        database.scrub()
    say("Erased. Backups made before still hold it until they expire.")


def _delete_on_server(settings: Settings, pipeline: str) -> None:
    from kobo_crc.config import load_pipeline
    from kobo_crc.erasure import delete_overdue_on_server
    from kobo_crc.opening import opened

    projects = load_pipeline(settings, pipeline).projects
    with opened(settings) as database:
        deleted = list(delete_overdue_on_server(database, settings, projects, now_utc()))
    faults = [(form, server_id, fault) for form, server_id, fault in deleted if fault]
    say(f"{len(deleted) - len(faults)} submissions were deleted on the server.")
    for form, server_id, fault in faults:
        say(f"{form} _id {server_id} on the server: {fault}", error=True)
    if faults:
        raise typer.Exit(1)
