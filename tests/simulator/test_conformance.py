"""The simulator against recorded replies of a real server: the same requests, in the same order, from empty."""

from __future__ import annotations

import base64
import io
import json
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from email.message import Message
from typing import Any
from urllib.parse import urlsplit

import openpyxl
import pytest
import requests

from kobo_crc.simulator.content import flatten
from kobo_crc.simulator.instance import to_xml
from kobo_crc.simulator.server import Running, running
from kobo_crc.simulator.world import TOKENS
from tests.simulator import recordings
from tests.simulator.recordings import Mirror, Recording

MAIN = "aH8DWDdegsStMEJFk3NvpG"
PAGED = "aUNWmSdCeA5fUPqf6YHMKs"
ENCRYPTED = "adDBzEJKQ8gMjzQ5i6tJa9"
FILE_KINDS = {"jpg": "image/jpeg", "pdf": "application/pdf"}

# Not replayed, and why.
LEFT_OUT = {
    **dict.fromkeys(
        [name for name in recordings.names() if name.startswith(("exports_", "exportset_"))],
        "exports are a feature of the server that the pipeline does not use",
    ),
    **dict.fromkeys(
        [f"hooks_{step}" for step in ("01_list", "02_create", "04_logs", "06_delete_hook", "07_create", "10_logs")],
        "REST services are not simulated: they fire on creation only, the pipeline does not use them",
    ),
    **dict.fromkeys(
        ["paired_02_create", "paired_03_external_xml", "paired_05_list"], "dynamic attachments are not simulated"
    ),
    **dict.fromkeys(["reports_01", "reports_02_after_v2"], "the server's own reports are not simulated"),
    "hooks_13_delete_hook": "as above",
    "page_35_geojson": "the GeoJSON format is not simulated",
    "visibility_order_log": "a log, not a reply: ids that become visible out of order, see test_query",
}

# Known differences inside replayed recordings: the path's beginning, and why.
_FEATURE = "left by features that are not simulated (exports, paired data, REST services)"
_ONE_LINE = "one line more, whose action no recording shows; perhaps the deletion of an attachment"
TOLERATED: dict[str, dict[str, str]] = {
    **{f"history_{name}": {".count": _ONE_LINE} for name in ("10_q", "11_q", "12_q", "17_q")},
    "history_20_after": {".count": _FEATURE},
    "paired_01_share": {".data_sharing.fields": "the server drops the fields for a reason that no recording shows"},
    "asset_patch_name": {".export_settings": _FEATURE, ".files": _FEATURE},
    "assets_bob": {".results[0].export_settings": _FEATURE},
}

# In the recorded order. A line that starts with @ is a step that was not recorded: a clock time or a function below.
SCRIPT = """
@13:28:55 imports_01_file_default_library imports_02_result_default_library
@13:28:56 imports_03_file_library_false imports_04_result_library_false imports_05_base64 imports_06_result_base64
@13:28:57 imports_07_base64_datauri imports_08_result imports_09_json_body imports_10_result
@13:28:58 imports_11_bad_repeat.xlsx imports_12_bad_repeat.xlsx
@13:28:59 imports_11_bad_ref.xlsx imports_12_bad_ref.xlsx imports_13_garbage imports_14_garbage imports_15_list
imports_16_bob_cannot_see assets_01_list assets_02_detail_predeploy data_00_undeployed deploy_00_get_undeployed
content_01 valid_content_02
@13:29:30 deploy_01_post_active_true deploy_02_get deploy_03_post_again deploy_04_bad_ref assets_03_detail_deployed
versions_01_list versions_02_detail xform_01 openrosa_01_formList openrosa_02_manifest_before_redeploy
@13:31:36 files_01_list_empty files_02_post_multipart files_03_post_duplicate files_04_post_no_description
files_05_bad_mime files_06_base64 files_07_content_download files_08_list files_09_list_type
@13:31:37 files_10_delete files_11_list_after deploy_05_patch_no_version openrosa_03_manifest_after_active_only_patch
@13:31:38 deploy_06_patch_version openrosa_04_manifest_after_redeploy openrosa_05_media openrosa_06_form_xml
@13:32:04 files_12_duplicate_with_metadata files_13_bad_mime_with_metadata files_14_redirect_url @delete_redirect
@13:32:57 submit_01_full_with_attachments submit_02_one_repeat_no_need submit_03_no_repeat submit_04_exact_duplicate
submit_05_same_uuid_different_content submit_06_split_part1 submit_07_split_part2 submit_08_missing_attachment
submit_09_anonymous_submission submit_10_anonymous_username_url submit_11_bad_token submit_12_bob_no_perm
submit_13_unknown_form
@13:32:58 submit_14_malformed_xml submit_15_empty_instanceid submit_16_old_version_attr submit_17_head
submit_18_via_kpi_host
@13:33:00 data_01_list_default
@13:33:54 edit_00_before edit_01_post_deprecatedID edit_02_after edit_03_get_by_new_uuid edit_03_get_by_old_uuid
edit_04_stale_deprecatedID
@13:33:55 edit_05_second_edit edit_06_after_second edit_07_bob_edit edit_08_unknown_deprecated
@13:33:57 bulk_01_patch bulk_02_after_2 bulk_02_after_3
@13:33:58 bulk_03_patch_query bulk_04_patch_badfield bulk_05_patch_missing_id
@13:33:59 valid_01_get valid_02_patch valid_03_after valid_04_bad valid_05_bulk valid_06_delete valid_07_after_delete
valid_08_bulk_foreign
@13:34:00 delete_01 delete_02_get_deleted delete_03_again delete_04_bulk delete_05_bulk_foreign
delete_06_bulk_noconfirm data_02_after_deletes
@13:34:00.719 duplicate_01
@13:34:01 edit_09_edit_validated edit_10_after
@13:34:41 @fill_paged
@13:36:59 page_01_default page_02_limit_5 page_03_limit_5_start_5 page_04_limit_5_offset_5 page_05_limit_5_page_2
page_07_limit_0 page_08_limit_-1 page_09_limit_abc page_10_start_beyond page_11_start_neg page_12_last
page_13_sort_desc page_14_sort_drf_style page_15_sort_two page_16_sort_submission_time_only page_17_fields
page_18_fields_single page_19_fields_csv page_20_query_gt page_21_query_next_link_kept page_22_query_time_gte
page_23_query_time_Z page_24_query_date_type page_25_query_badjson page_26_query_string_int page_27_query_string_str
page_28_query_bad_op page_29_query_where page_30_count_param page_31_unknown_param page_32_ids_in
page_33_submission_ids_param page_34_xml_format page_36_xml_one page_37_json_suffix
@look_at_main_four_times
@13:37:58 data_03_fields_without_validation data_04_fields_with_validation data_05_query_validation
data_06_query_arabic_regex data_07_query_deprecated_exists data_08_query_expr_edited data_09_query_start_gte
counts_01 history_01_list history_02_q_action history_03_q_action_date history_04_q_date_quoted history_05_actions
history_07_anon history_08_bad_q deployment_10
err_01_bad_token err_02_no_auth err_03_bob_no_perm err_04_missing_asset err_05_missing_asset_detail
err_06_missing_submission err_07_missing_uuid err_08_v1 err_09_assets_noauth err_10_bad_token_assets err_11_admin_data
err_12_asset_bob err_13_bearer err_14_basic_wrong err_15_basic_ok
att_01_token att_02_noauth att_03_badtoken att_04_accept_json att_05_small att_06_xpath att_07_list_noxpath
att_08_by_root_uuid att_10_range att_11_old_attachment_after_edit
@13:39:13 perm_01_list perm_02_grant_bob_view perm_03_bob_data perm_04_bob_asset perm_05_bob_history history_06_bob
perm_06_bob_delete perm_07_bob_bulk_patch perm_08_bob_validate perm_09_bob_deploy perm_10_bob_files
perm_11_bob_assets_list att_09_bob_view att_12_delete_attachment att_13_after_delete att_14_get_deleted
perm_12_remove perm_13_partial
@13:39:14 perm_14_bob_partial_data perm_15_bob_get_hidden history_09_rootuuid history_10_q history_11_q history_12_q
history_13_q history_14_q history_15_q history_16_q history_17_q
@13:39:16 hooks_03_submit
@13:39:23 hooks_05_edit
@13:39:27 archive_01 archive_02_submit archive_03_data_still archive_04_asset
@13:39:28 archive_06_unarchive perm_16_partial perm_17_bob_partial_data perm_18_bob_get_hidden perm_19_bob_list_detail
@13:40:58 hooks_08_submit
@13:41:04 hooks_09_edit
@13:41:08 hooks_11_validation hooks_12_delete
@13:41:15 replace_01_import_destination replace_02_import_result replace_03_asset_before_redeploy
replace_04_patch_old_version
@13:41:17 replace_05_patch_new_version replace_06_asset_after versions_03_list
@13:41:18 replace_07_same_again replace_08_submit_v2
@13:41:19 replace_09_submit_v1_after_v2_deployed replace_10_data assets_04_permission_bob
@13:41:20 enc_01_import @learn_encrypted
@13:41:21 enc_02_deploy enc_03_form
@13:41:22 enc_04_submit enc_05_data enc_06_asset
@13:42:17 @submit_1121 paired_01_share @drop_one_of_the_first_page drift_01_page2_after_delete
@13:42:18 @deploy_main asset_patch_name asset_post_content asset_delete asset_get_deleted
data_13_id_string data_14_id_gt_string data_15_nested_repeat_query data_16_repeat_elemMatch data_17_or
@13:44:27 submit_19_backdated_submissionDate data_10_backdated @edit_backdated data_12_backdated_after_edit
@13:44:34 @redeploy_encrypted enc_07_asset_after_redeploy @submit_the_rest data_11_late_attachments data_18_all_main
@13:44:35 assets_bob asset_xml history_20_after counts_02 etag_check head_data
asset_delete_deployed asset_deleted_data
"""


class Replay:
    """One run of the script against one server; collects the differences of every recording."""

    def __init__(self, server: Running) -> None:
        self.server = server
        self.mirror = Mirror(server.url)
        self.found: dict[str, list[str]] = {}

    def run(self) -> None:
        for word in SCRIPT.split():
            if re.fullmatch(r"@\d\d:\d\d:\d\d(\.\d{3})?", word):
                CLOCK[0] = datetime.fromisoformat(f"2026-11-23T{word[1:]}+00:00")
            elif word.startswith("@"):
                UNRECORDED[word[1:]](self)
            else:
                self.found[word] = self.replay(recordings.read(word))

    def replay(self, recording: Recording) -> list[str]:
        """Send the recorded request and say how the reply differs."""
        request = recording.request
        self.mirror.learn_sent(request["body"] or "")
        headers, payload = self._payload(recording)
        url = self.mirror.translate(request["url"])
        headers = self._login(recording) | headers
        reply = requests.request(request["method"], url, headers=headers, timeout=20, **payload)
        return list(self._compare(recording, reply))

    def _login(self, recording: Recording) -> dict[str, str]:
        scheme = (recording.request["auth"] or "").split(" ")[0]
        if scheme == "Basic":
            password = "wrong" if recording.user == "wrong" else "alice"
            return {"Authorization": "Basic " + base64.b64encode(f"alice:{password}".encode()).decode("ascii")}
        if not scheme:
            return {}
        token = TOKENS.get(recording.user, "0" * 40)
        return {"Authorization": f"{scheme} {token}"}

    def _payload(self, recording: Recording) -> tuple[dict[str, str], dict[str, Any]]:
        body, kind = recording.request["body"], recording.request["content_type"] or ""
        if not body:
            return {}, {}
        if recording.name in BODIES:
            return BODIES[recording.name]
        if kind.startswith("multipart/"):
            return {}, self._multipart(recording, body)
        return {"Content-Type": kind}, {"data": self.mirror.translate(body).encode("utf-8")}

    def _multipart(self, recording: Recording, body: str) -> dict[str, Any]:
        fields, files = {}, []
        for part in re.split(r"(?:^|\r\n)--[0-9a-f]{32}(?:--)?\r\n", body)[1:]:
            head, _, content = part.partition("\r\n\r\n")
            if "name=" not in head:
                continue
            name, filename, kind = _disposition(head)
            if filename is None:
                fields[name] = self.mirror.translate(content)
            else:
                files.append((name, (filename, self._file(recording, filename, content), kind)))
        more = CUT_OFF.get(recording.name, ())
        files += [(name, (name, b"cut off in the recording", FILE_KINDS[name[-3:]])) for name in more]
        return {"data": fields, "files": files}

    def _file(self, recording: Recording, filename: str, content: str) -> bytes:
        if filename.endswith(".xlsx") and content.startswith("PK"):
            return WORKBOOKS[recording.name]()
        return self.mirror.translate(content).encode("utf-8", "replace")

    def _compare(self, recording: Recording, reply: requests.Response) -> Iterator[str]:
        if reply.status_code != recording.status:
            yield f"status: {recording.status} recorded, {reply.status_code} here: {reply.text[:300]}"
            return
        kinds = [headers.get("Content-Type", "") for headers in (recording.headers, reply.headers)]
        if kinds[0] != kinds[1]:
            yield f"content type: {kinds[0]} recorded, {kinds[1]} here"
        if not isinstance(recording.body, str):
            yield from self.mirror.differences(recording.body, reply.json())
        elif recordings.SUMMED_UP.fullmatch(recording.body):
            if recording.body.startswith("<0 ") and reply.content:
                yield f"body: empty recorded, {len(reply.content)} bytes here"
        else:
            yield from self._compare_text(recording.body, reply)

    def _compare_text(self, recorded: str, reply: requests.Response) -> Iterator[str]:
        if reply.headers["Content-Type"] == "text/csv":
            recorded, here = recorded.encode("latin-1").decode("utf-8"), reply.content.decode("utf-8")
        else:
            here = reply.content.decode("utf-8")
        if not self.mirror.same_document(recorded, here):
            yield f"text: {self.mirror.translate(recorded)!r} recorded, {here!r} here"


def _disposition(head: str) -> tuple[str, str | None, str]:
    message = Message()
    for line in head.split("\r\n"):
        field, _, value = line.partition(": ")
        message[field] = value
    name = message.get_param("name", header="Content-Disposition")
    return str(name), message.get_filename(), message.get_content_type()


def workbook(sheets: dict[str, list[dict[str, Any]]]) -> bytes:
    """An xlsx file of these sheets."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        header = list(dict.fromkeys(key for row in rows for key in row if not key.startswith("$")))
        sheet.append(header)
        for row in rows:
            sheet.append([row.get(key) for key in header])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _sheets_of(name: str, title: str) -> dict[str, list[dict[str, Any]]]:
    content = recordings.read(name).body["content"]
    sheets = flatten(content)
    settings = sheets["settings"][0]
    sheets["settings"] = [{"form_title": title, "form_id": settings.pop("id_string"), **settings}]
    return sheets


def form_v1(*more: dict[str, Any]) -> bytes:
    sheets = _sheets_of("assets_02_detail_predeploy", "Referral intake")
    sheets["survey"].extend(more)
    return workbook(sheets)


def form_v2() -> bytes:
    return workbook(_sheets_of("replace_03_asset_before_redeploy", "Referral intake"))


def form_with_bad_reference() -> bytes:
    return form_v1({"type": "calculate", "name": "bad", "calculation": "${nope}"})


def form_with_open_repeat() -> bytes:
    sheets = _sheets_of("assets_02_detail_predeploy", "Referral intake")
    sheets["survey"] = [row for row in sheets["survey"] if row["type"] != "end_repeat"]
    return workbook(sheets)


def form_encrypted() -> bytes:
    return workbook(_sheets_of("enc_06_asset", "Encrypted intake"))


WORKBOOKS: dict[str, Callable[[], bytes]] = {
    "imports_01_file_default_library": form_v1,
    "imports_03_file_library_false": form_v1,
    "imports_11_bad_ref.xlsx": form_with_bad_reference,
    "imports_11_bad_repeat.xlsx": form_with_open_repeat,
    "replace_01_import_destination": form_v2,
    "replace_07_same_again": form_v2,
    "enc_01_import": form_encrypted,
}
_V1 = base64.b64encode(form_v1()).decode("ascii")
FORM_ENCODED = {"Content-Type": "application/x-www-form-urlencoded"}
# Requests whose recorded body was cut: sent with the whole form in its place.
BODIES: dict[str, tuple[dict[str, str], dict[str, Any]]] = {
    "imports_05_base64": ({}, {"data": {"base64Encoded": f"base64:{_V1}", "name": "v1.xlsx", "library": "false"}}),
    "imports_07_base64_datauri": ({}, {"data": {"base64Encoded": f"data:x;base64,{_V1}", "library": "false"}}),
    "imports_09_json_body": ({}, {"json": {"base64Encoded": f"base64:{_V1}"}}),
}
# Files that were sent too, but cut off in the recording.
CUT_OFF = {"submit_01_full_with_attachments": ("letter.pdf", "m1.jpg", "صورة المنزل.jpg")}


def delete_redirect(replay: Replay) -> None:
    """The history shows that the redirected file was deleted again."""
    project = _project(replay, MAIN)
    _alice(replay, "DELETE", f"/api/v2/assets/{project.uid}/files/{project.files[-1].uid}/")


def _project(replay: Replay, uid: str) -> Any:
    return replay.server.world.projects[replay.mirror.here[uid]]


def _alice(replay: Replay, method: str, path: str, **payload: Any) -> requests.Response:
    headers = {"Authorization": f"Token {TOKENS['alice']}"}
    reply = requests.request(method, replay.server.url + path, headers=headers, timeout=20, **payload)
    assert reply.ok, reply.text
    return reply


def fill_paged(replay: Replay) -> None:
    """The second project, whose 1,105 submissions were not recorded one by one."""
    asset = recordings.read("paired_01_share").body
    world = replay.server.world
    project = world.add_project(world.accounts.by_name["alice"], asset["name"], asset["content"])
    replay.mirror.learn(PAGED, project.uid)
    replay.mirror.learn("vv2DagUNgWRicFYj9wE7Vm", project.latest.uid)
    _alice(replay, "POST", f"/api/v2/assets/{project.uid}/deployment/", json={"active": True})
    world.load(project, [json.loads(replay.mirror.translate(json.dumps(row))) for row in _paged_rows()])


def _paged_rows() -> Iterator[dict[str, Any]]:
    """The rows that some recording shows, and others like them in between, each with the time of the one before."""
    shown: dict[int, dict[str, Any]] = {}
    for name in [name for name in recordings.names() if name.startswith(("page_", "drift_"))]:
        body = recordings.read(name).body
        rows = body.get("results", []) if isinstance(body, dict) else []
        shown |= {row["_id"]: row for row in rows if row.get("_xform_id_string") == PAGED}
    at = ""
    for number in range(11, 1116):
        row = shown.get(number) or _invented(number, at)
        at = row["_submission_time"]
        yield row


def _invented(number: int, at: str) -> dict[str, Any]:
    uuid = f"00000000-0000-4000-8000-{number:012d}"
    own = {"_id": number, "_uuid": uuid, "meta/rootUuid": f"uuid:{uuid}", "_submission_time": at}
    return own | {"n": "-1", "t": "unseen"}


def look_at_main_four_times(replay: Replay) -> None:
    """The history holds four looks at the data that were not recorded as JSON."""
    for _ in range(4):
        _alice(replay, "GET", f"/api/v2/assets/{replay.mirror.here[MAIN]}/data/")


def drop_one_of_the_first_page(replay: Replay) -> None:
    _alice(replay, "DELETE", f"/api/v2/assets/{replay.mirror.here[PAGED]}/data/11/")


def learn_encrypted(replay: Replay) -> None:
    """The import's result was not recorded: fetch it, and match the project and its version."""
    uid = next(reversed(replay.server.world.projects))
    replay.mirror.learn(ENCRYPTED, uid)


def deploy_main(replay: Replay) -> None:
    project = _project(replay, MAIN)
    body = {"active": True, "version_id": project.latest.uid}
    _alice(replay, "PATCH", f"/api/v2/assets/{project.uid}/deployment/", json=body)


def redeploy_encrypted(replay: Replay) -> None:
    project = _project(replay, ENCRYPTED)
    body = {"active": True, "version_id": project.latest.uid}
    _alice(replay, "PATCH", f"/api/v2/assets/{project.uid}/deployment/", json=body)


def _rows_of_main() -> dict[int, dict[str, Any]]:
    return {row["_id"]: row for row in recordings.read("data_18_all_main").body["results"]}


def submit_1121(replay: Replay) -> None:
    _submit(replay, _rows_of_main()[1121])


def edit_backdated(replay: Replay) -> None:
    _submit(replay, recordings.read("data_12_backdated_after_edit").body)


def submit_the_rest(replay: Replay) -> None:
    """Submissions that no recording holds; the last one's files came in a later request."""
    rows = _rows_of_main()
    for number in range(1123, 1135):
        _submit(replay, rows[number], with_files=True)
    _submit(replay, rows[1135])
    _submit(replay, rows[1135], with_files=True)


def _submit(replay: Replay, row: dict[str, Any], with_files: bool = False) -> None:
    answers = json.loads(replay.mirror.translate(json.dumps(row)))
    for key in [key for key in answers if key.startswith("_") and key != "__version__"]:
        del answers[key]
    answers.pop("meta/rootUuid")
    xml = to_xml(replay.mirror.here[MAIN], "1", answers)
    files = [("xml_submission_file", ("submission.xml", xml, "text/xml"))]
    shown = row["_attachments"] if with_files else []
    files += [(file["media_file_basename"], (file["media_file_basename"], b"x", file["mimetype"])) for file in shown]
    _alice(replay, "POST", "/submission", files=files)


UNRECORDED: dict[str, Callable[[Replay], None]] = {
    step.__name__: step
    for step in (
        delete_redirect,
        fill_paged,
        look_at_main_four_times,
        drop_one_of_the_first_page,
        learn_encrypted,
        deploy_main,
        redeploy_encrypted,
        submit_1121,
        edit_backdated,
        submit_the_rest,
    )
}
CLOCK = [datetime(2026, 11, 23, 13, 28, 55, tzinfo=UTC)]


def ticking_clock() -> datetime:
    """The script's time, a little later at each look."""
    CLOCK[0] += timedelta(microseconds=100)
    return CLOCK[0]


REPLAYED = [word for word in SCRIPT.split() if not word.startswith("@")]


@pytest.fixture(scope="module")
def replayed() -> Iterator[Replay]:
    """The whole script, run once."""
    with running(clock=ticking_clock) as server:
        replay = Replay(server)
        replay.run()
        yield replay


@pytest.mark.parametrize("name", REPLAYED)
def test_recording__replayed__equals_the_real_reply(replayed: Replay, name: str) -> None:
    tolerated = tuple(TOLERATED.get(name, {}))
    assert [one for one in replayed.found[name] if not (tolerated and one.startswith(tolerated))] == []


def test_tolerated__each__still_differs(replayed: Replay) -> None:
    for name, paths in TOLERATED.items():
        for path in paths:
            assert any(difference.startswith(path) for difference in replayed.found[name]), (name, path)


def test_recordings__all__replayed_once_or_listed() -> None:
    assert sorted([*REPLAYED, *LEFT_OUT]) == recordings.names()


def test_mirror__identifiers_out_of_step__seen() -> None:
    mirror = Mirror("http://here")
    one, other = {"uid": MAIN}, {"uid": PAGED}
    assert list(mirror.differences(one, other)) == []
    assert list(mirror.differences(one, {"uid": ENCRYPTED})) != []
    assert list(mirror.differences({"n": 1}, {"n": "1"})) != []
    assert urlsplit(mirror.translate(f"{recordings.RECORDED_HOST}/{MAIN}")).path == f"/{PAGED}"
