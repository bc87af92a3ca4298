"""What an http_config makes of a request: headers and TLS, with every file read anew when it has changed."""

from pathlib import Path

from msgspec import Struct
from pydantic import SecretStr

from cockpit.clients import headers as headers_
from cockpit.clients.failures import Trouble, TroubleError
from cockpit.clients.http_config import HttpConfig, TlsConfig, read
from cockpit.clients.source import Failure
from cockpit.errors import UsageError
from cockpit.files import read_regular
from cockpit.text import one_line

Stamp = tuple[int, int] | None
_MAX_BYTES = 1 << 20


class CredentialsError(TroubleError):
    """A file of credentials that cannot be used."""

    def __init__(self, reason: str, remedy: str = "see http_config") -> None:
        super().__init__(Trouble(Failure.CREDENTIALS, reason, remedy))


def stamp(path: Path) -> Stamp:
    """Return what changes when the file does: modification time in ns, and size. None without a file."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size


def unusable(path: Path, why: str) -> CredentialsError:
    """Return the error of a file that cannot be used."""
    return CredentialsError(f"{one_line(str(path), 300)}: {why}")


class _Read(Struct, frozen=True):
    stamp: Stamp
    text: str


class Credentials:
    """One http_config and the files it names. Raises UsageError at first for a config that cannot be used.

    Later changes are picked up by `refresh`; a file that became unusable is a CredentialsError then.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._stamp = stamp(path)
        self.config: HttpConfig = read(path)
        self._files: dict[Path, _Read] = {}

    def refresh(self) -> None:
        """Read the http_config again if it has changed. Raises CredentialsError."""
        found = stamp(self._path)
        if found == self._stamp:
            return
        try:
            self.config = read(self._path)
        except UsageError as error:
            raise CredentialsError(error.message) from error
        self._stamp = found

    def tls_stamps(self, tls: TlsConfig) -> tuple[object, ...]:
        """Return what changes when the TLS settings or their files do."""
        return (tls, *(stamp(path) for path in tls.files()))

    def headers(self) -> dict[str, str]:
        """Return the headers of a request, but for OAuth 2. Raises CredentialsError."""
        config = self.config
        headers = {}
        for name, header in config.http_headers.items():
            values = [*header.values, *(s.get_secret_value() for s in header.secrets)]
            values += [self.text(path) for path in header.files]
            headers[name] = ", ".join(values)
        if (basic := config.basic_auth) is not None:
            user = self.either(basic.username, basic.username_file)
            password = self.either(basic.password, basic.password_file)
            headers["Authorization"] = headers_.basic(user, password)
        elif (given := config.authorization) is not None:
            secret = self.either(given.credentials, given.credentials_file)
            headers["Authorization"] = f"{given.type.strip()} {secret}".strip()
        elif config.bearer_token is not None or config.bearer_token_file is not None:
            secret = self.either(config.bearer_token, config.bearer_token_file)
            headers["Authorization"] = f"Bearer {secret}"
        return headers

    def either(self, value: str | SecretStr | None, path: Path | None) -> str:
        """Return the value, or what the file holds without white space around it; empty with neither."""
        if path is not None:
            return self.text(path)
        return value.get_secret_value() if isinstance(value, SecretStr) else value or ""

    def text(self, path: Path) -> str:
        """Return what a file holds, read anew when it changed. Raises CredentialsError."""
        found = stamp(path)
        known = self._files.get(path)
        if known is not None and found is not None and known.stamp == found:
            return known.text
        try:
            text = read_regular(path, _MAX_BYTES).decode("utf-8").strip()
        except OSError as error:
            raise unusable(path, error.strerror or "it cannot be read") from error
        except UnicodeDecodeError as error:
            raise unusable(path, "not UTF-8 text") from error
        self._files[path] = _Read(found, text)
        return text

    def secrets(self) -> set[str]:
        """Return every secret that is known by now."""
        config = self.config
        given = [
            config.bearer_token,
            config.basic_auth.password if config.basic_auth else None,
            config.authorization.credentials if config.authorization else None,
            config.oauth2.client_secret if config.oauth2 else None,
        ]
        given += [secret for header in config.http_headers.values() for secret in header.secrets]
        given += [secret for values in config.proxy_connect_header.values() for secret in values]
        known = {secret.get_secret_value() for secret in given if secret is not None}
        return known | {read.text for read in self._files.values()}
