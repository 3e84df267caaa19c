"""What is held of one person: shown, handed out, erased. Each opening of the vault is written into the audit."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from kobo_crc.cli.words import HERE, Folder, bars, now_utc, say, say_who_knows, settings_of, stated

commands = typer.Typer(no_args_is_help=True, help="What is held of one person: show, export or erase it.")

Card = Annotated[str, typer.Argument(help="The number of the person's card.")]
Purpose = Annotated[
    str, typer.Option("--purpose", callback=stated, help="Why, in your own words, for the audit. No names.")
]
Pipeline = Annotated[str, typer.Option(help="Whose projects and forms.")]
# What an officer's login on a server gets.
OWN_PART = (
    "This is what your own centres hold under that number. For all that is held of the person, please have the command "
    "given where the nights run."
)


@commands.command()
def show(card: Card, purpose: Purpose, folder: Folder = HERE) -> None:
    """List which submissions name the person, without what they say, and who was told of the person.

    Example: `kobo-crc person show 101234567884 --purpose "asked at the desk in Baiji"`
    """
    from kobo_crc.erasure import MENTIONED, card_of, look, traced, who_knows
    from kobo_crc.opening import opened

    settings, number = settings_of(folder), card_of(card)
    with opened(settings, to_officers=True) as database:
        held = look(database, number, purpose, "person show", now_utc())
        knows = who_knows(database, traced(database, number)) if database.centres is None else None
    for one in held:
        gone = "" if one.answers is not None or one.about == MENTIONED else "; nothing of it is shown any more"
        say(f"{one.form} in {one.project}, _id {one.server_id}: names {one.about}{gone}")
    say(f"{len(held)} submissions name this card." if held else "No submission names this card.")
    if knows is None:
        say(OWN_PART)
        say("Who was told of the person is known there too.")
    else:
        say_who_knows(knows)


@commands.command()
def export(
    card: Card,
    purpose: Purpose,
    into: Annotated[Path, typer.Option("--into", help="The file to write; it holds everything in the clear.")],
    folder: Folder = HERE,
) -> None:
    """Write what is held of the person into a JSON file, with the files in a folder beside, to hand to that person.

    Example: `kobo-crc person export 101234567884 --purpose "asked for a copy" --into copy.json`
    """
    import orjson

    from kobo_crc.erasure import card_of, files_into, look
    from kobo_crc.opening import opened
    from kobo_crc.outputs.files import write

    settings, number = settings_of(folder), card_of(card)
    with opened(settings, to_officers=True) as database:
        centres = database.centres
        held = look(database, number, purpose, "person export", now_utc())
        files = files_into(database, settings, number, into.with_name(f"{into.stem}-files"))
    path = write(into, orjson.dumps(held, option=orjson.OPT_INDENT_2), now=datetime.now(), private=True)
    if files:
        say(f"{len(files)} files are in {files[0].parent}, in the clear.")
    say(f"{len(held)} submissions are in {path}, in the clear. Please give it to that person, and delete the file.")
    if centres is not None:
        say(f"No files are with it. {OWN_PART}")


@commands.command()
def erase(
    card: Card,
    purpose: Purpose,
    folder: Folder = HERE,
    pipeline: Pipeline = "nightly",
    on_server: Annotated[bool, typer.Option("--on-server", help="Delete them in KoboToolbox too.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask again.")] = False,
) -> None:
    """Erase what is held of the person, for good: in vault, store, report, worklists and fetched files.

    Submissions that name others too lose this person's part only. Backups made before still hold it until they expire.
    Ends with the list of those who were told of the person, who have to be asked to destroy it too.

    Example: `kobo-crc person erase 101234567884 --purpose "withdrew consent" --on-server`
    """
    from kobo_crc import erasure
    from kobo_crc.config import load_pipeline
    from kobo_crc.opening import opened
    from kobo_crc.pipeline import load

    settings, number = settings_of(folder), erasure.card_of(card)
    projects = load_pipeline(settings, pipeline).projects
    if not yes:
        typer.confirm("This cannot be undone. Erase everything that is held of this card?", abort=True)
    with opened(settings) as database:
        found = erasure.erase(database, settings, number, purpose, now_utc())
    with bars() as progress:
        load(settings, pipeline, progress=progress)
    with opened(settings) as database:
        database.scrub()
        deleted = list(erasure.delete_on_server(database, settings, projects, number, now_utc())) if on_server else []
        knows = erasure.who_knows(database, found)
        mentions = erasure.mentions(database, found)
    own, shared = sum(len(one.own) for one in found), sum(len(one.shared) for one in found)
    say(
        f"Erased: {own} submissions whole, the person's part of {shared}, older versions of "
        f"{sum(len(one.earlier) for one in found)}."
    )
    if len(found) > 1:
        say(f"That was of {len(found)} cards, which somebody had joined.")
    for form, server_id, fault in deleted:
        say(f"{form} _id {server_id} on the server: {fault or 'deleted'}")
    for one in mentions:
        say(f"{one.form} _id {one.server_id} has the card's number within a longer answer, and was left as it is.")
    if mentions:
        say("Whom that is about a program cannot tell. Please look and take it out there by hand: kobo-crc open ID")
    if shared:
        say("The server still has the person's part of the others. Please take it out there by hand: kobo-crc open ID")
    if not on_server and own:
        say("The server still has what was erased here. To delete it there too, run this again with --on-server.")
    say_who_knows(knows)
    if knows:
        say("Please tell them that the person's data is to be destroyed, and have them confirm it.")
    if any(fault for _, _, fault in deleted):
        raise typer.Exit(1)
