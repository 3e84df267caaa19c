"""The addresses of the simulated server, and the way from the web library's request to a handler and back."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable
from datetime import timedelta
from typing import Any

import orjson
from starlette.applications import Starlette
from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from kobo_crc.simulator import api_assets, api_data, api_deployment, api_files, openrosa
from kobo_crc.simulator.accounts import WrongCredentials
from kobo_crc.simulator.faults import Fault, UnknownFault
from kobo_crc.simulator.web import HTML_TYPE, Call, Refused, Reply, Upload, bad_request, json_reply, problem
from kobo_crc.simulator.world import World

Handler = Callable[[World, Call], Reply]
ASSET = "/api/v2/assets/{uid}"
DATA = f"{ASSET}/data"
ROW = f"{DATA}/{{row}}"
V1_GONE = (
    "The V1 API has been removed. Please read the migration article at "
    "https://support.kobotoolbox.org/migrating_api.html"
)


def _removed(world: World, call: Call) -> Reply:
    return problem(410, V1_GONE)


def _no_page(world: World, call: Call) -> Reply:
    return Reply(404, b"404 Not Found", HTML_TYPE)


def _version(world: World, call: Call) -> Reply:
    return json_reply({"version": "simulator"})


ADDRESSES: dict[str, dict[str, Handler]] = {
    "/api/v2/assets/": {"GET": api_assets.list_assets, "POST": api_assets.create_asset},
    f"{ASSET}.xml": {"GET": api_assets.get_xml},
    f"{ASSET}/": {"GET": api_assets.get_asset, "PATCH": api_assets.patch_asset, "DELETE": api_assets.delete_asset},
    f"{ASSET}/content/": {"GET": api_assets.get_content},
    f"{ASSET}/valid_content/": {"GET": api_assets.get_valid_content},
    f"{ASSET}/xform.xml": {"GET": _no_page},
    f"{ASSET}/versions/": {"GET": api_assets.list_versions},
    f"{ASSET}/versions/{{version}}/": {"GET": api_assets.get_version},
    f"{ASSET}/counts/": {"GET": api_assets.get_counts},
    f"{ASSET}/history/": {"GET": api_assets.list_history},
    f"{ASSET}/history/actions/": {"GET": api_assets.list_actions},
    f"{ASSET}/permission-assignments/": {"GET": api_assets.list_permissions, "POST": api_assets.add_permission},
    f"{ASSET}/permission-assignments/{{grant}}/": {"DELETE": api_assets.remove_permission},
    f"{ASSET}/deployment/": {
        "GET": api_deployment.get_deployment,
        "POST": api_deployment.create_deployment,
        "PATCH": api_deployment.update_deployment,
    },
    "/api/v2/imports/": {"GET": api_deployment.list_imports, "POST": api_deployment.create_import},
    "/api/v2/imports/{import_uid}/": {"GET": api_deployment.get_import},
    f"{ASSET}/files/": {"GET": api_files.list_files, "POST": api_files.create_file},
    f"{ASSET}/files/{{file}}/": {"GET": api_files.get_file, "DELETE": api_files.delete_file},
    f"{ASSET}/files/{{file}}/content/": {"GET": api_files.get_file_content},
    f"{ASSET}/attachments/{{attachment}}/": {"DELETE": api_files.delete_attachment},
    f"{DATA}/": {"GET": api_data.list_data},
    f"{DATA}.json": {"GET": api_data.list_data},
    f"{DATA}/bulk/": {"PATCH": api_data.patch_bulk, "DELETE": api_data.delete_bulk},
    f"{DATA}/validation_statuses/": {"PATCH": api_data.patch_validations, "DELETE": api_data.delete_validations},
    f"{ROW}/": {"GET": api_data.get_row, "DELETE": api_data.delete_row},
    f"{ROW}/duplicate/": {"POST": api_data.duplicate_row},
    f"{ROW}/validation_status/": {
        "GET": api_data.get_validation,
        "PATCH": api_data.patch_validation,
        "DELETE": api_data.delete_validation,
    },
    f"{ROW}/attachments/": {"GET": api_files.find_attachment},
    f"{ROW}/attachments/{{attachment}}/": {"GET": api_files.get_attachment},
    f"{ROW}/attachments/{{attachment}}/{{size}}/": {"GET": api_files.get_attachment},
    "/submission": {"POST": openrosa.submit, "HEAD": openrosa.head_submission},
    "/{username}/submission": {"POST": openrosa.submit, "HEAD": openrosa.head_submission},
    "/formList": {"GET": openrosa.form_list},
    "/forms/{number}/form.xml": {"GET": openrosa.form_xml},
    "/xformsManifest/{number}": {"GET": openrosa.manifest},
    "/xformsMedia/{number}/{place}": {"GET": openrosa.media},
    "/api/v1/{rest:path}": dict.fromkeys(("GET", "POST", "PATCH", "DELETE"), _removed),
    "/version/": {"GET": _version},
}


def create_app(world: World) -> Starlette:
    """Return the web application that serves this world."""
    routes = [Route(path, _endpoint(world, by_method), methods=_methods(by_method)) for path, by_method in _all()]
    app = Starlette(routes=[*_control(world), *routes], exception_handlers={404: _missing, 405: _not_allowed})
    return app


def _all() -> Iterable[tuple[str, dict[str, Handler]]]:
    return ADDRESSES.items()


def _methods(by_method: dict[str, Handler]) -> list[str]:
    return [*by_method, *(["HEAD"] if "GET" in by_method else [])]


def _endpoint(world: World, by_method: dict[str, Handler]) -> Callable[[Request], Any]:
    async def endpoint(request: Request) -> Response:
        target = f"{request.url.path}?{request.url.query}" if request.url.query else request.url.path
        fault = world.faults.strike(request.method, target)
        if fault is not None and fault.kind in ("status", "html"):
            return _failure(fault)
        reply = world.faults.after(fault, request.url.path, await _reply(world, request, by_method))
        return await _spoil(fault, reply) if fault and fault.kind != "repeat" else _response(reply)

    return endpoint


async def _reply(world: World, request: Request, by_method: dict[str, Handler]) -> Reply:
    handler = by_method.get(request.method) or by_method["GET"]
    try:
        return handler(world, await _call(world, request))
    except Refused as refused:
        return refused.reply
    except WrongCredentials as error:
        return _unauthorised(request, str(error))


def _unauthorised(request: Request, message: str) -> Reply:
    if request.url.path.endswith("/submission") or not request.url.path.startswith("/api/"):
        return openrosa.unauthorised(message)
    return json_reply({"detail": message}, 401, {"WWW-Authenticate": "Session"})


async def _call(world: World, request: Request) -> Call:
    user = world.accounts.authenticate(request.headers.get("authorization", ""))
    is_json = request.headers.get("content-type", "").startswith("application/json")
    fields, uploads = await (_json_fields(request) if is_json else _form_fields(request))
    return Call(
        method=request.method,
        host=f"{request.url.scheme}://{request.url.netloc}",
        path=request.url.path,
        params=request.path_params,
        query=tuple(request.query_params.multi_items()),
        user=user,
        fields=fields,
        uploads=uploads,
        is_json=is_json,
        source=_source(request.headers.get("user-agent", "")),
    )


def _source(agent: str) -> str:
    return "Python Requests (Other)" if agent.startswith("python-requests") else agent


async def _json_fields(request: Request) -> tuple[dict[str, Any], tuple[Upload, ...]]:
    try:
        value = orjson.loads(await request.body() or b"{}")
    except orjson.JSONDecodeError as error:
        raise bad_request({"detail": f"JSON parse error - {error}"}) from error
    return (value if isinstance(value, dict) else {}), ()


async def _form_fields(request: Request) -> tuple[dict[str, Any], tuple[Upload, ...]]:
    fields: dict[str, Any] = {}
    uploads = []
    async with request.form(max_files=5000, max_fields=5000, max_part_size=64 * 1024 * 1024) as form:
        for name, value in form.multi_items():
            if isinstance(value, UploadFile):
                kind = value.content_type or ""
                uploads.append(Upload(name, value.filename or "", kind, await value.read()))
            else:
                fields[name] = value
    return fields, tuple(uploads)


def _response(reply: Reply) -> Response:
    headers = dict(reply.headers) | {"Content-Language": "en", "X-Frame-Options": "DENY"}
    if reply.content_type:
        headers["Content-Type"] = reply.content_type
    return Response(reply.body, reply.status, headers)


def _failure(fault: Fault) -> Response:
    headers = {"Retry-After": fault.retry_after} if fault.retry_after else {}
    if fault.kind == "html":
        page = f"<html><head><title>{fault.status}</title></head><body><h1>{fault.status}</h1></body></html>"
        return Response(page, fault.status, headers | {"Content-Type": HTML_TYPE})
    return JSONResponse({"detail": f"Simulated failure {fault.status}"}, fault.status, headers)


async def _spoil(fault: Fault, reply: Reply) -> Response:
    """Send the true reply, but late, half of it as if whole, or half of what was announced."""
    if fault.kind == "delay":
        await asyncio.sleep(fault.seconds)
        return Response(reply.body, reply.status, dict(reply.headers), reply.content_type)
    half = reply.body[: len(reply.body) // 2]
    if fault.kind == "truncate":
        return Response(half, reply.status, dict(reply.headers), reply.content_type)
    headers = dict(reply.headers) | {"Content-Length": str(len(reply.body)), "Content-Type": reply.content_type}
    return StreamingResponse(_broken_off(half), reply.status, headers)


class CutConnection(ConnectionError):
    """Ends a reply in the middle, on purpose."""


async def _broken_off(half: bytes) -> AsyncIterator[bytes]:
    yield half
    raise CutConnection("A fault on order cut this connection.")


def _missing(request: Request, error: Exception) -> Response:
    return Response(b"404 Not Found", 404, media_type=HTML_TYPE)


def _not_allowed(request: Request, error: Exception) -> Response:
    return JSONResponse({"detail": f'Method "{request.method}" not allowed.'}, 405)


def _control(world: World) -> list[Route]:
    """The simulator's own addresses, outside the API: faults, clock, a fresh start."""

    async def faults(request: Request) -> Response:
        if request.method == "DELETE":
            world.faults.clear()
            return JSONResponse({"faults": 0})
        try:
            world.faults.order(orjson.loads(await request.body()))
        except (UnknownFault, orjson.JSONDecodeError) as error:
            return JSONResponse({"detail": str(error)}, 400)
        return JSONResponse({"faults": len(world.faults.ordered)})

    async def clock(request: Request) -> Response:
        world.offset += timedelta(seconds=float(orjson.loads(await request.body())["seconds"]))
        return JSONResponse({"now": world.stamp()})

    async def reset(request: Request) -> Response:
        world.reset()
        return JSONResponse({})

    return [
        Route("/_simulator/faults", faults, methods=["POST", "DELETE"]),
        Route("/_simulator/clock", clock, methods=["POST"]),
        Route("/_simulator/reset", reset, methods=["POST"]),
    ]
