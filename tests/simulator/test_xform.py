"""A foreign form, written here, is filled by its own logic: nothing of it is known to the population."""

import random
from datetime import datetime, timedelta, timezone

import pytest
from lxml import etree
from pyxform.xls2xform import convert

from kobo_crc.errors import FormError
from kobo_crc.simulator.population.answers import Generic, Replay
from kobo_crc.simulator.population.filling import Answerer, Context, Instance, Occasion, fill
from kobo_crc.simulator.population.items import QuestionInfo, RepeatInfo
from kobo_crc.simulator.population.xform import XForm

BAGHDAD = timezone(timedelta(hours=3))
STARTED = datetime(2026, 3, 1, 9, 0, tzinfo=BAGHDAD)

FOREIGN = """
| survey |
| | type | name | label | relevant | constraint | required | calculation | choice_filter | repeat_count | default |
| | start | start | | | | | | | | |
| | end | end | | | | | | | | |
| | text | late | L | ${total} > 2 | | | | | | |
| | date | day | D | | . <= today() and . > today() - 400 | yes | | | | |
| | integer | n | N | | . >= 0 and . <= 3 | yes | | | | |
| | select_one gov | gov | G | | | yes | | | | |
| | select_one dist | dist | G | | | yes | | gov=${gov} | | |
| | begin_group | more | M | ${gov} = 'b' | | | | | | |
| | select_one yn | agreed | A | | | yes | | | | |
| | text | code | C | | regex(., '^[A-Z]{2}-[0-9]{4}$') | yes | | | | |
| | end_group | | | | | | | | | |
| | begin_repeat | hh | H | | | | | | ${n} | |
| | calculate | id | | | | | once(uuid()) | | | |
| | select_multiple gov | govs | G | | not(selected(., 'a') and count-selected(.) > 1) | yes | | | | |
| | select_one dist | place | P | | | yes | | selected(${govs}, gov) | | |
| | begin_repeat | kid | K | | | | | | | |
| | integer | age | A | | . < 18 | yes | | | | 5 |
| | calculate | number | | | | | position(..) * 10 + position(../..) | | | |
| | calculate | in_hh | | | | | concat(${id}, '/', ${n}) | | | |
| | end_repeat | | | | | | | | | |
| | calculate | kids | | | | | count(${kid}) | | | |
| | calculate | ages | | | | | sum(${age}) | | | |
| | end_repeat | | | | | | | | | |
| | calculate | total | | | | | sum(${kids}) + coalesce(${n}, 0) | | | |
| | calculate | label | | | | | jr:choice-name(${dist}, '${dist}') | | | |
| | calculate | last | | | | | indexed-repeat(${id}, ${hh}, ${n}) | | | |
| choices |
| | list_name | name | label | gov |
| | gov | a | Gov A | |
| | gov | b | Gov B | |
| | yn | y | Yes | |
| | yn | n | No | |
| | dist | a1 | Dist A1 | a |
| | dist | b1 | Dist B1 | b |
| | dist | b2 | Dist B2 | b |
| settings |
| | form_id | version | instance_name |
| | foreign | 7 | concat('n', ${n}) |
"""


def xform(markdown: str) -> XForm:
    return XForm(convert(markdown, file_type=".md").xform)


def filled(form: XForm, seed: int, answerer: Answerer | None = None, **kept: str) -> Instance:
    occasion = Occasion(random.Random(seed), STARTED, STARTED + timedelta(minutes=20))
    return fill(form, answerer or Generic(), occasion, kept)


def calculated(expression: str, answers: dict[str, str], types: str = "text") -> str:
    """The value of one calculation beside questions `a`, `b`, ... that hold the answers given."""
    questions = "".join(f"| | {types} | {name} | Q | |\n" for name in answers)
    form = xform(
        "| survey |\n| | type | name | label | calculation |\n"
        + questions
        + f"| | calculate | out | | {expression} |\n"
    )
    instance = filled(form, 1, Replay(answers, {}, Generic()))
    return instance.answers.get("out", "")


@pytest.fixture(scope="module")
def foreign() -> XForm:
    return xform(FOREIGN)


def test_fill__foreign_form__every_required_question_answered(foreign: XForm) -> None:
    assert all(filled(foreign, seed).unanswered == () for seed in range(60))


def test_fill__same_seed__same_bytes(foreign: XForm) -> None:
    assert filled(foreign, 5).xml == filled(foreign, 5).xml
    assert filled(foreign, 5).xml != filled(foreign, 6).xml


def test_fill__cascade__child_belongs_to_parent(foreign: XForm) -> None:
    for seed in range(40):
        answers = filled(foreign, seed).answers
        assert answers["dist"][0] == answers["gov"]
        for index in range(1, int(answers["n"]) + 1):
            assert answers[f"hh[{index}]/place"][0] in answers[f"hh[{index}]/govs"].split()


def test_fill__irrelevant_group__left_out_of_instance(foreign: XForm) -> None:
    seen = set()
    for seed in range(30):
        instance = filled(foreign, seed)
        present = etree.fromstring(instance.xml).find("more") is not None
        assert present == (instance.answers["gov"] == "b")
        seen.add(present)
    assert seen == {True, False}


def test_fill__relevance_reads_later_calculation__decided_after_it(foreign: XForm) -> None:
    for seed in range(30):
        root = etree.fromstring(filled(foreign, seed).xml)
        assert (root.find("late") is not None) == (int(root.findtext("total")) > 2)


def test_fill__counted_and_nested_repeats__aggregates_agree(foreign: XForm) -> None:
    for seed in range(30):
        root = etree.fromstring(filled(foreign, seed).xml)
        households = root.findall("hh")
        assert len(households) == int(root.findtext("n"))
        for place, household in enumerate(households, 1):
            kids = household.findall("kid")
            assert household.findtext("kids") == str(len(kids))
            assert [kid.findtext("number") for kid in kids] == [str(10 * at + place) for at in range(1, len(kids) + 1)]
            assert household.findtext("ages") == str(sum(int(kid.findtext("age")) for kid in kids))
        assert root.findtext("total") == str(len(root.findall("hh/kid")) + len(households))
        assert (root.findtext("last") or "") == (households[-1].findtext("id") if households else "")


def test_fill__absolute_paths_in_a_repeat__mean_the_own_instance(foreign: XForm) -> None:
    root = etree.fromstring(next(i.xml for s in range(50) if b"<kid>" in (i := filled(foreign, s)).xml))
    for household in root.findall("hh"):
        for kid in household.findall("kid"):
            assert kid.findtext("in_hh") == f"{household.findtext('id')}/{root.findtext('n')}"


def test_fill__absolute_paths_as_other_tools_write_them__mean_the_own_instance() -> None:
    source = convert(FOREIGN, file_type=".md").xform
    absolute = source.replace(" ../../id ", " /data/hh/id ").replace("sum( ../kid/age )", "sum(/data/hh/kid/age)")
    assert absolute.count("/data/hh/kid/age)") > source.count("/data/hh/kid/age)") and absolute != source
    form, plain = XForm(absolute), XForm(source)
    assert [filled(form, seed).xml for seed in range(30)] == [filled(plain, seed).xml for seed in range(30)]


def test_fill__repeat_reads_a_later_calculation__filled_after_it() -> None:
    form = xform(
        """
        | survey |
        | | type | name | label | calculation | repeat_count |
        | | begin_repeat | r | R | | 2 |
        | | calculate | copy | | ${after} | |
        | | end_repeat | | | | |
        | | calculate | after | | 6 * 7 | |
        """
    )
    assert [filled(form, 1).answers.get(f"r[{at}]/copy") for at in (1, 2)] == ["42", "42"]


def test_fill__saved_instance_with_lowered_count__keeps_surplus_instances() -> None:
    form = xform(
        """
        | survey |
        | | type | name | label | relevant | calculation | repeat_count |
        | | integer | n | N | | | |
        | | begin_repeat | r | R | | | ${n} |
        | | begin_group | g | G | position(..) <= ${n} | | |
        | | calculate | id | | | once(uuid()) | |
        | | end_group | | | | | |
        | | end_repeat | | | | | |
        """
    )
    first = filled(form, 1, Replay({"n": "3"}, {}, Generic()))
    saved = dict(first.answers)
    lowered = fill(form, Replay(saved, {"n": "1"}, Generic()), Occasion(random.Random(2), STARTED, STARTED), saved)
    assert etree.fromstring(lowered.xml).xpath("count(r)") == 3
    assert etree.fromstring(lowered.xml).xpath("count(r/g)") == 1
    assert lowered.answers["r[1]/g/id"] == saved["r[1]/g/id"]


def test_fill__choice_name__label_of_the_answer(foreign: XForm) -> None:
    answers = filled(foreign, 3).answers
    assert answers["label"] == f"Dist {answers['dist'].upper()}"


def test_fill__metadata__clock_and_id_come_from_the_occasion(foreign: XForm) -> None:
    instance = filled(foreign, 3)
    root = etree.fromstring(instance.xml)
    assert root.attrib == {"id": "foreign", "version": "7"}
    assert root.findtext("start") == "2026-03-01T09:00:00.000+03:00"
    assert root.findtext("end") == "2026-03-01T09:20:00.000+03:00"
    assert root.findtext("meta/instanceID") == instance.instance_id
    assert root.findtext("meta/instanceName") == f"n{root.findtext('n')}"


def test_fill__replay_with_changes__keeps_once_and_shrinks_repeats(foreign: XForm) -> None:
    first = next(i for s in range(50) if "hh[2]/kid[2]/age" in (i := filled(foreign, s)).answers)
    saved = dict(first.answers)
    changes = {"hh[2]/kid[1]/age": "11", "late": None}
    again = fill(
        foreign,
        Replay(saved, changes, Generic(), {"hh[2]/kid": 1}),
        Occasion(random.Random(99), STARTED, STARTED),
        saved,
    )
    assert again.answers["hh[1]/id"] == saved["hh[1]/id"]
    assert again.answers["hh[2]/kid[1]/age"] == "11"
    assert again.answers["hh[2]/ages"] == "11"
    assert "hh[2]/kid[2]/age" not in again.answers and "late" not in again.answers
    assert again.instance_id != first.instance_id


class Stubborn(Generic):
    """Answers outside the form's constraint, always."""

    def answer(self, question: QuestionInfo, context: Context) -> str | None:
        return "77" if question.name == "n" else super().answer(question, context)

    def repeats(self, repeat: RepeatInfo, context: Context) -> int:
        return 1


def test_fill__answer_against_constraint__left_empty_and_told(foreign: XForm) -> None:
    instance = filled(foreign, 1, Stubborn())
    assert instance.unanswered == ("n",)
    assert "n" not in instance.answers and "hh[1]/id" not in instance.answers


@pytest.mark.parametrize(
    ("expression", "answers", "expected"),
    [
        ("${a} + ${b}", {"a": "2", "b": "3"}, "5"),
        ("${a} mod 97", {"a": "123456789012", "b": ""}, str(123456789012 % 97)),
        ("concat(${a} * 1, 'x')", {"a": "312345678901"}, "312345678901x"),
        ("string-length(${a} * 1)", {"a": "312345678901"}, "12"),
        ("if(${a} > 3, 'big', 'small')", {"a": "4"}, "big"),
        ("if(selected(${a}, 'x') and not(selected(${a}, 'xy')), 1, 0)", {"a": "w x"}, "1"),
        ("translate(${a}, '٠١٢٣٤٥٦٧٨٩', '0123456789')", {"a": "٠٧٥١"}, "0751"),
        ("substr(${a}, 1, 3)", {"a": "abcdef"}, "bc"),
        ("substring(${a}, 1, 3)", {"a": "abcdef"}, "abc"),
        ("round(${a}, 1)", {"a": "2.25"}, "2.3"),
        ("int(${a} div ${b})", {"a": "7", "b": "2"}, "3"),
        ("selected-at(${a}, 1)", {"a": "p q r"}, "q"),
        ("count-selected(${a})", {"a": "p q r"}, "3"),
        ("coalesce(${a}, ${b})", {"a": "", "b": "z"}, "z"),
        ("format-date(${a}, '%d/%m/%Y')", {"a": "2026-02-03"}, "03/02/2026"),
        ("format-date(date(today() + 1), '%Y-%n-%e')", {"a": ""}, "2026-3-2"),
        ("int((today() - date(${a})) div 365.25)", {"a": "2000-03-02"}, "25"),
        ("decimal-date-time(${a})", {"a": "1970-01-03"}, "2"),
        ("format-date(now(), '%H:%M')", {"a": ""}, "09:00"),
        ("${a} < ${b}", {"a": "2026-02-03", "b": "2026-10-01"}, "true"),
        ("join('-', ${a}, ${b})", {"a": "1", "b": "2"}, "1-2"),
        ("max(${a}, ${b})", {"a": "9", "b": "12"}, "12"),
        ("min(${a}, ${b})", {"a": "9", "b": ""}, ""),
        ("regex(${a}, '^[؀-ۿ ]+$')", {"a": "محەمەد علي"}, "true"),
        ("regex(${a}, '[0-9]+')", {"a": "12x"}, "false"),
        ("number(${a}) = 7 or false()", {"a": "07"}, "true"),
        ("boolean-from-string(${a})", {"a": "1"}, "true"),
        ("digest(string(${a}), 'SHA-1', 'hex')", {"a": "abc"}, "a9993e364706816aba3e25717850c26c9cd0d89d"),
        ("-${a} - -2", {"a": "5"}, "-3"),
        ("${a} div 0 > 1", {"a": "5"}, "true"),
        ("count-non-empty(${a} | ${b})", {"a": "5", "b": ""}, "1"),
    ],
)
def test_functions__odk_expression__odk_meaning(expression: str, answers: dict[str, str], expected: str) -> None:
    assert calculated(expression.replace("|", r"\|"), answers) == expected


def test_fill__lookup_in_secondary_instance__follows_each_answer() -> None:
    form = xform(
        r"""
        | survey |
        | | type | name | label | calculation | required |
        | | select_one dist | dist | D | | yes |
        | | calculate | parent | | instance('dist')/root/item[name = ${dist}]/gov | |
        | | calculate | same | | count(instance('dist')/root/item[gov = current()/../parent]) | |
        | choices |
        | | list_name | name | label | gov |
        | | dist | a1 | A1 | a |
        | | dist | b1 | B1 | b |
        | | dist | b2 | B2 | b |
        """
    )
    seen = {tuple(map(filled(form, seed).answers.get, ("dist", "parent", "same"))) for seed in range(30)}
    assert seen == {("a1", "a", "1"), ("b1", "b", "2"), ("b2", "b", "2")}


def test_fill__external_list__rows_of_the_media_file() -> None:
    markdown = """
        | survey |
        | | type | name | label | choice_filter | calculation |
        | | select_one_from_file places.csv | place | P | gov = 'b' | |
        | | calculate | region | | | pulldata('places', 'gov', 'name', ${place}) |
        """
    media = {"places.csv": [{"name": "p1", "label": "One", "gov": "a"}, {"name": "p2", "label": "Two", "gov": "b"}]}
    form = XForm(convert(markdown, file_type=".md").xform, media)
    answers = filled(form, 1, Generic(blank_share=0)).answers
    assert (answers["place"], answers["region"]) == ("p2", "b")


def test_xform__unknown_function__says_which() -> None:
    with pytest.raises(FormError, match=r"does not know the function heal\(\)"):
        xform("| survey |\n| | type | name | label | calculation |\n| | calculate | a | | heal(1) |\n")


def test_xform__unreadable_expression__says_where() -> None:
    source = convert(
        "| survey |\n| | type | name | label | relevant |\n| | text | a | A | 1 = 1 |\n", file_type=".md"
    ).xform
    with pytest.raises(FormError, match="data/a: cannot read the expression '1 = = 1' at '='"):
        XForm(source.replace("1 = 1", "1 = = 1"))
