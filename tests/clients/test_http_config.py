"""The http_config file of Prometheus: read as Prometheus reads it, refused with file, line and key."""

import contextlib
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cockpit.clients.http_config import parse, read
from cockpit.errors import UsageError

PATH = Path("/etc/cockpit/http.yml")

FULL = b"""
basic_auth:
  username: me
  password_file: secrets/password
tls_config:
  ca_file: /etc/ca.pem
  cert_file: cert.pem
  key_file: key.pem
  server_name: prom.internal
  min_version: TLS13
proxy_url: http://proxy:3128
no_proxy: localhost,.internal
follow_redirects: false
enable_http2: true
http_headers:
  X-Scope-OrgID: {values: [relay]}
"""


def test_a_full_file_is_read_and_paths_are_relative_to_it() -> None:
    config = parse(FULL, PATH)
    assert config.basic_auth is not None
    assert config.basic_auth.password_file == Path("/etc/cockpit/secrets/password")
    assert config.tls_config.ca_file == Path("/etc/ca.pem")
    assert config.tls_config.files()[1:] == (Path("/etc/cockpit/cert.pem"), Path("/etc/cockpit/key.pem"))
    assert config.follow_redirects is False


def test_all_that_prometheus_takes_for_proxies_and_certificates_is_taken() -> None:
    text = b"""
tls_config: {cert: c, key: k}
proxy_url: http://proxy:3128
proxy_connect_header: {X-Team: [relay, s3cr3t]}
oauth2:
  client_id: me
  token_url: https://id.example/t
  proxy_from_environment: true
"""
    config = parse(text, PATH)
    assert config.proxy_connect_header["X-Team"][0].get_secret_value() == "relay"
    assert "s3cr3t" not in repr(config)
    assert config.oauth2 is not None
    assert config.oauth2.proxy_from_environment
    text = b"oauth2: {client_id: me, token_url: 'https://id', proxy_url: 'http://p', no_proxy: x}"
    assert parse(text, PATH).oauth2


def test_a_password_of_digits_stays_as_written() -> None:
    basic = parse(b"basic_auth: {username: 007, password: 0123e4}", PATH).basic_auth
    assert basic is not None
    assert basic.password is not None
    assert (basic.username, basic.password.get_secret_value()) == ("007", "0123e4")


@pytest.mark.parametrize("text", [b"", b"# nothing\n", b"basic_auth:\n"])
def test_empty_files_and_sections_hold_nothing(text: bytes) -> None:
    if text.startswith(b"basic"):
        with pytest.raises(UsageError, match="basic_auth"):
            parse(text, PATH)
    else:
        assert parse(text, PATH).basic_auth is None


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (
            "\nbasic_auth:\n  username: a\n  passwort: hunter2\n",
            "http.yml, line 4: basic_auth.passwort: unknown key",
        ),
        ("tls_config:\n  min_version: SSL3hunter2\n", "line 2: tls_config.min_version: Input should be"),
        ("tls_config:\n  cert_file: hunter2\n", "line 1: tls_config: a certificate and a key go together"),
        ("bearer_token: hunter2\nbearer_token_file: b\n", "at most one of basic_auth"),
        ("basic_auth: {password: hunter2, password_file: b}", "line 1: basic_auth: at most one of password"),
        ("authorization: {type: basic, credentials: hunter2}", "line 1: authorization: type cannot be Basic"),
        ("oauth2:\n  client_id: x\n  client_secret: hunter2\n", "line 1: oauth2.token_url: Field required"),
        ("http_headers:\n  X:\n    values: hunter2\n", "line 3: http_headers.X.values"),
        ("follow_redirects: hunter2\n", "line 1: follow_redirects: Input should be a valid boolean"),
        ("a: b: hunter2\n", "line 1: not YAML"),
        ("- hunter2\n", "Input should be"),
        ("just hunter2", "Input should be"),
        ("no_proxy: x\n", "no_proxy needs proxy_url"),
        ("proxy_connect_header: {X: [hunter2]}\n", "proxy_connect_header needs proxy_url"),
        (
            "proxy_from_environment: true\nproxy_url: http://hunter2\n",
            "proxy_url and proxy_from_environment exclude each other",
        ),
        ("tls_config: {cert: hunter2, cert_file: x, key: y}", "line 1: tls_config: at most one of cert"),
        ("tls_config: {cert: x, key_file: x, key: hunter2}", "line 1: tls_config: at most one of key"),
        ("tls_config: {key: hunter2}", "line 1: tls_config: a certificate and a key go together"),
    ],
)
def test_errors_name_file_line_and_key_and_quote_no_value(text: str, words: str) -> None:
    with pytest.raises(UsageError, match=re.escape(words)) as caught:
        parse(text.encode(), PATH)
    assert "hunter2" not in str(caught.value)
    assert "/etc/cockpit/http.yml" in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("data", [b"\xff\xfe", b"a: \x00", b"[" * 5000, b"x: &a [*a]"])
def test_broken_files_are_refused_in_one_line(data: bytes) -> None:
    with pytest.raises(UsageError):
        parse(data, PATH)


def test_a_missing_or_huge_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="No such file"):
        read(tmp_path / "none.yml")
    huge = tmp_path / "huge.yml"
    huge.write_bytes(b"#" * (1 << 21))
    with pytest.raises(UsageError, match="larger than 1 MiB"):
        read(huge)


@given(st.text(max_size=200))
def test_any_text_is_a_config_or_a_usage_error(text: str) -> None:
    with contextlib.suppress(UsageError):
        parse(text.encode("utf-8", "replace"), PATH)
