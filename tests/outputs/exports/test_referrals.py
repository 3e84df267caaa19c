"""Rows for a receiver: nobody stands out, nobody's number is another's, and nobody who opted out is there."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from kobo_crc.outputs.exports.referrals import QUASI, Case, cases, columns, pseudonym, table
from kobo_crc.outputs.indicators.months import Month
from tests.outputs.indicators.conftest import OCTOBER, Centre
from tests.outputs.indicators.conftest import centre as centre

FEW = 5
KEY, OTHER_KEY = bytes(32), bytes(range(32))


def case(number: int, **changes: str | None) -> Case:
    told = ("2026-10", "cash", "IQG16Q03", "female", "18_59", "idp", "no", "normal")
    made = Case(f"20000000000{number}", f"10000000000{number}", *told, "sent", None, None, None)
    return made._replace(**changes)  # type: ignore[arg-type]


choices = st.fixed_dictionaries(
    {
        "sex": st.sampled_from(["female", "male"]),
        "age": st.sampled_from(["0_17", "18_59", None]),
        "service": st.sampled_from(["cash", "food", "hlp"]),
    }
)


@settings(max_examples=60)
@given(st.lists(choices, max_size=60))
def test_table__any_referrals__each_row_is_like_four_others(drawn: list[dict[str, str | None]]) -> None:
    rows = table([case(number, **changes) for number, changes in enumerate(drawn)], KEY, FEW, {}).rows
    assert len(rows) == (len(drawn) if len(drawn) >= FEW else 0)
    groups: dict[object, int] = {}
    for row in rows:
        groups[tuple(row[QUASI])] = groups.get(tuple(row[QUASI]), 0) + 1
    assert all(size >= FEW for size in groups.values())


def test_table__enough_alike__all_is_told() -> None:
    rows = table([case(number) for number in range(6)], KEY, FEW, {}).rows
    assert {tuple(row[QUASI]) for row in rows} == {("2026-10", "cash", "IQG16Q03", "female", "18_59", "idp", "no")}


def test_table__numbers__are_those_of_nobody_else() -> None:
    made = [case(number) for number in range(9)]
    first, again, other = (table(made, key, FEW, {}).rows for key in (KEY, KEY, OTHER_KEY))
    assert first == again
    assert not {row[0] for row in first} & {row[0] for row in other}
    assert not {row[1] for row in first} & {row[1] for row in other}
    told = {number for one in made for number in (one.referral, one.person)}
    assert not told & {cell for row in first for cell in row}


def test_table__order__is_another_for_each_receiver() -> None:
    made = [case(number)._replace(outcome=str(number)) for number in range(9)]
    orders = [[row[-4] for row in table(made, key, FEW, {}).rows] for key in (KEY, OTHER_KEY)]
    assert sorted(map(str, orders[0])) == sorted(map(str, orders[1])) and orders[0] != orders[1]


def test_pseudonym__person_and_referral_of_one_number__differ() -> None:
    assert pseudonym(KEY, "person", "123") != pseudonym(KEY, "referral", "123")


def test_cases__opted_out_sensitive_other_and_unsent__are_not_there(centre: Centre) -> None:
    centre.referral("a", service_code="cash", centre_code="jalawla")
    centre.referral("b", service_code="gbv")
    centre.referral("c", service_code="health", sensitive_code="yes")
    centre.referral("d", service_code="other")
    centre.referral("e", "draft", service_code="cash")
    centre.referral("f", service_code="cash")
    centre.visit("f", 9, report="no")
    [found] = cases(centre.store.connection, centre.reader, [Month(2026, 9), OCTOBER])
    assert (found.person, found.month, found.district, found.sex, found.age) == (
        "a",
        "2026-10",
        "IQG10Q05",
        "female",
        "18_59",
    )


def test_columns__tags__come_from_the_forms_where_they_have_one() -> None:
    tags = {column.name: column.hxl for column in columns({"registration.sex_code": "#meta+sexes"})}
    assert (tags["sex"], tags["district"]) == ("#meta+sexes", "#adm2+code")
