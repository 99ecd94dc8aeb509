"""The conformance function of the Python SDK: does what ../../conformance/README.md says."""

import os
from collections.abc import Callable
from typing import Any

from gojinn_sdk import Error, NotFound, Request, Response, ai, blob, http, kv, lock, log, queue, sql

Action = Callable[[Request], Any]


def handle(request: Request) -> Response:
    """Does what is asked at the path."""
    if request.path.startswith("/status/"):
        return Response.empty(int(request.path.removeprefix("/status/")))
    action = ACTIONS.get(request.path)
    if action is None:
        return Response.text("no such path", 404)
    try:
        answer = action(request)
    except Error as error:
        return Response.json({"error": error.code, "message": error.message}, 400)
    return answer if isinstance(answer, Response) else Response.json(answer)


def echo(request: Request) -> Response:
    return Response.bytes(request.body, request.headers.get("content-type", ""))


def describe(request: Request) -> dict[str, Any]:
    return {
        "method": request.method,
        "path": request.path,
        "query": request.query.get("q", ""),
        "header": request.headers.all("x-many"),
        "trigger": request.trigger,
        "tenant": request.tenant,
        "attempt": request.attempt,
    }


def headers(request: Request) -> Response:
    return Response.text("ok", headers={"Set-Cookie": ["a=1", "b=2"]})


def compute(request: Request) -> dict[str, Any]:
    given = request.json()
    return {"text": given["text"], "number": given["number"] + 1, "count": len(given["list"])}


def fail(request: Request) -> None:
    raise RuntimeError("a detail that stays in the log")


def write_log(request: Request) -> Response:
    given = request.json()
    levels = {"debug": log.debug, "info": log.info, "warn": log.warn, "error": log.error}
    levels[given["level"]](given["message"], **given.get("fields") or {})
    return Response.empty()


def kv_get(request: Request) -> dict[str, Any]:
    entry = kv.find(request.json()["key"])
    return {"value": None} if entry is None else {"value": entry.value.decode(), "revision": entry.revision}


def kv_put(request: Request) -> dict[str, Any]:
    given = request.json()
    return {"revision": kv.put(given["key"], given["value"], ttl=given.get("ttl"))}


def kv_create(request: Request) -> dict[str, Any]:
    given = request.json()
    return {"revision": kv.create(given["key"], given["value"], ttl=given.get("ttl"))}


def kv_cas(request: Request) -> dict[str, Any]:
    given = request.json()
    return {"revision": kv.cas(given["key"], given["value"], given["revision"])}


def kv_delete(request: Request) -> dict[str, Any]:
    kv.delete(request.json()["key"])
    return {}


def kv_list(request: Request) -> dict[str, Any]:
    given = request.json()
    page = kv.keys(given["prefix"], limit=given["limit"])
    return {"keys": page.names, "more": page.next is not None}


def kv_commit(request: Request) -> dict[str, Any]:
    changes = [
        kv.Change(each["key"], None if each.get("delete") else each["value"], each.get("revision"))
        for each in request.json()["changes"]
    ]
    return {"revisions": len(kv.commit(changes))}


def kv_bytes(request: Request) -> Any:
    key = request.query["key"]
    if request.method == "PUT":
        return {"revision": kv.put(key, request.body)}
    value = kv.get(key)
    if value is None:
        raise NotFound("no such key")
    return Response.bytes(value)


def lock_cycle(request: Request) -> dict[str, Any]:
    name = request.json()["name"]
    taken = lock.acquire(name, ttl=30)
    second = code_of(lambda: lock.acquire(name, ttl=30))
    taken.renew(60)
    taken.release()
    return {"second": second, "ttl": taken.ttl, "again": code_of(taken.release)}


def code_of(action: Callable[[], Any]) -> str | None:
    try:
        action()
    except Error as error:
        return error.code
    return None


def sql_exec(request: Request) -> dict[str, Any]:
    given = request.json()
    return {"changes": sql.execute(given["sql"], *given.get("params") or []).changes}


def sql_query(request: Request) -> dict[str, Any]:
    given = request.json()
    found = sql.query(given["sql"], *given.get("params") or [])
    return {"columns": found.columns, "rows": found.rows}


def sql_batch(request: Request) -> dict[str, Any]:
    statements = [
        sql.Statement(each["sql"], each.get("params") or []) for each in request.json()["statements"]
    ]
    return {"changes": [done.changes for _, done in sql.batch(statements)]}


class Undo(Exception):
    """Undoes a transaction."""


def sql_transaction(request: Request) -> dict[str, Any]:
    given = request.json()
    try:
        with sql.transaction():
            sql.execute(given["sql"], *given.get("params") or [])
            if not given["commit"]:
                raise Undo
    except Undo:
        pass
    return {}


def sql_bytes(request: Request) -> Response:
    return Response.bytes(sql.query("select ? as bytes", request.body).rows[0][0])


def blob_put(request: Request) -> dict[str, Any]:
    content_type = request.headers.get("content-type")
    return {"etag": blob.put(request.query["key"], request.body, content_type=content_type)}


def blob_create(request: Request) -> dict[str, Any]:
    return {"etag": blob.create(request.query["key"], request.body)}


def blob_get(request: Request) -> Response:
    found = blob.get(request.query["key"])
    return Response.bytes(found.body, found.content_type)


def blob_head(request: Request) -> dict[str, Any]:
    found = blob.head(request.query["key"])
    return {"size": found.size, "content_type": found.content_type}


def blob_list(request: Request) -> dict[str, Any]:
    return {"keys": [each.key for each in blob.objects(request.query["prefix"]).objects]}


def blob_copy(request: Request) -> dict[str, Any]:
    blob.copy(request.query["key"], request.query["target"])
    return {}


def blob_delete(request: Request) -> dict[str, Any]:
    blob.delete(request.query["key"])
    return {}


def queue_publish(request: Request) -> dict[str, Any]:
    given = request.json()
    published = queue.publish(given["queue"], given["body"], key=given.get("key"), delay=given.get("delay"))
    return {"job": published.job, "duplicate": published.duplicate}


def queue_cycle(request: Request) -> dict[str, Any]:
    published = queue.publish(request.json()["queue"], request.body, delay=3600)
    before = queue.status(published.job).state
    return {"before": before, "after": queue.cancel(published.job).state}


def http_fetch(request: Request) -> dict[str, Any]:
    given = request.json()
    answer = http.fetch(given.pop("url"), **given)
    cookies = answer.headers.all("set-cookie")
    return {"status": answer.status, "cookies": cookies, "body": answer.text(), "url": answer.url}


def http_relay(request: Request) -> Response:
    kind = {"Content-Type": request.headers["content-type"]}
    answer = http.fetch(request.query["url"], method="POST", headers=kind, body=request.body)
    return Response.bytes(answer.body, answer.headers["content-type"])


def ai_chat(request: Request) -> dict[str, Any]:
    return {"answer": ai.chat(request.json()["prompt"])}


ACTIONS: dict[str, Action] = {
    "/echo": echo,
    "/request": describe,
    "/headers": headers,
    "/json": compute,
    "/fail": fail,
    "/env": lambda request: {"value": os.environ.get("GREETING")},
    "/log": write_log,
    "/kv/get": kv_get,
    "/kv/put": kv_put,
    "/kv/create": kv_create,
    "/kv/cas": kv_cas,
    "/kv/delete": kv_delete,
    "/kv/list": kv_list,
    "/kv/commit": kv_commit,
    "/kv/bytes": kv_bytes,
    "/lock/cycle": lock_cycle,
    "/sql/exec": sql_exec,
    "/sql/query": sql_query,
    "/sql/batch": sql_batch,
    "/sql/transaction": sql_transaction,
    "/sql/bytes": sql_bytes,
    "/blob/put": blob_put,
    "/blob/create": blob_create,
    "/blob/get": blob_get,
    "/blob/head": blob_head,
    "/blob/list": blob_list,
    "/blob/copy": blob_copy,
    "/blob/delete": blob_delete,
    "/queue/publish": queue_publish,
    "/queue/cycle": queue_cycle,
    "/http/fetch": http_fetch,
    "/http/relay": http_relay,
    "/ai/chat": ai_chat,
}
