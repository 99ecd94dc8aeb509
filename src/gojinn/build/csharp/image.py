"""The image for C#: Mono's interpreter from npm, as emscripten has compiled it, with an adapter of ours and
the libraries that functions are compiled against."""

from __future__ import annotations

from gojinn.build.grafting import Grafted
from gojinn.build.npm import Package

LIBRARIES = (
    "Mono.Security",
    "Newtonsoft.Json",
    "System",
    "System.Collections",
    "System.Collections.Concurrent",
    "System.Collections.Immutable",
    "System.ComponentModel.Composition",
    "System.Core",
    "System.Data",
    "System.Data.DataSetExtensions",
    "System.Diagnostics.Debug",
    "System.Diagnostics.Tools",
    "System.Globalization",
    "System.IO",
    "System.IO.Compression",
    "System.IO.Compression.FileSystem",
    "System.IO.FileSystem",
    "System.IO.FileSystem.Primitives",
    "System.Linq",
    "System.Linq.Expressions",
    "System.Memory",
    "System.Net.Http",
    "System.Numerics",
    "System.Reflection",
    "System.Reflection.Extensions",
    "System.Reflection.Primitives",
    "System.Resources.ResourceManager",
    "System.Runtime",
    "System.Runtime.Extensions",
    "System.Runtime.InteropServices",
    "System.Runtime.Numerics",
    "System.Runtime.Serialization",
    "System.Security.Cryptography.Algorithms",
    "System.Security.Cryptography.Primitives",
    "System.ServiceModel.Internals",
    "System.Text.Encoding",
    "System.Text.Encoding.CodePages",
    "System.Text.Encoding.Extensions",
    "System.Threading",
    "System.Threading.Tasks",
    "System.Threading.Tasks.Extensions",
    "System.Threading.Tasks.Parallel",
    "System.Transactions",
    "System.ValueTuple",
    "System.Xml",
    "System.Xml.Linq",
    "System.Xml.ReaderWriter",
    "System.Xml.XDocument",
    "System.Xml.XPath.XDocument",
    "mscorlib",
    "netstandard",
)
"""What the package has, without Roslyn and what is about browsers and pictures."""

IMAGE = Grafted(
    Package(
        "csharp-wasm-runner",
        "0.0.3-a",
        "sha512-qAA5S22TMGGdDlhspW9tsH9hH9ubsVj+YzPPIc3yFDUw2byeded5g+kyJ0q3KxnfhgNmeMUIo/vuK2GiHrvUfQ==",
    ),
    file="runtime/dotnet.wasm",
    adapter="csharp-adapter.wasm",
    carries=tuple(f"runtime/managed/{name}.dll" for name in LIBRARIES),
)
