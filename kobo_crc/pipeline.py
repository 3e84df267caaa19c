"""Conducts the steps of a night as a pipeline file declares them, from pull to report. Computes nothing itself.

The order of commits across the two files: landing and cursor (vault), identities (vault), facts and mark (store, last).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial

import sqlalchemy as sa

from kobo_crc import holdings, landing, runs, sealed_files, store, vault, wishes
from kobo_crc.activities import recompute as activities
from kobo_crc.attachments import Keeper, Wish, note_problems
from kobo_crc.config import STEPS, Pipeline, Project, Settings, load_pipeline, reply_password
from kobo_crc.database.database import Database
from kobo_crc.database.keys import Keys
from kobo_crc.deploy import read_deployed
from kobo_crc.disclosure import Rule
from kobo_crc.errors import ConfigError, CrcError, SourceError
from kobo_crc.loading import Loader, load_gone
from kobo_crc.mirror import Caution, Mirror, Mirrored
from kobo_crc.model import Origin
from kobo_crc.normalise import Normaliser
from kobo_crc.opening import in_the_diary, opened, refuse_empty_vault, refuse_older_vault
from kobo_crc.outputs import report, worklists
from kobo_crc.outputs.problem_list import questions_of
from kobo_crc.people import links
from kobo_crc.progress import Progress, Silence
from kobo_crc.publish.publisher import Publisher, wish_of
from kobo_crc.publish.statuses import Holder
from kobo_crc.referrals import recompute
from kobo_crc.runs import Run
from kobo_crc.schema.facts import FACTS
from kobo_crc.sealed_files import FOLDER
from kobo_crc.sources.attached import choice_of
from kobo_crc.sources.faults import told_once
from kobo_crc.sources.http import Client, client_of
from kobo_crc.sources.kobo import Asset
from kobo_crc.sources.media import lookups_of
from kobo_crc.store import Lists
from kobo_crc.xlsform.lists import read_codes
from kobo_crc.xlsform.plan import plan
from kobo_crc.xlsform.read import read, read_with

LOAD_AT_ONCE = 1000
TABLES = {table.name: table for table in FACTS}


@dataclass(frozen=True, slots=True)
class Source:
    """One form in one project: where its submissions come from, and how they are read."""

    origin: Origin
    project: Project
    loader: Loader


def run(
    settings: Settings,
    name: str,
    *,
    progress: Progress | None = None,
    accept_deletions: bool = False,
    now: datetime | None = None,
) -> Run:
    """Run the pipeline `pipelines/NAME.toml` once; returns its row of the table `run`. Raises CrcError."""
    file = load_pipeline(settings, name)
    share = 1.0 if accept_deletions else file.accept_deletions
    with opened(settings) as database:
        refuse_older_vault(database)
        with in_the_diary(database, name, now or datetime.now(UTC)) as entry:
            Night(settings, file, database, entry, share, progress or Silence()).go()
    return entry


def load(settings: Settings, name: str, *, progress: Progress | None = None) -> Run:
    """Load what is landed and not loaded, and what follows from it, without asking a server."""
    file = load_pipeline(settings, name)
    steps = tuple(step for step in file.steps if step not in ("pull", "attachments", "publish"))
    file = file.model_copy(update={"steps": steps})
    with opened(settings) as database, in_the_diary(database, f"{name} (load)", datetime.now(UTC)) as entry:
        Night(settings, file, database, entry, 0.0, progress or Silence()).go()
    return entry


def rebuild(settings: Settings, name: str, *, progress: Progress | None = None) -> Run:
    """Drop everything that is made from the vault and make it again, without asking the server."""
    file = load_pipeline(settings, name).model_copy(update={"steps": STEPS})
    with opened(settings) as database, in_the_diary(database, f"{name} (rebuild)", datetime.now(UTC)) as entry:
        Night(settings, file, database, entry, 0.0, progress or Silence()).make()
    return entry


class Night:
    """One run of a pipeline: its steps, and what they did."""

    def __init__(
        self, settings: Settings, file: Pipeline, database: Database, entry: Run, share: float, progress: Progress
    ) -> None:
        self._settings, self._file, self._database = settings, file, database
        self._entry, self._share, self._progress = entry, share, progress
        self._loads = "load" in file.steps
        self._incomplete: list[str] = []
        self._remarks: list[str] = []
        self._faults: list[CrcError] = []

    def go(self) -> None:
        """Do the file's steps: pull what changed on the servers, and make from it what they ask for."""
        sources = self._sources()
        self._name(sources)
        self._heal(sources)
        self._tidy_files()
        if "pull" in self._file.steps:
            for source in sources:
                self._try(self._pull, source)
        if "attachments" in self._file.steps:
            for source in sources:
                self._try(self._keep_files, source)
        self._derive()
        if "publish" in self._file.steps:
            for source in sources:
                self._try(self._hand_out, source)
        if self._file.hold_doubtful:
            for source in sources:
                self._try(self._hold, source)
        self._finish()
        if self._faults:
            raise self._faults[0] if len(self._faults) == 1 else SourceError(told_once(self._faults))

    def make(self) -> None:
        """Make what the store has of the pipeline's forms, derived tables and report from the vault alone.

        The forms are read before anything is dropped. The store's marks go first: cut after that, all is stale.
        """
        sources = self._sources()
        refuse_empty_vault(self._database)
        self._name(sources)
        asset_uids = [source.origin.asset_uid for source in sources]
        with self._database.writing() as connection:
            store.clear(connection, asset_uids, holdings.newest_version(connection))
        with self._database.writing() as connection:
            vault.clear(connection, asset_uids)
        self._heal(sources)
        self._derive()
        self._finish()

    def _sources(self) -> list[Source]:
        lists = read_codes(self._settings.forms / "codes")
        codes = self._codes(lists)
        forms = {name: read_with(self._settings.forms / f"{name}.md", lists) for name in self._file.forms}
        plans = {name: plan(form, FACTS) for name, form in forms.items()}
        self._wish = wish_of(self._settings, lists, self._file.accept_shorter_lists)
        self._lookups = {name: lookups_of(form.rows) for name, form in forms.items()}
        self._questions = questions_of(forms.values())
        return [
            Source(origin, project, Loader(self._database, Normaliser(plans[origin.form], TABLES, codes, centres)))
            for project in self._file.projects
            for centres in (frozenset(project.centres),)
            for origin in origins_of(self._settings, self._file, project)
        ]

    def _codes(self, lists: Lists) -> dict[str, frozenset[str]]:
        """The codes of each list; the store's tables of them are in line with the lists from here on."""
        with self._database.reading() as connection:
            if codes := store.synced_codes(connection, lists, vault.kept_codes(connection)):
                return codes
            held = store.held_codes(connection)
        gone = store.gone_codes(held, lists, self._entry.started_at.date())
        with self._database.writing() as connection:
            kept = vault.keep_codes(connection, gone)
        with self._database.writing() as connection:
            return store.sync_codes(connection, lists, kept, held)

    def _name(self, sources: Iterable[Source]) -> None:
        """A form or project that the pipeline file calls otherwise now is called so in all its rows."""
        with self._database.writing() as connection:
            for source in sources:
                landing.source_of(connection, source.origin)
        with self._database.writing() as connection:
            for source in sources:
                store.name(connection, source.origin)

    def _try(self, step: Callable[[Source], None], source: Source) -> None:
        """Do a step for a project; its fault waits until the others had their turn."""
        try:
            step(source)
        except (SourceError, ConfigError) as fault:
            self._faults.append(fault)

    def _pull(self, source: Source) -> None:
        with closing(self._client(source.project)) as client:
            asset = Asset(client, source.origin.asset_uid, self._settings.page_size)
            now, caution = self._entry.started_at, Caution(self._share, self._file.full_sweep_days)
            mirror = Mirror(self._database, asset, source.origin, caution, now, self._progress)
            for batch in mirror.pull(source.loader.begin if self._loads else None):
                if batch and self._loads:
                    source.loader.load(batch)
        self._note(mirror.seen)

    def _client(self, project: Project) -> Client:
        return client_of(self._settings, project, self._entry.begun_s + 60 * self._file.at_most_minutes)

    def _tidy_files(self) -> None:
        """Seal what an earlier version kept bare, and remove what an erasure that was cut short left unopenable."""
        folder = self._settings.vault.parent / FOLDER
        sealed_files.seal_bare(self._database, folder)
        with self._database.reading() as connection:
            sealed_files.remove_strays(connection, folder)

    def _keep_files(self, source: Source) -> None:
        form = read(self._settings.forms / f"{source.origin.form}.md", self._settings.forms / "codes")
        choice = choice_of(form.rows, self._file.attachments)
        wish = Wish(choice, self._settings.vault.parent / FOLDER, self._file.attachment_days)
        with closing(self._client(source.project)) as client:
            done = Keeper(self._database, client, wish, self._entry.started_at).keep(source.origin, self._progress)
        if done.incomplete:
            self._incomplete.append(f"{source.origin.form} ({source.origin.project}): {done.incomplete}")

    def _note(self, seen: Mirrored) -> None:
        entry = self._entry
        entry.new_count += seen.new
        entry.changed_count += seen.changed
        entry.deleted_count += seen.deleted
        entry.server_count += seen.server_count
        with self._database.reading() as connection:
            held = store.live_count(connection, seen.origin.asset_uid)
            earlier = holdings.earlier_count(connection, seen.origin.asset_uid)
            erased = holdings.erased_count(connection, seen.origin.asset_uid)
        entry.store_count += held
        self._remarks += seen.remarks
        if seen.new_versions:  # what came on a version not known until now is judged anew
            with self._database.writing() as connection:
                store.count_write(connection)
        what = f"{seen.origin.form} ({seen.origin.project})"
        if seen.incomplete:
            self._incomplete.append(f"{what}: {seen.incomplete}.")
        elif self._loads and held != seen.server_count + earlier - erased:
            counts = f"the server has {seen.server_count} submissions, the store {held - earlier + erased}"
            self._incomplete.append(f"{what}: {counts}. Please run `kobo-crc verify` if the next night says so too.")

    def _heal(self, sources: Sequence[Source]) -> None:
        """Load what a cut run, a changed form, a changed code list or an erasure left stale."""
        if self._loads:
            load_gone(self._database, [source.origin.asset_uid for source in sources])
        for source in sources if self._loads else ():
            last = 0
            while ids := self._stale(source, last):
                with self._database.reading() as connection:
                    batch = list(holdings.newest(connection, self._database.keys, ids))
                source.loader.load(batch)
                self._entry.reloaded_count += len(batch)
                last = ids[-1]

    def _stale(self, source: Source, above: int) -> list[int]:
        with self._database.reading() as connection:
            return store.stale(connection, source.origin, source.loader.digest, above=above, limit=LOAD_AT_ONCE)

    def _derive(self) -> None:
        if "derive" in self._file.steps:
            with self._database.writing() as connection:
                derive(connection, self._database.keys)

    def _hand_out(self, source: Source) -> None:
        """Bring the form's lists to the tablets; one that waits is told of."""
        publisher = Publisher(self._database, self._wish, self._entry.started_at)
        with closing(self._client(source.project)) as client:
            handouts = publisher.publish(client, source.origin, source.project, self._lookups[source.origin.form])
        self._remarks += [str(handout) for handout in handouts if handout.verdict not in ("send", "same")]

    def _hold(self, source: Source) -> None:
        """Put submissions with answers to correct on hold on the server, and take off what was corrected."""
        with closing(self._client(source.project)) as client:
            steps = Counter(step.act for step in Holder(self._database).hold(client, source.origin))
        if steps:
            what = f"{source.origin.form} ({source.origin.project})"
            self._remarks.append(f"{what}: {steps['hold']} put on hold, {steps['clear']} taken off hold.")

    def _finish(self) -> None:
        outcome = runs.FAILED if self._faults else runs.INCOMPLETE if self._incomplete else runs.OK
        with self._database.writing() as connection:
            note = " ".join([*map(str, self._faults), *self._incomplete, *self._remarks])
            runs.end(connection, self._entry, outcome, note)
        if "report" in self._file.steps:
            self._report()
        if "worklists" in self._file.steps:
            self._list_work()

    def _report(self) -> None:
        with self._database.reading() as connection:
            settings, rule = self._settings, Rule(self._settings.small_below, self._settings.rounded_to)
            calendar, language = self._wish.calendar, settings.language
            report.build(connection, settings.report, run=self._entry, language=language, calendar=calendar, rule=rule)

    def _list_work(self) -> None:
        settings = self._settings
        passwords = partial(reply_password, folder=settings.secrets)
        maker = worklists.Maker(settings.worklists, settings.language, self._entry.started_at, passwords)
        with self._database.reading() as connection:
            books = worklists.build(connection, maker, self._wish.calendar, self._questions)
        with self._database.writing() as connection:
            worklists.remember(connection, self._database.keys, books, self._entry.started_at)
        worklists.put(maker, books)


def derive(connection: sa.Connection, keys: Keys) -> None:
    """Work out what spans submissions, where anything has changed."""
    if not recompute.is_current(connection):
        links.recompute(connection, keys)
        recompute.recompute(connection)
        activities.recompute(connection)
        wishes.recompute(connection)
    note_problems(connection)


def origins_of(settings: Settings, file: Pipeline, project: Project) -> list[Origin]:
    """Where each of the pipeline's forms is in that project. ConfigError for a form that is nowhere."""
    deployed = read_deployed(settings.deployed).get(project.name, {})
    known = {form: entry.asset_uid for form, entry in deployed.items()} | project.assets
    for form in file.forms:
        if form not in known:
            raise ConfigError(
                f"The form {form} of pipeline {file.name} has not been deployed in project {project.name}. Please run "
                f"`kobo-crc deploy`, or write its uid as `assets` into pipelines/{file.name}.toml."
            )
    return [Origin(form, project.name, known[form]) for form in file.forms]
