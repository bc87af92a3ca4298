"""The `http_config` file of Prometheus: what it may hold, read with errors that name file, line and key.

Semantics: Prometheus documentation, configuration, <http_config>. A scalar is taken as its text, so that a
password of digits stays as written. Relative paths are relative to the file.
"""

from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    model_validator,
)
from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, SequenceNode

from cockpit.files import FileError, first_problem, read_regular
from cockpit.text import one_line

_MAX_BYTES = 1 << 20

TlsVersion = Literal["TLS10", "TLS11", "TLS12", "TLS13"]


def _absent_if_empty(value: object) -> object:
    return None if value == "" else value


OptionalPath = Annotated[Path | None, BeforeValidator(_absent_if_empty)]
OptionalSecret = Annotated[SecretStr | None, BeforeValidator(_absent_if_empty)]
OptionalText = Annotated[str | None, BeforeValidator(_absent_if_empty)]


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    def _at_most_one(self, *keys: str) -> None:
        given = [key for key in keys if getattr(self, key) is not None]
        if len(given) > 1:
            raise ValueError(f"at most one of {', '.join(keys)} may be given")


class TlsConfig(_Model):
    """`tls_config`: whom to trust, and the certificate to show."""

    ca: OptionalText = None
    ca_file: OptionalPath = None
    cert: OptionalText = None
    cert_file: OptionalPath = None
    key: OptionalSecret = None
    key_file: OptionalPath = None
    server_name: OptionalText = None
    insecure_skip_verify: bool = False
    min_version: TlsVersion | None = None
    max_version: TlsVersion | None = None

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        self._at_most_one("ca", "ca_file")
        self._at_most_one("cert", "cert_file")
        self._at_most_one("key", "key_file")
        if (self.cert_file is None and self.cert is None) != (self.key_file is None and self.key is None):
            raise ValueError("a certificate and a key go together: cert or cert_file, key or key_file")
        return self

    def files(self) -> tuple[Path, ...]:
        """Return the files it names."""
        return tuple(path for path in (self.ca_file, self.cert_file, self.key_file) if path is not None)


class Proxied(_Model):
    """The keys that say which proxy to use; without any of them none is used, not even the environment's."""

    proxy_url: OptionalText = Field(default=None, pattern=r"^https?://.")
    no_proxy: OptionalText = None
    proxy_from_environment: bool = False
    proxy_connect_header: dict[str, tuple[SecretStr, ...]] = {}

    @model_validator(mode="after")
    def _one_proxy(self) -> Self:
        if self.proxy_from_environment and self.proxy_url is not None:
            raise ValueError("proxy_url and proxy_from_environment exclude each other")
        for key in ("no_proxy", "proxy_connect_header"):
            if getattr(self, key) and self.proxy_url is None:
                raise ValueError(f"{key} needs proxy_url")
        return self

    def proxy(self) -> dict[str, object]:
        """Return those keys with their values."""
        return {key: getattr(self, key) for key in Proxied.model_fields}


class BasicAuth(_Model):
    """`basic_auth`: a user name and a password, or the files that hold them."""

    username: OptionalText = None
    username_file: OptionalPath = None
    password: OptionalSecret = None
    password_file: OptionalPath = None

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        self._at_most_one("username", "username_file")
        self._at_most_one("password", "password_file")
        return self


class Authorization(_Model):
    """`authorization`: the scheme and the credentials of the Authorization header."""

    type: str = "Bearer"
    credentials: OptionalSecret = None
    credentials_file: OptionalPath = None

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        self._at_most_one("credentials", "credentials_file")
        if self.type.strip().lower() == "basic":
            raise ValueError("type cannot be Basic: use basic_auth")
        return self


class OAuth2(Proxied):
    """`oauth2`: the client credentials flow (RFC 6749, 4.4)."""

    client_id: str
    client_secret: OptionalSecret = None
    client_secret_file: OptionalPath = None
    scopes: tuple[str, ...] = ()
    token_url: str = Field(pattern=r"^https?://.")
    endpoint_params: dict[str, str] = {}
    tls_config: TlsConfig = TlsConfig()

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        self._at_most_one("client_secret", "client_secret_file")
        return self


class HeaderValues(_Model):
    """One entry of `http_headers`: values as they are, secret ones, and files that hold one each."""

    values: tuple[str, ...] = ()
    secrets: tuple[SecretStr, ...] = ()
    files: tuple[Path, ...] = ()


class HttpConfig(Proxied):
    """A whole http_config. `enable_http2` is accepted and has no effect: HTTP/1.1 is spoken."""

    basic_auth: BasicAuth | None = None
    authorization: Authorization | None = None
    bearer_token: OptionalSecret = None
    bearer_token_file: OptionalPath = None
    oauth2: OAuth2 | None = None
    tls_config: TlsConfig = TlsConfig()
    follow_redirects: bool = True
    enable_http2: bool = True
    http_headers: dict[str, HeaderValues] = {}

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        self._at_most_one("basic_auth", "authorization", "bearer_token", "bearer_token_file", "oauth2")
        return self


def read(path: Path) -> HttpConfig:
    """Read the file. Raises FileError, which quotes no value of it."""
    try:
        data = read_regular(path, _MAX_BYTES)
    except OSError as error:
        raise FileError("http_config", path, error.strerror or str(error)) from error
    return parse(data, path)


def parse(data: bytes, path: Path) -> HttpConfig:
    """Return the http_config that `data` holds; `path` is for messages and for relative files."""
    try:
        text = data.decode("utf-8")
        # The base loader keeps every scalar as its text; the nodes give the lines.
        values = YAML(typ="base", pure=True).load(text)
        nodes = YAML(typ="base", pure=True).compose(text)
    except UnicodeDecodeError as error:
        raise FileError("http_config", path, "not UTF-8 text") from error
    except (YAMLError, RecursionError, ValueError) as error:
        mark = error.problem_mark if isinstance(error, MarkedYAMLError) else None
        line = mark.line + 1 if mark is not None else None
        problem = (error.problem if isinstance(error, MarkedYAMLError) else None) or "it cannot be parsed"
        raise FileError("http_config", path, f"not YAML: {one_line(problem, 100)}", line=line) from error
    if values in (None, ""):
        return HttpConfig()
    try:
        return _absolute(HttpConfig.model_validate(values), path.parent)
    except ValidationError as error:
        loc, said = first_problem(error)
        keys = [str(part) for part in loc]
        raise FileError("http_config", path, said, line=_line(nodes, keys), key=".".join(keys)) from error


def _line(node: Node | None, keys: list[str]) -> int | None:
    line = None
    for key in keys:
        if isinstance(node, MappingNode):
            found = next(((k, v) for k, v in node.value if k.value == key), None)
            if found is None:
                break
            line, node = found[0].start_mark.line + 1, found[1]
        elif isinstance(node, SequenceNode) and key.isdigit() and int(key) < len(node.value):
            node = node.value[int(key)]
            line = node.start_mark.line + 1
    return line


def _absolute(config: HttpConfig, base: Path) -> HttpConfig:
    def tls(value: TlsConfig) -> TlsConfig:
        keys = ("ca_file", "cert_file", "key_file")
        return value.model_copy(update={k: base / p for k in keys if (p := getattr(value, k)) is not None})

    update: dict[str, object] = {"tls_config": tls(config.tls_config)}
    if config.bearer_token_file is not None:
        update["bearer_token_file"] = base / config.bearer_token_file
    for part, keys in (
        ("basic_auth", ("username_file", "password_file")),
        ("authorization", ("credentials_file",)),
        ("oauth2", ("client_secret_file",)),
    ):
        model: BaseModel | None = getattr(config, part)
        if model is not None:
            found = {k: base / p for k in keys if (p := getattr(model, k)) is not None}
            update[part] = model.model_copy(update=found)
    if config.oauth2 is not None:
        oauth2 = update["oauth2"]
        assert isinstance(oauth2, OAuth2)
        update["oauth2"] = oauth2.model_copy(update={"tls_config": tls(oauth2.tls_config)})
    update["http_headers"] = {
        name: value.model_copy(update={"files": tuple(base / p for p in value.files)})
        for name, value in config.http_headers.items()
    }
    return config.model_copy(update=update)
