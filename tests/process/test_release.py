import os
import shutil
from pathlib import Path

import pytest

from gojinn.config.parcel import unpack
from gojinn.errors import ConfigError
from gojinn.process.loader import Loader
from gojinn.process.release import Release
from gojinn.process.watch import watched_by
from gojinn.testing.guests import guest

SITE = "{\n\tgojinn {\n\t\tcache_dir cache\n\t}\n}\n:0 {\n\tgojinn f.wasm\n}\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    shutil.copy(guest("hello.c"), tmp_path / "f.wasm")
    (tmp_path / "Caddyfile").write_text(SITE)
    return tmp_path


async def load(folder: Path, text: str | None = None) -> Release:
    path = folder / "Caddyfile"
    if text is not None:
        path.write_text(text)
    return await Loader(path).load(path)


async def test_the_same_files_make_the_same_release(folder: Path) -> None:
    assert (await load(folder)).same_as(await load(folder))


async def test_another_option_is_a_change(folder: Path) -> None:
    before = await load(folder)
    assert not before.same_as(await load(folder, SITE.replace("f.wasm", "f.wasm {\n\ttimeout 1s\n}")))


async def test_another_module_is_a_change(folder: Path) -> None:
    before = await load(folder)
    shutil.copy(guest("hello.rs"), folder / "f.wasm")
    assert not before.same_as(await load(folder))


async def test_a_touched_module_is_none(folder: Path) -> None:
    before = await load(folder)
    os.utime(folder / "f.wasm")
    assert before.same_as(await load(folder))


async def test_a_renewed_certificate_is_a_change(folder: Path) -> None:
    certificates = Path(__file__).parent.parent / "edge" / "certificates"
    for kind in ("pem", "key"):
        shutil.copy(certificates / f"one.{kind}", folder / f"site.{kind}")
    text = "https://localhost:0 {\n\ttls site.pem site.key\n}\n"
    before = await load(folder, text)
    os.utime(folder / "site.pem", (1, 1))
    assert not before.same_as(await load(folder, text))


async def test_a_release_travels(folder: Path) -> None:
    release = await load(folder)
    assert unpack(release.packed).same_as(release)


async def test_numbers_count_up(folder: Path) -> None:
    loader = Loader(folder / "Caddyfile")
    assert [(await loader.load(loader.path)).number for _ in range(3)] == [1, 2, 3]


async def test_every_function_that_cannot_serve_is_told_at_once(folder: Path) -> None:
    for name in ("a", "b"):
        (folder / f"{name}.wasm").write_bytes(b"no module")
    text = ":0 {\n\thandle /a {\n\t\tgojinn a.wasm\n\t}\n\thandle /b {\n\t\tgojinn b.wasm\n\t}\n}\n"
    with pytest.raises(ConfigError) as failed:
        await load(folder, text)
    assert "a.wasm" in failed.value.render()
    assert "b.wasm" in failed.value.render()


async def test_everything_that_it_was_made_from_is_watched(folder: Path) -> None:
    (folder / "parts").mkdir()
    (folder / "parts" / "one").write_text("respond hi")
    (folder / "gojinn.toml").touch()
    release = await load(folder, SITE.replace("gojinn f.wasm", "gojinn f.wasm\n\timport parts/*"))
    watched = watched_by(release)
    assert watched.files == {folder / "Caddyfile", folder / "f.wasm", folder / "parts" / "one"}
    assert watched.listed == {folder / "parts"}
    assert watched.projects == {folder}
