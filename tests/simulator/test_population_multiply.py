"""Many submissions made of a few: ids and numbers are new, and still fit together."""

from typing import Any

from kobo_crc.codes import is_valid
from kobo_crc.simulator.population.multiply import multiply

UUID = "1adbdc11-861a-442d-ba9d-df7dd8e7e639"
ROWS: list[dict[str, Any]] = [
    {
        "_id": 7,
        "_uuid": UUID,
        "meta/instanceID": f"uuid:{UUID}",
        "meta/rootUuid": f"uuid:{UUID}",
        "card/person_number": "171223228532",
        "visit/centre": "baiji",
        "referral": [{"referral/reference_number": "242465202318", "referral/priority": "normal"}],
    },
    {
        "_id": 9,
        "_uuid": "5ddb51d9-5d24-423d-bb05-eddac685c7a6",
        "which/reference_number": "242465202318",
        "meta/rootUuid": "uuid:5ddb51d9-5d24-423d-bb05-eddac685c7a6",
    },
]


def test_multiply__once__rows_unchanged() -> None:
    assert list(multiply(ROWS, 1)) == ROWS


def test_multiply__more__ids_and_numbers_new_but_consistent() -> None:
    made = list(multiply(ROWS, 4))
    assert [row["_id"] for row in made] == [7, 9, 10, 11, 12, 13, 14, 15]
    assert len({row["_uuid"] for row in made}) == 8
    for intake, news in zip(made[::2], made[1::2], strict=True):
        assert intake["meta/rootUuid"] == intake["meta/instanceID"] == f"uuid:{intake['_uuid']}"
        assert intake["referral"][0]["referral/reference_number"] == news["which/reference_number"]
        assert is_valid(news["which/reference_number"]) and news["which/reference_number"][0] == "2"
        assert is_valid(intake["card/person_number"]) and intake["card/person_number"][0] == "1"
        assert intake["visit/centre"] == "baiji"
    assert len({row["which/reference_number"] for row in made[1::2]}) == 4


def test_multiply__again__same_rows_and_source_untouched() -> None:
    assert list(multiply(ROWS, 3)) == list(multiply(ROWS, 3))
    assert ROWS[0]["_uuid"] == UUID
