"""Webhooks in a whole server: who is let in, what becomes of a delivery, what happens when it comes again."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import time
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from gojinn.testing.app import App, Ended, serve
from gojinn.testing.guests import guest
from gojinn.testing.records import over

pytestmark = [pytest.mark.slow, pytest.mark.toolchain]

SECRET = "correct horse"
BODY = b'{"zen": "Keep it logically awesome."}'


def site(scheme: str, more: str = "") -> str:
    """A site with one webhook whose function answers with its envelope."""
    block = f"secret {{env.HOOK}}\nsecret old-one\nscheme {scheme}\n{more}"
    return f":0 {{\nwebhook /hook {guest('envelope')} {{\n{block}\n}}\nrespond /elsewhere other\n}}\n"


def signed(message: bytes, secret: str = SECRET) -> str:
    return hmac.digest(secret.encode(), message, hashlib.sha256).hex()


def serving(tmp_path: Path, caddyfile: str, workers: int = 1) -> Any:
    return serve(caddyfile, folder=tmp_path, workers=workers, env={"HOOK": SECRET})


async def send(app: App, body: bytes, headers: dict[str, str]) -> tuple[int, dict[str, Any]]:
    async with app.session.post(f"{app.urls[0]}/hook", data=body, headers=headers) as response:
        return response.status, await response.json(content_type=None)


async def test_a_signed_delivery_runs_the_function_once(tmp_path: Path) -> None:
    fields = {"X-Hub-Signature-256": f"sha256={signed(BODY)}", "X-GitHub-Event": "push"}
    async with serving(tmp_path, site("github", "tenant acme"), workers=2) as app:
        status, first = await send(app, BODY, fields)
        assert (status, first["duplicate"]) == (202, False)
        envelope = json.loads((await over(app, first["job"]))["body"])
        assert (envelope["method"], envelope["trigger"], envelope["tenant"]) == ("WEBHOOK", "webhook", "acme")
        assert envelope["body"] == BODY.decode()
        assert envelope["headers"]["X-Github-Event"] == ["push"]
        again = await send(app, BODY, {**fields, "X-GitHub-Delivery": "pretends to be new"})
        assert again == (202, {"job": first["job"], "duplicate": True})


async def test_deliveries_that_come_at_the_same_time_run_once(tmp_path: Path) -> None:
    fields = {"X-Hub-Signature-256": f"sha256={signed(BODY)}"}
    async with serving(tmp_path, site("github"), workers=2) as app:
        answers = await asyncio.gather(*(send(app, BODY, fields) for _ in range(20)))
        assert {status for status, _ in answers} == {202}
        assert len({answer["job"] for _, answer in answers}) == 1
        assert sum(not answer["duplicate"] for _, answer in answers) == 1


async def test_a_delivery_that_was_acknowledged_survives_a_crash(tmp_path: Path) -> None:
    fields = {"X-Signature": signed(BODY)}
    async with serving(tmp_path, site("generic")) as app:
        status, answer = await send(app, BODY, fields)
        assert status == 202
        app.process.kill()
        await app.wait()
    async with serving(tmp_path, site("generic")) as app:
        assert (await over(app, answer["job"]))["state"] == "done"


async def test_stripe_and_slack_sign_with_a_time(tmp_path: Path) -> None:
    now, old = int(time.time()), int(time.time()) - 3600
    other = f'webhook /slack {guest("envelope")} {{\nsecret "{SECRET}"\nscheme slack\n}}\n'
    caddyfile = site("stripe").replace("respond", f"{other}respond")
    async with serving(tmp_path, caddyfile) as app:
        for stamp, expected in ((now, 202), (old, 401)):
            fields = {"Stripe-Signature": f"t={stamp},v1={signed(f'{stamp}.'.encode() + BODY)}"}
            assert (await send(app, BODY, fields))[0] == expected
        challenge = b'{"type":"url_verification","challenge":"abc","token":"x"}'
        slack = {
            "X-Slack-Request-Timestamp": str(now),
            "X-Slack-Signature": f"v0={signed(f'v0:{now}:'.encode() + challenge)}",
        }
        async with app.session.post(f"{app.urls[0]}/slack", data=challenge, headers=slack) as response:
            assert (response.status, await response.json()) == (200, {"challenge": "abc"})


async def test_what_is_not_signed_right_is_refused_and_tells_nothing(tmp_path: Path) -> None:
    async with serving(tmp_path, site("github")) as app:
        for fields in ({}, {"X-Hub-Signature-256": f"sha256={signed(BODY, 'guess')}"}):
            status, problem = await send(app, BODY, fields)
            assert (status, problem["code"]) == (401, "unauthorized")
            assert SECRET not in json.dumps(problem)
            assert signed(BODY) not in json.dumps(problem)
        old = await send(app, BODY, {"X-Hub-Signature-256": f"sha256={signed(BODY, 'old-one')}"})
        assert old[0] == 202
        async with app.session.get(f"{app.urls[0]}/hook") as response:
            assert (response.status, response.headers["Allow"]) == (405, "POST")
        async with app.session.get(f"{app.urls[0]}/elsewhere") as response:
            assert await response.text() == "other"


async def test_a_secret_that_the_environment_leaves_empty_stops_the_start(tmp_path: Path) -> None:
    with pytest.raises(Ended, match=r"exit code 3(?s:.*)'secret' of webhook '/hook' is empty"):
        async with serve(site("github"), folder=tmp_path):
            pass


async def test_a_delivery_that_is_too_large_is_refused(tmp_path: Path) -> None:
    body = b"x" * 1_048_000
    async with serving(tmp_path, site("github")) as app:
        try:
            status, _ = await send(app, body, {"X-Hub-Signature-256": f"sha256={signed(body)}"})
        except aiohttp.ClientError as error:
            raise AssertionError("it was cut off without an answer") from error
        assert status == 413
