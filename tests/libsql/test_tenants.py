"""Databases of tenants: whose it is, the token or the path tells."""

from __future__ import annotations

from pathlib import Path

import pytest

from gojinn.testing.app import serve
from gojinn.testing.libsql import Hrana, execute

pytestmark = pytest.mark.slow

SITE = """
{
	gojinn {
		data_dir ./data
	}
}
http://localhost:0 {
	handle_path /t/* {
		libsql tenant:shop {
			tenant {http.request.header.x-tenant}
			auth_token any
			auth_token acme acmes
		}
	}
	libsql tenant:shop {
		auth_token acme acmes
		auth_token globex globexs
		auth_token any
	}
}
"""


async def test_each_tenant_has_a_database_of_its_own(tmp_path: Path) -> None:
    async with serve(SITE, folder=tmp_path) as app:
        acme, globex = Hrana(app, token="acmes"), Hrana(app, token="globexs")
        await acme.result(execute("create table t (a)"))
        assert await globex.code(execute("select * from t")) == "SQLITE_UNKNOWN"
        assert (tmp_path / "data" / "tenants" / "acme" / "shop.db").exists()
        status, _ = await Hrana(app, token="any").post("/v2/pipeline", {"requests": []})
        assert status == 200
        assert (tmp_path / "data" / "tenants" / "default" / "shop.db").exists()


async def test_a_path_may_tell_the_tenant_but_not_to_another_ones_token(tmp_path: Path) -> None:
    async with serve(SITE, folder=tmp_path) as app:
        for tenant, token, status in (
            ("acme", "acmes", 200),
            ("acme", "any", 200),
            ("globex", "any", 200),
            ("globex", "acmes", 401),
            ("../acme", "any", 503),
            ("", "any", 503),
        ):
            headers = {"authorization": f"Bearer {token}", "x-tenant": tenant}
            async with app.session.post(
                app.url + "/t/v2/pipeline", json={"requests": []}, headers=headers
            ) as response:
                assert response.status == status, (tenant, token)


async def test_a_baton_leads_to_its_tenant_only(tmp_path: Path) -> None:
    async with serve(SITE, folder=tmp_path) as app:
        acme, globex = Hrana(app, token="acmes"), Hrana(app, token="globexs")
        baton = (await acme.pipeline(execute("select 1")))["baton"]
        assert (await globex.post("/v3/pipeline", {"baton": baton, "requests": []}))[0] == 400
        assert (await acme.post("/v3/pipeline", {"baton": baton, "requests": []}))[0] == 200
