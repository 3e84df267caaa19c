"""Whatever happens on the server and wherever a run is killed: incremental equals rebuilt equals pulled afresh."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from random import Random
from threading import Event, current_thread, main_thread

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from kobo_crc.errors import FormError
from kobo_crc.sources import ahead
from kobo_crc.sources.http import Client
from tests.e2e.centre import Centre
from tests.stores import on_postgresql

# A step of the story: what people do on the server, a whole night, or a night killed at its n-th request or commit.
ACTIONS = ("submit", "submit", "edit", "clear", "shrink", "bad", "delete", "refuse")
STEPS = st.lists(
    st.one_of(
        st.tuples(st.sampled_from(ACTIONS), st.integers(0, 99)),
        st.just(("night", 0)),
        st.tuples(st.just("cut"), st.integers(1, 60)),
    ),
    min_size=4,
    max_size=16,
)


def edit_of(action: str, number: int) -> Callable[[dict[str, object]], None]:
    """What an edit does to a record."""

    def edit(record: dict[str, object]) -> None:
        if action == "edit":
            record["visit/day"] = f"2026-10-{number % 28 + 1:02}"
        elif action == "clear":
            for key in ("given", "needs", "visit/day"):
                record.pop(key, None)
        elif action == "shrink":
            record["referral"] = list(record.get("referral", ()))[:-1]  # type: ignore[call-overload]
        else:
            record.update({"visit/centre": "nowhere", "visit/day": "tomorrow", "added": "by a centre"})

    return edit


def act(centre: Centre, action: str, number: int) -> None:
    """Do one step of the story."""
    ids = centre.live_ids()
    if action == "night":
        centre.night()
    elif action == "cut":
        centre.cut_night(number)
    elif action == "submit" or not ids:
        centre.submit(referrals=number % 4)
    elif action == "delete":
        centre.delete(ids[number % len(ids)])
    elif action == "refuse":
        centre.validate(ids[number % len(ids)], "validation_status_not_approved" if number % 2 else "")
    else:
        centre.change(ids[number % len(ids)], edit_of(action, number))


def tell(centre: Centre, story: Sequence[tuple[str, int]]) -> None:
    """Live through a story from an empty server and an empty store, then a last whole night."""
    centre.begin_anew()
    for server_id in centre.live_ids():
        centre.delete(server_id)
    centre.random = Random(7)
    for action, number in story:
        act(centre, action, number)
    centre.night()


@settings(
    max_examples=10,
    deadline=None,
    derandomize=True,
    phases=(Phase.generate,),  # shrinking such stories would take minutes; the first failing one is told as it is
    suppress_health_check=(HealthCheck.function_scoped_fixture, HealthCheck.too_slow),
)
@given(STEPS)
def test_story__with_kills__incremental_equals_rebuilt_and_pulled_afresh(
    centre: Centre, story: list[tuple[str, int]]
) -> None:
    tell(centre, story)
    incremental = centre.rows()
    assert {row[4] for row in incremental["submission"] if row[11] is None} == set(centre.live_ids())
    centre.rebuild()
    assert centre.rows() == incremental
    facts = centre.facts_by_root()
    centre.begin_anew()
    centre.night()
    assert centre.facts_by_root() == facts


@pytest.mark.parametrize("first", [True, False], ids=["first_load", "second_night"])
def test_kill__at_every_step_of_a_night__is_healed_by_the_next(centre: Centre, first: bool) -> None:
    for _ in range(6):
        centre.submit(referrals=2, remark="x")
    if not first:
        centre.night()
        ids = centre.live_ids()
        centre.delete(ids[0])
        centre.change(ids[1], edit_of("shrink", 0))
        centre.submit()
    step, killed = 0, 0
    while centre.cut_night(step := step + 1):
        killed += 1
    assert killed > 20
    incremental = centre.rows()
    centre.rebuild()
    assert centre.rows() == incremental
    assert len(incremental["referral"]) == (12 if first else 10)


@on_postgresql
def test_kill__at_some_steps_of_a_night_into_a_server__is_healed_by_the_next(centre: Centre) -> None:
    for _ in range(6):
        centre.submit(referrals=2, remark="x")
    step, killed = 1, 0
    while centre.cut_night(step):
        step, killed = step + 5, killed + 1
    assert killed > 4
    incremental = centre.rows()
    centre.rebuild()
    assert centre.rows() == incremental
    assert len(incremental["referral"]) == 12


def test_kill__form_mapped_otherwise_and_back__leaves_no_row_of_the_other_mapping(centre: Centre) -> None:
    for _ in range(3):
        centre.submit(remark="x")
    centre.night()
    whole = centre.rows()
    path = centre.settings.forms / "small.md"
    text = path.read_text(encoding="utf-8")
    other = text.replace("identity.given_name     |", "identity.family_name    |")
    step = 0
    while True:
        path.write_text(other, encoding="utf-8")
        cut = centre.cut_night(step := step + 1)
        path.write_text(text, encoding="utf-8")
        centre.night()
        assert centre.rows() == whole
        if not cut:
            break
    assert step > 20


def test_ctrl_c__at_every_step_of_a_night__is_told_and_healed_by_the_next(centre: Centre) -> None:
    centre.night()
    for _ in range(6):
        centre.submit(referrals=2, remark="x")
    step, told = 0, 0
    while centre.stopped_night(step := step + 1):
        told += centre.outcomes()[-1:] == ["cut"]
    assert step > 20
    assert told == (step - 1) - 2  # before and after the commit that begins the diary, there is no row to end
    incremental = centre.rows()
    centre.rebuild()
    assert centre.rows() == incremental


def test_ctrl_c__during_a_request__ends_at_once_and_is_told(centre: Centre, monkeypatch: pytest.MonkeyPatch) -> None:
    asked, answer = Event(), Event()

    def slow(self: Client, *_: object, **__: object) -> object:
        if current_thread() is main_thread():
            return get(self, *_, **__)  # type: ignore[arg-type]
        asked.set()
        assert answer.wait(30)
        raise AssertionError("nobody waits for this any more")

    def interrupt(*_: object, **__: object) -> object:
        assert asked.wait(30)
        raise KeyboardInterrupt

    get = Client.get
    centre.submit()
    monkeypatch.setattr(Client, "get", slow)
    monkeypatch.setattr(ahead, "wait", interrupt)
    monkeypatch.setattr(ahead, "WORTH_A_THREAD_S", 0)
    with pytest.raises(KeyboardInterrupt):
        centre.night()
    assert centre.outcomes() == ["cut"]
    answer.set()
    monkeypatch.undo()


def test_kill__in_the_diary__is_a_cut_run(centre: Centre) -> None:
    centre.submit()
    centre.night()
    assert centre.cut_night(15)
    centre.night()
    assert centre.outcomes() == ["ok", "cut", "ok"]


def test_kill__at_every_step_of_a_rebuild__is_healed_by_the_next_night(centre: Centre) -> None:
    for _ in range(6):
        centre.submit(referrals=2, remark="x")
    centre.night()
    whole = centre.rows()
    step = 0
    while centre.cut(centre.rebuild, step := step + 1):
        centre.night()
        assert centre.rows() == whole
    assert step > 10


def test_rebuild__form_that_does_not_check__drops_nothing(centre: Centre) -> None:
    centre.submit()
    centre.night()
    whole = centre.rows()
    path = centre.settings.forms / "small.md"
    path.write_text(path.read_text(encoding="utf-8").replace("visit.visited_on", "visit.visited"), encoding="utf-8")
    with pytest.raises(FormError):
        centre.rebuild()
    assert centre.rows() == whole
    assert centre.outcomes() == ["ok", "failed"]
