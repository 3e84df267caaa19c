"""The centres passed on: nothing about people but of who agreed to that, for that organisation, in the form for it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from io import BytesIO
from pathlib import Path
from random import Random

import openpyxl
import pytest
import sqlalchemy as sa
from pydantic import SecretStr

from kobo_crc import disclosed, pipeline
from kobo_crc.codes import PERSON_CARD, random_code
from kobo_crc.config import Settings, load_pipeline
from kobo_crc.database.database import Database
from kobo_crc.database.metadata import AUDIT, CODES, SUBMISSION
from kobo_crc.handover import HEADER
from kobo_crc.outputs.locked import unlocked
from kobo_crc.rollout import roll_out
from kobo_crc.simulator.population.answers import Generic, Replay
from kobo_crc.simulator.population.delivery import Filled, Tablets
from kobo_crc.simulator.population.filling import Occasion, fill
from kobo_crc.simulator.population.xform import XForm
from kobo_crc.simulator.server import running
from kobo_crc.templates import copy_into
from tests.commands import Command, settings_file
from tests.e2e.centre import seal, unsealed
from tests.stores import FILES, POSTGRESQL, Stores

PASSWORD = "a long password of jcmc"
PEOPLE = (
    "agreed",
    "never asked",
    "refused",
    "agreed for drc",
    "agreed for both",
    "refused later",
    "took everything back",
    "no authorities later",
    "a child who did not want",
    "agreed late",
    "both on one day",
    "asked of drc again",
    "shares a card",
    "not to be called",
    "only in the centre",
    "phone not safe any more",
    "no contact any more",
)
# Names that stand in no list of places.
NAMES = {who: f"روزاغظ {number}" for number, who in enumerate(PEOPLE)}
PHONE = "07709871234"
CARDS = {who: random_code(PERSON_CARD, Random(who)) for who in NAMES}
# They agreed, and said since at another registration that they are not to be phoned.
SAID_SINCE = {
    "not to be called": {"limits": "no_call"},
    "only in the centre": {"limits": "only_in_centre"},
    "phone not safe any more": {"safe": "no"},
}
NOT_PHONED = (*SAID_SINCE, "no contact any more")
TODAY = date(2026, 11, 27)


@dataclass
class Desk:
    """Tablets of one centre that send to a simulated server, and the folder of the nights."""

    settings: Settings
    tablets: Tablets
    forms: dict[str, XForm] = field(default_factory=dict)
    seed: int = 0

    def send(self, form: str, day: int, **answers: str) -> None:
        """The form, filled on that day of November 2026 and sent now; questions by path, with `__` for `/`."""
        self.seed += 1
        begun = datetime(2026, 11, day, 9, self.seed % 60, tzinfo=UTC)
        said = {path.replace("__", "/"): answer for path, answer in answers.items()}
        occasion = Occasion(Random(self.seed), begun, begun + timedelta(minutes=5))
        if form not in self.forms:
            self.forms[form] = self.tablets.get_xform(form)
        filled = fill(self.forms[form], Replay(said, said, Generic()), occasion)
        self.tablets.send(Filled(form, filled.xml, "", begun))

    def register(
        self, who: str, day: int = 10, limits: str = "no_limit", *, name: str = "", visit: str = "first",
        safe: str = "yes",
    ) -> None:  # fmt: skip
        self.send(
            "intake", day,
            visit__centre="jalawla", visit__visit_type=visit, card__card_source="type", card__card_typed=CARDS[who],
            consent__consent_record="yes", consent__consent_contact="yes", consent__contact_limits=limits,
            names__given_name=name or NAMES[who], names__phone_typed=PHONE, names__safe_to_call=safe,
            person__birth_year_typed="1985", action__refer="no",
        )  # fmt: skip

    def ask(self, who: str, day: int, agrees: str, receiver: str = "jcmc", **more: str) -> None:
        answers = {f"asked__{name}": answer for name, answer in more.items()}
        card = {"who__card_source": "type", "who__card_typed": CARDS[who], "writer__centre": "jalawla"}
        self.send("handover_consent", day, **card, asked__receiver=receiver, asked__agrees=agrees, **answers)

    def take_back(self, who: str, day: int, what: str = "told") -> None:
        card = {"visit__centre": "jalawla", "visit__kind": "type", "visit__card_typed": CARDS[who]}
        answers = {"action__consent_change": "yes", f"action__consent_{what}": "no", "action__refer": "no"}
        self.send("visit", day, **card, **answers)


@pytest.fixture(scope="module", params=(FILES, POSTGRESQL))
def desk(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """The forms as they ship, with the line of `handover_consent` taken in; the people of NAMES, who answered."""
    folder = tmp_path_factory.mktemp("handover") / "مركز"
    copy_into(folder)
    nightly = folder / "pipelines" / "nightly.toml"
    asked = nightly.read_text(encoding="utf-8").replace('# "handover_consent"', '"handover_consent"')
    nightly.write_text(asked, encoding="utf-8")
    stores = Stores(request.getfixturevalue("postgresql") if request.param == POSTGRESQL else None)
    with (
        running(clock=lambda: datetime.combine(TODAY, datetime.min.time(), UTC)) as server,
        pytest.MonkeyPatch.context() as patch,
    ):
        patch.setenv("KOBO_CRC_TOKEN", server.token)
        settings = stores.settings(folder, server_url=server.url)
        settings_file(settings)
        seal(settings)
        list(roll_out(settings, "nightly"))
        file = load_pipeline(settings, "nightly")
        origins = pipeline.origins_of(settings, file, file.projects[0])
        made = Desk(settings, Tablets(server.url, server.token, {one.form: one.asset_uid for one in origins}))
        answer(made)
        pipeline.run(settings, "nightly")
        yield made
    stores.remove()


def answer(desk: Desk) -> None:
    """Everybody is registered; then they answer. What is sent is sent in this order."""
    for who in NAMES:
        desk.register(who)
    desk.ask("agreed", 20, "yes")
    desk.ask("refused", 20, "no")
    desk.ask("agreed for drc", 20, "yes", "drc")
    desk.ask("agreed for both", 20, "yes", "jcmc")
    desk.ask("agreed for both", 21, "yes", "drc")
    desk.ask("asked of drc again", 20, "yes", "jcmc")
    desk.ask("asked of drc again", 21, "no", "drc")
    desk.ask("refused later", 20, "yes")
    desk.ask("refused later", 22, "no")
    desk.ask("took everything back", 20, "yes")
    desk.take_back("took everything back", 23)
    desk.ask("no authorities later", 20, "yes")
    desk.register("no authorities later", 24, limits="not_with_authorities")
    desk.ask("a child who did not want", 20, "yes", given_by="caregiver", child_assent="no")
    desk.ask("agreed late", 22, "yes")
    desk.ask("agreed late", 20, "no")  # from a tablet that sent late
    desk.ask("both on one day", 20, "no")
    desk.ask("both on one day", 20, "yes")
    desk.ask("shares a card", 20, "yes")
    desk.register("shares a card", 21, name="روزاغظ آخر")
    for who in NOT_PHONED:
        desk.ask(who, 20, "yes")
    for who, how in SAID_SINCE.items():
        desk.register(who, 21, visit="repeat", **how)
    desk.take_back("no contact any more", 21, "contact")


def hand_over(desk: Desk, kobo_crc: Command, into: Path, to: str = "jcmc") -> tuple[int, str, Path]:
    words = ["--to", to, "--purpose", "agreement of December", "--into", str(into)]
    said = kobo_crc("handover", *words, "--folder", str(desk.settings.store.parent))
    return said.code, said.out + said.error, into / f"handover-{to}"


def people_in(folder: Path) -> list[tuple[object, ...]]:
    plain = unlocked((folder / "people.xlsx").read_bytes(), "people.xlsx", SecretStr(PASSWORD))
    return list(openpyxl.load_workbook(BytesIO(plain)).active.values)


@pytest.fixture
def passwords(monkeypatch: pytest.MonkeyPatch) -> None:
    for receiver in ("JCMC", "DRC"):
        monkeypatch.setenv(f"KOBO_CRC_REPLY_PASSWORD_{receiver}", PASSWORD)


def test_night__answers_to_a_handover__are_no_visits_and_make_no_problem(desk: Desk) -> None:
    with unsealed(desk.settings) as database, database.reading() as connection:
        counts = connection.execute(
            sa.text(
                "SELECT (SELECT count(*) FROM handover_consent), (SELECT count(*) FROM visit), "
                "(SELECT count(*) FROM problem WHERE path LIKE 'asked/%' OR path LIKE 'who/%')"
            )
        ).one()
    assert tuple(counts) == (21, len(NAMES) + 3 + len(NOT_PHONED), 0)


@pytest.mark.usefixtures("passwords")
def test_handover__people__are_those_whose_last_word_for_that_organisation_is_yes(
    desk: Desk, kobo_crc: Command, tmp_path: Path
) -> None:
    code, said, folder = hand_over(desk, kobo_crc, tmp_path)
    assert code == 0 and "8 cards of people who agreed" in said
    header, *rows = people_in(folder)
    assert header == HEADER
    agreed = ("agreed", "agreed for both", "asked of drc again", "agreed late")
    phoned = {(CARDS[who], NAMES[who], PHONE, "yes") for who in agreed}
    assert {(*row[:2], *row[5:7]) for row in rows} == phoned | {
        (CARDS[who], NAMES[who], None, "no") for who in NOT_PHONED
    }
    assert next(row[-2:] for row in rows if row[0] == CARDS["agreed"]) == (1985, "jalawla")
    with unsealed(desk.settings) as database, database.reading() as connection:
        c = AUDIT.c
        told = connection.execute(sa.select(c.action, c.purpose, c.row_count).order_by(c.audit_id)).all()
    assert tuple(told[-1]) == ("handover", "agreement of December", 8)

    with unsealed(desk.settings) as database, database.reading() as connection:
        knows = {who: disclosed.who_knows(connection, database.keys, CARDS[who], []) for who in NAMES}
    assert {who for who, told in knows.items() if told} == {*agreed, *NOT_PHONED}
    assert knows["agreed"][0][:2] == ("jcmc", "handover")


@pytest.mark.usefixtures("passwords")
def test_handover__to_another_organisation__by_the_answers_for_that_one(
    desk: Desk, kobo_crc: Command, tmp_path: Path
) -> None:
    code, _, folder = hand_over(desk, kobo_crc, tmp_path, "drc")
    assert code == 0
    assert {row[0] for row in people_in(folder)[1:]} == {CARDS["agreed for drc"], CARDS["agreed for both"]}


def test_handover__without_a_password__writes_nothing(desk: Desk, kobo_crc: Command, tmp_path: Path) -> None:
    code, said, folder = hand_over(desk, kobo_crc, tmp_path)
    assert code == 1 and "KOBO_CRC_REPLY_PASSWORD_JCMC" in said and not folder.exists()


@pytest.mark.usefixtures("passwords")
def test_handover__when_the_last_night_is_long_ago__passes_nobody_on(
    desk: Desk, kobo_crc: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody may have said no since."""
    monkeypatch.setattr("kobo_crc.cli.keeping.now_utc", lambda: datetime(2036, 11, 27))
    code, said, folder = hand_over(desk, kobo_crc, tmp_path)
    assert code == 1 and "Nobody is passed on" in said and not folder.exists()


def test_handover__everything_else__names_nobody(desk: Desk, kobo_crc: Command, tmp_path: Path) -> None:
    code, said, folder = hand_over(desk, kobo_crc, tmp_path, "nrc")
    assert code == 0 and "No rows about people" in said
    names = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    assert {"forms/intake.md", "forms/xlsx/intake.xlsx", "forms/codes/centre.csv", "dictionary.md"} <= names
    assert {"store.db", "directory.hsds.json"} <= names and "people.xlsx" not in names
    whole = b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())
    assert not [text for text in (*CARDS.values(), "روزاغظ", PHONE[1:]) if text.encode() in whole]
    with Database(folder / "store.db") as empty, empty.reading() as connection:
        assert connection.execute(sa.select(SUBMISSION)).all() == []
        assert connection.execute(sa.select(sa.func.count()).select_from(CODES["centre"])).scalar_one() > 5


def test_handover__unknown_receiver_or_folder_that_is_there__is_refused(
    desk: Desk, kobo_crc: Command, tmp_path: Path
) -> None:
    assert "no code nobody" in hand_over(desk, kobo_crc, tmp_path, "nobody")[1]
    assert hand_over(desk, kobo_crc, tmp_path, "nrc")[0] == 0
    assert "is there already" in hand_over(desk, kobo_crc, tmp_path, "nrc")[1]
