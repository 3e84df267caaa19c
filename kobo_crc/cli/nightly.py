"""The night itself: run a pipeline, or make the store again from the vault."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from kobo_crc.cli.words import HERE, Folder, bars, say, settings_of
from kobo_crc.errors import ConfigError

if TYPE_CHECKING:
    from kobo_crc.runs import Run

commands = typer.Typer()


@commands.command()
def run(
    pipeline: Annotated[str, typer.Argument(help="The file's name in pipelines/, without .toml.")],
    folder: Folder = HERE,
    accept_deletions: Annotated[
        bool, typer.Option("--accept-deletions", help="Believe a large fall in the number of submissions, this once.")
    ] = False,
) -> None:
    """Pull what changed on the server into the store, and make the report.

    What came of it stands in logs/ too, and is sent to whoever the settings name when it fails or work is overdue.

    Example: `kobo-crc run nightly`
    """
    from functools import partial

    from kobo_crc.watched import run as run_watched

    tell = partial(say, error=True)
    with bars() as progress:
        entry = run_watched(
            settings_of(folder), pipeline, progress=progress, tell=tell, accept_deletions=accept_deletions
        )
    say(_summary(entry))


@commands.command()
def rebuild(
    pipeline: Annotated[str, typer.Argument(help="The file's name in pipelines/, without .toml.")],
    folder: Folder = HERE,
) -> None:
    """Make the store again from the vault, without asking the server.

    Example: `kobo-crc rebuild nightly`
    """
    from kobo_crc.pipeline import rebuild as rebuild_pipeline

    with bars() as progress:
        entry = rebuild_pipeline(settings_of(folder), pipeline, progress=progress)
    say(f"Made again from the vault: {entry.reloaded_count} submissions, {entry.problem_count} problems.")


@commands.command()
def summary(
    folder: Folder = HERE,
    pipeline: Annotated[str, typer.Option(help="The file's name in pipelines/, without .toml.")] = "nightly",
    send: Annotated[
        bool, typer.Option("--send", help="Send it too, by mail and webhook, to see that it arrives.")
    ] = False,
) -> None:
    """Show how many referrals are overdue or due in each centre, as the summary of a night tells it. No names.

    Example: `kobo-crc summary --send`
    """
    from kobo_crc import notices
    from kobo_crc.watched import summary as summary_of

    settings = settings_of(folder)
    notice = summary_of(settings, pipeline)
    say(f"{notice.subject}\n{notice.body}")
    if send and not notices.has_ways(settings):
        raise ConfigError(
            "Nothing was sent: there is neither a mail_server in kobo_crc.toml nor an address in KOBO_CRC_WEBHOOK_URL. "
            "Please set one of them."
        )
    failures = notices.send(settings, notice) if send else []
    for sentence in failures:
        say(sentence, error=True)
    if failures:
        raise typer.Exit(1)


def _summary(entry: Run) -> str:
    words = (
        f"{entry.new_count} new, {entry.changed_count} changed, {entry.deleted_count} deleted, "
        f"{entry.reloaded_count} read again; {entry.store_count} submissions here, {entry.server_count} on the server; "
        f"{entry.problem_count} problems (kobo-crc problems)"
    )
    return f"{'OK' if entry.outcome == 'ok' else 'Incomplete'}: {words}" + (f"\n{entry.note}" if entry.note else "")
