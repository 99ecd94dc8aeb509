"""C#: what is built, what is refused, and what is said of it."""

from __future__ import annotations

import io
import json
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from gojinn.build.csharp.compiling import LINES, Assemblies, padded, readable
from gojinn.build.csharp.metadata import Assembly
from gojinn.build.interpret import load
from gojinn.build.languages import language, read
from gojinn.engine.inspect import inspect_module
from gojinn.errors import BuildError
from gojinn.testing.app import serve

pytestmark = [pytest.mark.slow, pytest.mark.toolchain, pytest.mark.timeout(600)]

INTERPRETER = language("csharp").interpreter
assert INTERPRETER is not None
FINE = (
    "public static class F { public static Response Handle(Request request) => Response.Text(Word.Said); }\n"
)


@pytest.fixture(autouse=True, scope="module")
def image(need_interpreter: Callable[[str], None]) -> None:
    need_interpreter("csharp")


def compiled(folder: Path, source: str, **files: str) -> tuple[bytes, str]:
    """Compiles a main file with others, and loads it."""
    for name, text in {"Function": f"using Gojinn; {source}", **files}.items():
        (folder / f"{name}.cs").write_text(text, encoding="utf-8")
    bundle, said = INTERPRETER.bundle(folder, folder / "Function.cs")
    assert INTERPRETER is not None
    module, logged = load(INTERPRETER, bundle)
    return module, said + logged


def bundled(folder: Path, source: str) -> Assemblies:
    """Compiles one file."""
    assert INTERPRETER is not None
    (folder / "Function.cs").write_text(f"using Gojinn; {source}", encoding="utf-8")
    bundle, _ = INTERPRETER.bundle(folder, folder / "Function.cs")
    assert isinstance(bundle, Assemblies)
    return bundle


def loading(body: str) -> str:
    """A function whose type does something while it is loaded."""
    return (
        "public static class F { static int n; static int Down(int n) => 1 + Down(n + 1);\n"
        f"static F() {{ {body} }}\n"
        "public static Response Handle(Request request) => null; }"
    )


HOSTILE = {
    "syntax": ("\npublic class F {\n  int x = ;\n}\n", "Function.cs:3:10: error CS1525"),
    "cut off": ('public class F {\n  string x = "a', "Function.cs:2:15: error CS1039"),
    "a type in another file": ("public class F { int x = Other.Nope; }", "Other.cs", "CS0117"),
    "exception": (
        loading("\n" * 100 + 'throw new System.Exception("boom");'),
        "boom (System.Exception)",
        "at F..cctor () in Function.cs:102",
    ),
    "exit": (loading("System.Environment.Exit(0);"), "Function.cs: ", "called 'Environment.Exit'"),
    "fail fast": (loading('System.Environment.FailFast("enough");'), "Function.cs: ", "gave up"),
    "endless recursion": (loading("Down(0);"), "Function.cs: ", "endless recursion? In F:Down (int)"),
    "waiting for nothing": (
        loading("new System.Threading.SemaphoreSlim(0).Wait();"),
        "Function.cs: ",
        "what can never happen",
    ),
    "random numbers": (loading("n = new System.Random().Next();"), "Function.cs: ", "in every sandbox"),
    "host call": (loading('Kv.Get("a");'), "kv.get cannot be used while", "in Function.cs:2"),
    "no handler": ("public static class F { }", "there is no handler"),
    "two handlers": (
        "public class A { public static Response Handle(Request r) => null; }"
        "public class B { public static Response Handle(Request r) => null; }",
        "there are 2 public static methods 'Handle'",
        "A, B",
    ),
    "a handler with two arguments": (
        "public class F { public static Response Handle(Request a, int b) => null; }",
        "F.Handle takes (Request, Int32) and returns Response, expected 'public static Response",
    ),
    "empty": ("", "there is no handler"),
    "no C#": ("\x7fELF\x01\x02", "Function.cs:1:15: error CS1056"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_what_does_not_load_is_refused_with_its_place(tmp_path: Path, name: str) -> None:
    source, *expected = HOSTILE[name]
    with pytest.raises(BuildError) as caught:
        compiled(tmp_path, source, Other="static class Other { }\n")
    said = f"{caught.value.message}\n{caught.value.output}"
    assert not [part for part in expected if part not in said], said


def test_source_that_is_not_utf8_is_told_with_its_place(tmp_path: Path) -> None:
    (tmp_path / "Function.cs").write_bytes(FINE.encode() + b"// caf\xe9\n")
    with pytest.raises(BuildError, match=r"Function\.cs:2:7: byte 0xe9 is not UTF-8"):
        INTERPRETER.bundle(tmp_path, tmp_path / "Function.cs")


def test_assemblies_begin_where_the_interpreter_can_read_them() -> None:
    found = Assemblies("a", (), {"a.dll": b"one", "abcdefgh.dll": b"three", "c": b""}).encoded()
    for content in (b"one", b"three"):
        assert found.index(content) % 8 == 0
    assert padded(b"12345678") == b"12345678"


BASE = {
    "function.dll",
    "mscorlib.dll",
    "System.dll",
    "System.Core.dll",
    "Mono.Security.dll",
    "System.Numerics.dll",
}
XML = {"System.Xml.dll", "System.Xml.Linq.dll"}


def test_places_begin_at_one(tmp_path: Path) -> None:
    said = f"{tmp_path}/a.cs(0,0): error CS1525: x\n./b.cs(3,4,3,9): warning CS0001: y\n"
    assert readable(said, tmp_path) == "a.cs:1:1: error CS1525: x\nb.cs:3:4: warning CS0001: y"


@pytest.mark.parametrize(
    ("uses", "has"),
    [
        ("1", set()),
        ("typeof(System.Xml.Linq.XElement)", XML),
        ('System.Type.GetType("System.Xml.XmlDocument, System.Xml")', {"System.Xml.dll"}),
        (
            "Newtonsoft.Json.JsonConvert.Null",
            {"Newtonsoft.Json.dll", "netstandard.dll", "System.Data.dll"} | XML,
        ),
    ],
)
def test_module_has_the_libraries_that_the_function_may_come_to(
    tmp_path: Path, uses: str, has: set[str]
) -> None:
    bundle = bundled(tmp_path, f"public static class F {{ static object used = {uses}; }}")
    names = set(bundle.files) - {LINES}
    assert names >= BASE | has
    assert has or names == BASE


def test_assembly_that_is_broken_is_refused(tmp_path: Path) -> None:
    content = bundled(tmp_path, "public static class F { }").files["function.dll"]
    assert "mscorlib" in {place for place, _ in Assembly(content, "a.dll").types}
    root = content.index(b"BSJB")
    broken = [content[:size] for size in (0, 1, 63, 64, 200, root, root + 20, root + 200, root + 2000)]
    broken += [content[:root] + bytes([byte]) * 4000 for byte in (0, 1, 0x7F, 0xFF)]
    for each in broken:
        with pytest.raises(BuildError, match=r"'a\.dll' is no assembly of \.NET"):
            Assembly(each, "a.dll")


def test_all_files_are_one_function_and_what_is_printed_is_told(tmp_path: Path) -> None:
    word = 'static class Word { internal static string Said = Say("grün"); static string Say(string word) {\n'
    word += " System.Console.WriteLine(word); return word; } }\n"
    source = FINE.replace("{ public", "{ public static void Warm() => Handle(null); public", 1)
    module, said = compiled(tmp_path, source, Word=word)
    assert said == "grün"
    info = inspect_module(module, "Function.cs")
    assert {entry.module for entry in info.imports} == {"wasi_snapshot_preview1", "gojinn"}
    assert info.has_start


def test_folder_with_a_function_is_one(tmp_path: Path) -> None:
    (tmp_path / "Function.cs").write_text(FINE)
    project = read(tmp_path)
    assert (project.language, project.source.name) == ("csharp", "Function.cs")


SERVED = """using System; using System.Linq; using System.Collections.Generic; using System.Threading.Tasks;
public static class Function {
  static readonly Random random = new Random();
  static int Deep(int n) => 1 + Deep(n + 1);
  static async Task<int> Late(int n) { await Task.Delay(n); return n; }
  static int Caught(Func<int> action) {
    try { return action(); }
    catch (IndexOutOfRangeException) { return 1; }
    catch (Exception error) when (error is NullReferenceException) { return 2; }
    catch (DivideByZeroException) { return 3; }
    catch (Exception error) { return error.InnerException is FormatException ? 4 : 5; }
  }
  static class Broken { internal static int Value = int.Parse("x"); }
  public static async Task<Response> Handle(Request request) {
    int zero = 0; string none = null;
    switch (request.Path) {
      case "/": return Response.Json(new object[] { random.Next(), new Random().Next(),
        Guid.NewGuid(), Environment.GetEnvironmentVariable("LIVE"),
        (DateTime.UtcNow - new DateTime(1970, 1, 1)).TotalSeconds });
      case "/catch": return Response.Json(new[] { Caught(() => new int[1][1 + zero]),
        Caught(() => none.Length), Caught(() => 1 / zero), Caught(() => Broken.Value),
        Caught(() => throw new Exception()) });
      case "/tasks":
        await Task.Delay(1); await Task.Yield();
        var all = await Task.WhenAll(Enumerable.Range(0, 3).Select(Late));
        var ran = await Task.Run(() => "ran");
        return Response.Text(string.Join(",", all) + ran + Task.Run(() => "!").Result);
      case "/blocking": Task.Delay(10).Wait(); lock (random) return Response.Text("waited");
      case "/blocked": new System.Threading.ManualResetEvent(false).WaitOne(); break;
      case "/thread": new System.Threading.Thread(() => { }).Start(); break;
      case "/echo": return Response.Bytes(request.Body);
      case "/client": await new System.Net.Http.HttpClient().GetStringAsync("http://127.0.0.1:1/"); break;
      case "/exit": Environment.Exit(3); break;
      case "/none": return null;
      case "/throw": throw new InvalidOperationException("boom");
      case "/never": await new TaskCompletionSource<int>().Task; break;
      case "/libraries": return Response.Text(string.Join(",", new object[] {
        System.Xml.Linq.XElement.Parse("<a><b/></a>").Elements().Count(), new Uri("http://a/?b").Query,
        System.Security.Cryptography.Aes.Create().KeySize, new System.Data.DataTable("t").TableName,
        Newtonsoft.Json.Linq.JObject.Parse("{\\"a\\":[3]}")["a"][0],
        Type.GetType("System.Transactions.TransactionScope, System.Transactions").Name }));
      case "/print": Console.Error.WriteLine("printed"); return Response.Empty();
      case "/loop": while (true) { }
      case "/deep": return Response.Text(Deep(0).ToString());
      case "/huge": for (var all_ = new List<byte[]>(); ;) all_.Add(new byte[1 << 24]);
    }
    return Response.Empty(404);
  } }
"""


async def test_requests_differ_and_none_harms_the_worker(tmp_path: Path) -> None:
    module, _ = compiled(tmp_path, SERVED)
    (tmp_path / "served.wasm").write_bytes(module)
    block = "gojinn served.wasm {\ntimeout 3s\nmemory_limit 192MB\nenv LIVE yes\ndebug_secret s\n}"
    line = 1 + SERVED[: SERVED.index("/throw")].count("\n")
    async with serve(f":0 {{\n{block}\n}}", folder=tmp_path) as app:

        async def get(path: str, body: bytes | None = None) -> tuple[int, bytes, str]:
            method, headers = "GET" if body is None else "POST", {"X-Gojinn-Debug": "s"}
            async with app.session.request(
                method, app.url + path, data=io.BytesIO(body or b""), headers=headers
            ) as answer:
                return answer.status, await answer.read(), answer.headers.get("X-Gojinn-Logs", "")

        one, other = json.loads((await get("/"))[1]), json.loads((await get("/"))[1])
        assert not [pair for pair in zip(one[:3], other[:3], strict=True) if pair[0] == pair[1]]
        assert one[3] == other[3] == "yes"
        assert abs(one[4] - time.time()) < 60
        assert (await get("/catch"))[1] == b"[1,2,3,4,5]"
        assert (await get("/tasks"))[1] == b"0,1,2ran!"
        assert (await get("/blocking"))[1] == b"waited"
        assert (await get("/libraries"))[1] == b"1,?b,256,t,3,TransactionScope"
        for body in (bytes(range(256)) * 4, b"x" * 5_000_000, b"\xff" * 5_000_000, b""):
            assert (await get("/echo", body))[:2] == (200, body)
        assert "printed" in (await get("/print"))[2]
        for path, said in (
            ("/exit", "called 'Environment.Exit'"),
            ("/client", "allow_host 127.0.0.1:1"),
            ("/none", "'Handle' returned null, expected a Response"),
            ("/throw", "boom (System.InvalidOperationException)"),
            ("/throw", f"in Function.cs:{line}"),
            ("/never", "the task of 'Handle' never ended"),
            ("/huge", "System.OutOfMemoryException"),
            ("/blocked", "waits for what can never happen"),
            ("/thread", "no thread can be started here"),
            ("/deep", "is there an endless recursion? In Function:Deep (int)"),
        ):
            found = await get(path)
            assert found[0] == 500, (path, found)
            assert said in found[2], (path, found)
        assert (await get("/loop"))[0] == 504
        assert (await get("/"))[0] == 200
