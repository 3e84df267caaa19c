"""The page: one whole file, three languages, nothing from elsewhere, and nothing it must not say."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from html.parser import HTMLParser
from pathlib import Path

import pytest

from kobo_crc.model import NOT_APPROVED
from kobo_crc.outputs import report
from kobo_crc.outputs.report.texts import DIRECTIONS, LANGUAGES, TEXTS
from kobo_crc.problems import PROBLEMS
from kobo_crc.referrals.calendar import calendar_of
from kobo_crc.runs import FAILED, INCOMPLETE, Run
from kobo_crc.xlsform.lists import read_codes
from tests.outputs.conftest import Store

CALENDAR = calendar_of(read_codes(Path(__file__).parents[2] / "forms" / "codes"))
VOID = {"meta", "input", "br", "rect"}


class Page(HTMLParser):
    """Reads a page strictly: every tag closed in order; keeps attributes, ids and the text of each language."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words: dict[str, str] = dict.fromkeys(LANGUAGES, "")
        self._language = ""
        self.feed(html)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag == "main":
            self._language = dict(attrs)["lang"] or ""
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            assert self.open.pop() == tag
        if tag == "main":
            self._language = ""

    def handle_data(self, data: str) -> None:
        if self._language:
            self.words[self._language] += " " + " ".join(data.split())

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]


def page(store: Store, run: Run, language: str = "ar") -> Page:
    return Page(report.render(report.read(store.connection, run, CALENDAR), language))


@pytest.fixture
def filled(store: Store) -> Store:
    store.visits(12, "baiji")
    store.visits(3, "jalawla")
    store.followups(6, "baiji")
    store.referrals(30, "sent")
    store.referrals(9, "served", "served")
    for code in PROBLEMS:
        store.problem(code, 1, code)
    return store


@pytest.mark.parametrize("language", LANGUAGES)
def test_build__any_language__is_one_whole_file_in_it(filled: Store, run: Run, tmp_path: Path, language: str) -> None:
    path = report.build(filled.connection, tmp_path / "تقرير", run=run, language=language, calendar=CALENDAR)
    assert (path.name, [one.name for one in path.parent.iterdir()]) == ("index.html", ["index.html"])
    seen = Page(path.read_text(encoding="utf-8"))
    (html,) = seen.all("html")
    assert (html["lang"], html["dir"]) == (language, DIRECTIONS[language])
    assert [one["value"] for one in seen.all("input") if "checked" in one] == [language]


def test_render__three_languages__each_with_its_direction(filled: Store, run: Run) -> None:
    seen = page(filled, run)
    assert {one["lang"]: one["dir"] for one in seen.all("main")} == {"ar": "rtl", "ckb": "rtl", "en": "ltr"}


def test_render__any_page__asks_nothing_of_anybody(filled: Store, run: Run) -> None:
    seen = page(filled, run)
    names = {name for _, attributes in seen.tags for name in attributes}
    assert not names & {"src", "href", "srcset", "action", "xlink:href", "onclick"}
    assert not {"link", "img", "iframe", "form", "object"} & {tag for tag, _ in seen.tags}
    html = report.render(report.read(filled.connection, run, CALENDAR), "ar")
    assert "default-src 'none'" in html and "@import" not in html and "url(" not in html and "//" not in html


def test_render__any_page__has_each_id_once(filled: Store, run: Run) -> None:
    ids = [attributes["id"] for _, attributes in page(filled, run).tags if "id" in attributes]
    assert ids and len(ids) == len(set(ids))
    labelled = [a["aria-labelledby"] for _, a in page(filled, run).tags if "aria-labelledby" in a]
    assert set(labelled) <= set(ids)


def test_render__figures__are_in_every_language(filled: Store, run: Run) -> None:
    for language, words in page(filled, run).words.items():
        assert " 1,234 " in words and " 12 " in words and " <5 " in words, language
        assert "2026-11-23 23:05" in words
        assert TEXTS["even"][language] in words


def test_render__small_counts__are_nowhere(store: Store, run: Run) -> None:
    store.visits(40, "baiji")
    store.visits(3, "jalawla")
    words = page(store, run).words["en"]
    assert " <5 " in words and " 40+ " in words
    assert " 43 " not in words.partition(TEXTS["freshness"]["en"])[0] and " 3 " not in words


def test_render__problems__with_cause_remedy_and_command(filled: Store, run: Run) -> None:
    for language, words in page(filled, run).words.items():
        for code, kind in PROBLEMS.items():
            assert kind.cause[language] in words and kind.remedy[language] in words
            assert f"kobo-crc problems --code {code} " in words


def test_render__problem_of_a_left_out_submission__is_left_out(store: Store, run: Run) -> None:
    store.problem("code_unknown", store.submission(validation_status=NOT_APPROVED))
    seen = page(store, run).words["en"]
    assert TEXTS["no_problems"]["en"] in seen and "code_unknown" not in seen


def test_render__problem_kind_without_text__is_still_named(store: Store, run: Run) -> None:
    store.problem("made_up", store.submission())
    assert "kobo-crc problems --code made_up" in page(store, run).words["ar"]


def test_render__store_and_server_differ__says_what_to_do(filled: Store, run: Run) -> None:
    for words in page(filled, replace(run, server_count=3215)).words.values():
        assert "kobo-crc run nightly" in words and " 5 " in words
    assert TEXTS["even"]["en"] not in page(filled, replace(run, server_count=3215)).words["en"]


def test_render__made_again_from_the_vault__claims_nothing_of_the_server(filled: Store, run: Run) -> None:
    asked, made_again = page(filled, run), page(filled, replace(run, server_count=0, store_count=0))
    assert TEXTS["even"]["en"] not in made_again.words["en"]
    assert len(asked.all("tfoot")) - len(made_again.all("tfoot")) == len(LANGUAGES)


def test_render__rebuild__names_the_pipeline_to_run(filled: Store, run: Run) -> None:
    seen = page(filled, replace(run, pipeline="nightly (rebuild)", server_count=1))
    assert "kobo-crc run nightly again" in seen.words["en"].replace("  ", " ")


@pytest.mark.parametrize(("outcome", "key"), [(INCOMPLETE, "outcome_incomplete"), (FAILED, "outcome_other")])
def test_render__run_not_ok__says_so_with_note_escaped(filled: Store, run: Run, outcome: str, key: str) -> None:
    contents = report.read(filled.connection, replace(run, outcome=outcome, note="<b>1 & 2"), CALENDAR)
    html = report.render(contents, "en")
    for words in Page(html).words.values():
        assert any(TEXTS[key][language] in words for language in LANGUAGES)
    assert "&lt;b&gt;1 &amp; 2" in html and "<b>1" not in html


def test_render__empty_store__is_a_page(store: Store, run: Run) -> None:
    assert TEXTS["no_problems"]["ckb"] in page(store, run).words["ckb"]


def test_render__several_projects__are_named(store: Store, run: Run) -> None:
    store.submission(project="basra")
    assert "basra" not in page(store, run).words["en"]
    store.submission(project="partner")
    assert "basra" in page(store, run).words["en"]


@pytest.mark.parametrize("key", TEXTS)
def test_texts__each__is_whole_and_translated(key: str) -> None:
    words = TEXTS[key]
    assert set(words) == set(LANGUAGES) and all(words.values())
    assert len(set(words.values())) == 3 or words["ar"] == words["ckb"] == ""


def test_texts__each__is_used() -> None:
    template = (Path(report.__file__).parent / report.PAGE).read_text(encoding="utf-8")
    made = ("state_", "funnel_", "form_", "outcome_")
    assert [
        key for key in TEXTS if not key.startswith(made) and f'"{key}"' not in template and f".{key}[" not in template
    ] == []


def test_render__long_run__weeks_are_those_of_its_start(store: Store, run: Run) -> None:
    store.visits(8, "baiji")
    late = replace(run, finished_at=run.started_at + timedelta(weeks=20))
    seen = report.read(store.connection, late, CALENDAR)
    assert seen.arrivals.week(7).text == "8"


def test_render__first_load__total_is_rounded(filled: Store, run: Run) -> None:
    seen = page(filled, replace(run, new_count=3207)).words["en"]
    assert " ≈ 3,210 " in seen and "3,207" not in seen
