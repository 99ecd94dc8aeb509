"""Certificates that are none."""

from pathlib import Path

import pytest

from gojinn.edge.proxy.transport import Transport, tls_context
from gojinn.errors import ConfigError


@pytest.mark.parametrize("option", ["tls_trusted_ca_certs", "tls_client_auth"])
def test_file_without_a_certificate_is_told(tmp_path: Path, option: str) -> None:
    path = tmp_path / "empty.pem"
    path.write_text("nothing\n")
    files = (str(path),) if option == "tls_trusted_ca_certs" else (str(path), str(path))
    with pytest.raises(ConfigError, match="expected a certificate in PEM form"):
        tls_context(Transport(**{option: files}))  # type: ignore[arg-type]
