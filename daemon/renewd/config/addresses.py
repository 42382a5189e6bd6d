"""Addresses of people, servers and files: read strictly, as what slips through here becomes a command elsewhere."""

from __future__ import annotations

import re
import unicodedata
from ipaddress import ip_address
from typing import NamedTuple
from urllib.parse import urlsplit

from renewd.config.clean import clean
from renewd.config.patterns import up_to
from renewd.config.value_types import Schema, WrongError

_LOCAL = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
_LABEL = re.compile(r"[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?")

# for editors: a domain as it is typed, in any alphabet; an IP address; a port
_TYPED_LABEL = r"[A-Za-z0-9\u0080-\uffff](?:[A-Za-z0-9\u0080-\uffff-]{0,61}[A-Za-z0-9\u0080-\uffff])?"
_DOMAIN = rf"(?!(?:[^\s@]*\.)?\d+(?:[\s>:]|$)){_TYPED_LABEL}(?:\.{_TYPED_LABEL})*"
_TYPED_ADDRESS = rf"(?!-)(?=[^@]{{1,64}}@){_LOCAL.pattern}@{_DOMAIN}"
_V4 = rf"(?:{up_to(255)}\.){{3}}{up_to(255)}"
_V6 = r"[0-9A-Fa-f]{0,4}(?::[0-9A-Fa-f]{0,4}){2,7}(?:(?:\.\d{1,3}){3})?"
_PORT = up_to(65535)
LOOPBACK = r"^\s*(?:[Ll][Oo][Cc][Aa][Ll][Hh][Oo][Ss][Tt](?:\.localdomain)?|127(?:\.\d+){3}|::1)\s*$"


class Sender(NamedTuple):
    """Who a mail is from: a name to show, and an address."""

    name: str
    email: str


def is_domain(text: str) -> bool:
    """Whether `text` is a host name in ASCII; one that ends in a number is an IP address, right or wrong."""
    labels = text.split(".")
    return len(text) <= 253 and all(map(_LABEL.fullmatch, labels)) and not labels[-1].isdecimal()


def _in_ascii(domain: str, wrong: str) -> str:
    """Return a domain in ASCII by IDNA 2008, in which ß, ς and the joiners stay what they are. Raises WrongError."""
    import idna  # noqa: PLC0415  # few addresses need it

    try:
        return idna.encode(domain, uts46=True).decode("ascii")
    except idna.IDNAError:
        raise WrongError(wrong) from None


def one_address(text: str) -> str:
    """Return one mail address, its domain in ASCII. Raises WrongError."""
    if not text.isascii() and re.search("[\uff01-\uff5e]", text):
        raise WrongError("check.address-full-width", fix=clean(unicodedata.normalize("NFKC", text), 100))
    local, at, domain = text.strip().rpartition("@")
    if not at or re.search(r"[\s,;<>\x00-\x1f\x7f]", text.strip()):
        raise WrongError("check.not-an-address")
    if not local.isascii():
        raise WrongError("check.address-not-ascii", local=clean(local, 64))
    if not domain.isascii():
        domain = _in_ascii(domain, "check.not-an-address")
    if not _LOCAL.fullmatch(local) or local.startswith("-") or len(local) > 64 or not is_domain(domain):
        raise WrongError("check.not-an-address")
    return f"{local}@{domain.lower()}"


class Email:
    """One mail address and nothing else."""

    def read(self, value: object) -> str:
        if isinstance(value, str):
            return one_address(value)
        raise WrongError("check.not-an-address")

    def schema(self) -> Schema:
        return {"type": "string", "pattern": rf"^\s*{_TYPED_ADDRESS}\s*$"}


class From:
    """A mail address, alone or as "name <address>"."""

    def read(self, value: object) -> Sender:
        if not isinstance(value, str):
            raise WrongError("check.not-an-address")
        named = re.fullmatch(r"\s*([^<>]*)<([^<>]*)>\s*", value)
        if not named:
            return Sender("renewd", one_address(value))
        name = clean(named[1].strip(' "'), 60)
        return Sender(name or "renewd", one_address(named[2]))

    def schema(self) -> Schema:
        return {"type": "string", "pattern": rf"^\s*(?:[^<>]*<\s*{_TYPED_ADDRESS}\s*>|{_TYPED_ADDRESS})\s*$"}


def is_ip(text: str) -> bool:
    """Whether `text` is an IPv4 or IPv6 address."""
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


def is_loopback(host: str) -> bool:
    """Whether a host is this machine."""
    return ip_address(host).is_loopback if is_ip(host) else host.lower() in ("localhost", "localhost.localdomain")


class Host:
    """A server's name or IP address, without scheme or port."""

    def read(self, value: object) -> str:
        if not isinstance(value, str):
            raise WrongError("check.not-a-host")
        host = value.strip()
        if is_ip(host):
            return host
        if not host.isascii():
            host = _in_ascii(host, "check.not-a-host")
        if is_domain(host):
            return host
        raise WrongError("check.not-a-host")

    def schema(self) -> Schema:
        return {"type": "string", "pattern": rf"^\s*(?:{_DOMAIN}|{_V4}|{_V6})\s*$"}


class Listen:
    """An address of this machine and a port, "127.0.0.1:8321" or "[::1]:8321"."""

    def read(self, value: object) -> str:
        place = (
            re.fullmatch(r"(?:\[([0-9A-Fa-f:.]+)\]|([^:\[\]\s]+)):(\d{1,5})", value) if isinstance(value, str) else None
        )
        if (
            place
            and 1 <= int(place[3]) <= 65535
            and (is_ip(place[1]) if place[1] else is_ip(place[2]) or is_domain(place[2]))
        ):
            return place.string
        raise WrongError("check.not-a-listen")

    def schema(self) -> Schema:
        return {"type": "string", "pattern": rf"^(?:\[{_V6}\]|{_V4}|{_DOMAIN}):(?=\d{{1,5}}$)(?=0*[1-9]){_PORT}$"}


class Url:
    """An address of the web or of a database."""

    def __init__(self, schemes: tuple[str, ...]) -> None:
        self.schemes = schemes

    def read(self, value: object) -> str:
        if isinstance(value, str) and not re.search(r"[\s\x00-\x20\x7f-\x9f<>\"]", value):
            try:
                parts = urlsplit(value)
                _ = parts.port
            except ValueError:
                parts = urlsplit("")
            # a database may be reached by a socket, which has no host
            if parts.scheme in self.schemes and (parts.hostname or not parts.scheme.startswith("http")):
                return value
        raise WrongError("check.not-a-url", schemes=tuple(f"{scheme}://" for scheme in self.schemes))

    def schema(self) -> Schema:
        rest = r"[^\s<>\"\u0000-\u0020\u007f-\u009f]*"
        if self.schemes[0].startswith("http"):
            host = rf"(?:[^\s<>\"/?#@]*@)?(?:\[{_V6}\]|[^\s<>\"/?#@:\[\]]+)(?::(?:{_PORT})?)?"
            rest = rf"{host}(?:[/?#]{rest})?"
        return {"type": "string", "pattern": rf"^(?:{'|'.join(self.schemes)})://{rest}$"}


class File:
    """A path, absolute or relative to the file it is written in; it may hold * and ?."""

    def read(self, value: object) -> str:
        if not isinstance(value, str) or not value.strip() or len(value) > 4096:
            raise WrongError("check.not-a-path")
        if re.search(r"[\x00-\x1f\x7f-\x9f]", value):
            raise WrongError("check.not-a-path")
        if value.startswith("~"):
            raise WrongError("check.path-of-whom")
        return value

    def schema(self) -> Schema:
        return {
            "type": "string",
            "pattern": r"^(?!~)[^\u0000-\u001f\u007f-\u009f]*[^\s\u0000-\u001f\u007f-\u009f][^\u0000-\u001f\u007f-\u009f]*$",
        }


class FilePatterns:
    """A list of paths; one alone may stand without brackets."""

    def read(self, value: object) -> tuple[str, ...]:
        values = value if isinstance(value, list) else [value]
        return tuple(dict.fromkeys(File().read(one) for one in values))

    def schema(self) -> Schema:
        one = File().schema()
        return {"oneOf": [one, {"type": "array", "items": one}]}
