"""A submission's XML as flat JSON and back."""

from __future__ import annotations

import pytest

from kobo_crc.simulator.instance import MalformedXml, parse, to_xml

XML = """<f id="f" xmlns:orx="http://openrosa.org/xforms"><card>007</card><empty/><blank> </blank>
<client><contact><phone>+964</phone></contact></client>
<need><kind>health</kind><photo>a.jpg</photo><item><what>x</what></item></need><need><kind/></need>
<need><kind>legal</kind><photo>b.jpg</photo></need>
<meta><instanceID>uuid:1</instanceID><deprecatedID>uuid:0</deprecatedID></meta></f>"""
REPEATS = frozenset({"need", "need/item"})


def test_parse__repeats__lists_with_whole_paths_and_no_empty_answers() -> None:
    assert parse(XML.encode(), REPEATS).answers == {
        "card": "007",
        "client/contact/phone": "+964",
        "need": [
            {"need/kind": "health", "need/photo": "a.jpg", "need/item": [{"need/item/what": "x"}]},
            {"need/kind": "legal", "need/photo": "b.jpg"},
        ],
        "meta/instanceID": "uuid:1",
        "meta/deprecatedID": "uuid:0",
    }


def test_parse__ids_and_files__bare_ids_and_indexed_places() -> None:
    instance = parse(XML.encode(), REPEATS)
    assert (instance.uuid, instance.deprecated_uuid, instance.form_id) == ("1", "0", "f")
    assert instance.file_paths["b.jpg"] == "need[3]/photo"


def test_parse__namespaced_meta__read_and_kept_with_its_prefix() -> None:
    xml = '<f id="f" xmlns:orx="u"><orx:meta><orx:instanceID>uuid:9</orx:instanceID></orx:meta></f>'
    instance = parse(xml.encode(), frozenset())
    assert (instance.uuid, instance.answers) == ("9", {"orx:meta/orx:instanceID": "uuid:9"})


@pytest.mark.parametrize("xml", [b"", b"<f>", b"not xml"])
def test_parse__no_xml__refused(xml: bytes) -> None:
    with pytest.raises(MalformedXml):
        parse(xml, frozenset())


def test_parse__external_entity__not_read() -> None:
    xml = b'<!DOCTYPE f [<!ENTITY x SYSTEM "file:///etc/hostname">]><f id="f"><a>&x;</a></f>'
    assert parse(xml, frozenset()).answers == {}


def test_to_xml__answers__read_back_alike() -> None:
    answers = parse(XML.encode(), REPEATS).answers | {"__version__": "v1"}
    assert parse(to_xml("f", "1", answers | {"_id": 1, "_status": "x"}), REPEATS).answers == answers
