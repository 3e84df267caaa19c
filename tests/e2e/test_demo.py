"""The demo's people all the way: what was put in wrong is what the problems name, and nothing personal leaks."""

from __future__ import annotations

import re
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import sqlalchemy as sa
from pydantic import SecretStr

from kobo_crc import demo, disclosed, holdings, vault
from kobo_crc.config import load_settings
from kobo_crc.database.metadata import DATA_KEY, SUBMISSION
from kobo_crc.errors import ConfigError
from kobo_crc.exports.model import Notes
from kobo_crc.exports.workbook import rows_of_workbook
from kobo_crc.outputs import contacts
from kobo_crc.outputs.locked import unlocked
from kobo_crc.outputs.report import texts
from kobo_crc.progress import Silence
from kobo_crc.simulator.population import dirt
from kobo_crc.simulator.population.activity_answers import ACTIVITY_SHARES
from kobo_crc.simulator.population.delivery import Filled, deliver
from kobo_crc.xlsform.form import Form
from kobo_crc.xlsform.read import read
from tests.e2e.centre import unsealed
from tests.exports.maker import Layout, write_export

SHIPPED = Path(__file__).parents[2] / "forms"

# What each kind of dirt must be named as, for the submission that carries it.
NAMED = {
    dirt.IMPOSSIBLE_DATE: {"value_not_date", "date_in_future", "date_too_early"},
    dirt.UNKNOWN_CODE: {"code_unknown"},
    dirt.BAD_PHONE: {"phone_invalid"},
    dirt.WRONG_CLOCK: {"clock_wrong"},
    dirt.ORPHAN_FOLLOW_UP: {"followup_orphan"},
    dirt.REPEATED_REGISTRATION: {"person_registered_twice"},
    dirt.CODE_COLLISION: {"reference_code_repeated"},
}


@dataclass
class Played:
    """The folder of a demo, what its tablets sent, and what it said."""

    folder: Path
    sent: list[Filled] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    outcome: demo.Outcome | None = None

    def rows(self, query: str, file: str = "store.db") -> list[tuple[object, ...]]:
        connection = sqlite3.connect(self.folder / file)
        try:
            return connection.execute(query).fetchall()
        finally:
            connection.close()

    def opened(self) -> dict[str, list[tuple[Any, ...]]]:
        """The rows of the vault that are sealed."""
        with unsealed(load_settings(self.folder / "kobo_crc.toml")) as database, database.reading() as connection:
            numbers = connection.execute(sa.select(DATA_KEY.c.submission_id)).scalars()
            return vault.opened(connection, database.keys, list(numbers))

    def landed(self, form: str) -> Iterator[Mapping[str, Any]]:
        """What the server said last of each live submission of the form."""
        with unsealed(load_settings(self.folder / "kobo_crc.toml")) as database, database.reading() as connection:
            numbers = sa.select(SUBMISSION.c.submission_id).where(SUBMISSION.c.form == form)
            ids = list(connection.execute(numbers.order_by(SUBMISSION.c.server_id)).scalars())
            for one in holdings.newest(connection, database.keys, ids):
                if one.submission is not None:
                    yield one.submission.payload


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Played:
    played = Played(tmp_path_factory.mktemp("demo") / "عرض")
    send: Callable[..., int] = deliver

    def watched(actions: object, *rest: object) -> int:
        return send(_noted(actions, played.sent), *rest)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(demo, "deliver", watched)
        patch.setenv("KOBO_CRC_TOKEN", "a-real-token-that-must-not-be-sent")
        played.outcome = demo.play(played.folder, submissions=400, seed=11, progress=Silence(), say=played.said.append)
    return played


def _noted(actions: object, sent: list[Filled]) -> object:
    for action in actions:  # type: ignore[attr-defined]
        sent.append(action)
        yield action


def test_demo__dirt_put_in__is_named_at_the_submission_that_carries_it(played: Played) -> None:
    problems = played.rows("SELECT root_uuid, code FROM problem JOIN submission USING (submission_id)")
    named: dict[object, set[object]] = {}
    for root, code in problems:
        named.setdefault(root, set()).add(code)
    deleted = {filled.root_uuid for filled in played.sent if not filled.instance_xml}
    carried = Counter(kind for filled in played.sent if filled.root_uuid not in deleted for kind in filled.dirty)
    assert set(carried) == set(NAMED)
    for filled in played.sent:
        for kind in filled.dirty:
            if filled.root_uuid not in deleted:
                assert named.get(filled.root_uuid, set()) & NAMED[kind], (kind, filled.form)


def test_demo__clean_submissions__have_no_problem_of_their_own(played: Played) -> None:
    clean = {filled.root_uuid for filled in played.sent} - {filled.root_uuid for filled in played.sent if filled.dirty}
    problems = played.rows(
        "SELECT root_uuid, code FROM problem JOIN submission USING (submission_id) WHERE step = 'normalise'"
    )
    assert [code for root, code in problems if root in clean] == []


def test_demo__both_nights__end_with_what_the_server_has(played: Played) -> None:
    assert played.outcome is not None
    live = len({filled.root_uuid for filled in played.sent}) - sum(not filled.instance_xml for filled in played.sent)
    assert played.outcome.submissions == live
    nights = [line for line in played.said if "night" in line]
    assert len(nights) == 2
    for night in nights:
        assert re.search(r"(\d+) here, \1 on the server", night)


def test_demo__other_activities__are_in_their_tables_as_sent(played: Played) -> None:
    sent = Counter(filled.form for filled in played.sent if filled.kind == "new" and filled.form in ACTIVITY_SHARES)
    gone = {filled.root_uuid for filled in played.sent if filled.kind == "deleted"}
    left = sent - Counter(filled.form for filled in played.sent if filled.kind == "new" and filled.root_uuid in gone)
    assert sent.keys() == ACTIVITY_SHARES.keys()
    tables = {"service": "service_delivery", "directory": "directory_entry"}
    for form, count in left.items():
        [(rows,)] = played.rows(f"SELECT count(*) FROM {tables.get(form, form)}")
        assert rows == count, form
    [(sessions, counted)] = played.rows("SELECT count(*), count(people_count) FROM session_attendance")
    assert (sessions, counted) == (left["session"], left["session"])
    [(entries,)] = played.rows("SELECT count(DISTINCT submission_id) FROM service_at_location")
    [(services,)] = played.rows("SELECT count(*) FROM service")
    [(orphans,)] = played.rows("SELECT count(*) FROM schedule WHERE service_at_location_id NOT IN "
                               "(SELECT service_at_location_id FROM service_at_location)")  # fmt: skip
    assert entries and services and orphans == 0


def test_demo__referrals_that_name_an_earlier_one__are_followed_both_ways(played: Played) -> None:
    pairs = played.rows(
        "SELECT later.reference_code, earlier.next_reference_code FROM referral_state AS later "
        "JOIN referral_state AS earlier ON earlier.reference_code = later.previous_reference_code"
    )
    assert pairs
    assert [next_code for _, next_code in pairs if next_code is None] == []
    assert any(later == next_code for later, next_code in pairs)


def test_demo__names_and_phones__are_in_the_vault_only(played: Played) -> None:
    sealed = played.opened()
    identities = [row[4:9] for row in sealed["identity"]]
    direct = {str(value) for row in identities for value in row if value and len(str(value)) > 3}
    answers = {str(row[2]) for row in sealed["answer"] if len(str(row[2])) > 9}
    assert len(direct) > 200
    assert answers
    own = [*(played.folder / "forms" / "codes").glob("*.csv"), Path(texts.__file__)]  # names that are words as well
    labels = "\n".join(path.read_text(encoding="utf-8") for path in own)
    files = [played.folder / "store.db", *played.folder.glob("vault.db*")]  # in the vault too, nothing is bare
    outside = [*(path.read_bytes() for path in files), *_report(played), "\n".join(played.said).encode()]
    outside += [content.encode() for _, content in _worklists(played)]
    private = {value for value in direct | answers if value not in labels}
    assert [value for value in private if any(value.encode() in content for content in outside)] == []


def _report(played: Played) -> list[bytes]:
    return [path.read_bytes() for path in (played.folder / "report").iterdir()]


def _worklists(played: Played, folder: str = "*") -> Iterator[tuple[str, str]]:
    """The name of each workbook and all that stands in its cells."""
    for path in sorted((played.folder / "worklists" / folder).glob("*.xlsx")):
        content = path.read_bytes()
        if path.parent.name == "partners":
            content = unlocked(content, path.name, SecretStr(demo.PARTNER_PASSWORD))
        pages = openpyxl.load_workbook(BytesIO(content))
        yield path.stem, " ".join(str(cell) for page in pages for row in page.values for cell in row if cell)


def test_demo__worklists__are_there_for_each_centre_and_for_partners(played: Played) -> None:
    centres = dict(_worklists(played, "centres"))
    assert centres.keys() >= {"baiji", "jalawla", "mosul_tahrir"}
    overdue = sum(len(re.findall(r"\b[23]\d{11}\b", content)) for content in centres.values())
    assert overdue > 20


def test_demo__partners_worklists__hold_only_what_the_person_agreed_to_have_told(played: Played) -> None:
    query = (
        "SELECT DISTINCT reference_code, receiving_organization_code FROM referral "
        "WHERE consent_share_code = 'yes' AND sensitive_code = 'no'"
    )
    agreed = set(played.rows(query))
    told = {
        (number, partner)
        for partner, content in _worklists(played, "partners")
        for number in re.findall(r"\b[23]\d{11}\b", content)
    }
    assert len(told) > 3
    assert told - agreed == set()
    with unsealed(load_settings(played.folder / "kobo_crc.toml")) as database, database.reading() as connection:
        for number, partner in told:
            known = disclosed.who_knows(connection, database.keys, "", [number])
            assert (partner, "worklist", "number") in {one[:3] for one in known}


def test_demo__names_for_receivers__are_those_on_the_tablet_and_agreed_for_that_referral(played: Played) -> None:
    said = {number: answers for answers in played.landed("intake") for number, answers in _referred(answers)}
    with unsealed(load_settings(played.folder / "kobo_crc.toml")) as database, database.reading() as connection:
        found = contacts.for_receiver(connection, sorted(said)).contacts(connection, database.keys)
    named = {number: one for number, one in found.items() if one.name or one.phone}
    assert len(named) > 10
    for number, one in named.items():
        answers = said[number]
        assert answers["consent_share"] == "yes" and answers["referral_sensitive"] == "no"
        assert not one.name or ("name" in answers["info_shared"].split() and one.name.startswith(answers["given_name"]))
        safe = answers.get("consent_contact"), answers.get("safe_to_call")
        assert not one.phone or ("phone" in answers["info_shared"].split() and safe == ("yes", "yes"))
        assert one.phone in ("", answers.get("phone"))


def _referred(answers: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Each referral's number, with its answers and those of the visit around it, by the questions' names."""
    around = {path.rpartition("/")[2]: value for path, value in answers.items() if isinstance(value, str)}
    for path, items in answers.items():
        for item in items if isinstance(items, list) and not path.startswith("_") else ():
            own = {path.rpartition("/")[2]: value for path, value in item.items()}
            if "reference_number" in own:
                yield own["reference_number"], around | own


def test_demo__folder_with_other_files__is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.doc").write_bytes(b"x")
    with pytest.raises(ConfigError, match="holds other files"):
        demo.play(tmp_path, submissions=10, seed=1, progress=Silence(), say=print)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.doc"]


@pytest.mark.parametrize("form_name", ["intake", "referral_followup"])
@pytest.mark.parametrize(
    "layout", [Layout(), Layout("ar", True), Layout("ckb", False, "/", "details"), Layout("en")], ids=str
)
def test_export__of_the_shipped_forms_in_each_language__gives_the_answers_back(
    played: Played, tmp_path: Path, form_name: str, layout: Layout
) -> None:
    records = [dict(one) for one in played.landed(form_name)]
    form = read(SHIPPED / f"{form_name}.md", SHIPPED / "codes")
    write_export(tmp_path / "x.xlsx", form, records, layout)
    notes = Notes()
    rows = list(rows_of_workbook(tmp_path / "x.xlsx", form, notes))
    assert len(rows) > 100 and notes.unread == [] and notes.unknown_columns == []
    assert [answers_of(form, row) for row in rows] == [answers_of(form, record) for record in records]


def answers_of(form: Form, record: dict[str, Any]) -> dict[str, Any]:
    """What the form's questions say; of several choices, which they are, for a column each cannot tell the order."""
    many = {row.path for row in form.rows if row.type == "select_multiple"}
    paths = {row.path for row in form.rows}

    def plain(path: str, said: Any) -> Any:
        if isinstance(said, list):
            return [{key: plain(key, part) for key, part in item.items()} for item in said]
        return sorted(said.split()) if path in many else said

    return {path: plain(path, said) for path, said in record.items() if path in paths}
