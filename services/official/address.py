"""Which addresses are asked at all, and where a redirect may lead."""

import re
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from urllib.parse import quote, urljoin, urlsplit

from services.official.why import NoBlank, Why

PORTS = {"http": 80, "https": 443}
LONGEST = 500
# Everything that may stand in a path or a query, and the sign of what is quoted already.
_KEPT = "/?%:@!$&'()*+,;=-._~"
_HOST = re.compile(r"[a-z0-9]([a-z0-9._-]*[a-z0-9])?\.?|[0-9a-f:.]+")
# IPv6 addresses that are only a way to an IPv4 address.
_TRANSLATED = ip_network("64:ff9b::/96")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a file lies. `target` is its path with the query, as it is asked for."""

    scheme: str
    host: str
    port: int
    target: str

    @property
    def name(self) -> str:
        """Host and, where it is not the usual one, port; as the header `Host` wants them."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == PORTS[self.scheme] else f"{host}:{self.port}"


def place_of(url: str) -> Place:
    """Understand an address; what follows a hash is a browser's own affair. Raises `ValueError` for what is none."""
    if len(url) > LONGEST or not url.isprintable():
        raise ValueError("no address")
    parts = urlsplit(url.strip())
    if parts.scheme not in PORTS or not parts.hostname or "@" in parts.netloc:
        raise ValueError("no address of a file")
    # Raises UnicodeError, a ValueError, for what is no name.
    host = parts.hostname.encode("idna").decode("ascii").lower()
    port = parts.port or PORTS[parts.scheme]
    if not _HOST.fullmatch(host):
        raise ValueError("no host")
    target = quote(parts.path or "/", safe=_KEPT) + (f"?{quote(parts.query, safe=_KEPT)}" if parts.query else "")
    return Place(parts.scheme, host, port, target)


def followed(place: Place, location: str) -> Place:
    """Where a redirect from `place` leads: the same host, and never from https to http. Raises `NoBlank`."""
    try:
        led = place_of(urljoin(f"{place.scheme}://{place.name}{place.target}", location))
    except ValueError as problem:
        raise NoBlank(Why.ELSEWHERE, location) from problem
    if led.host != place.host:
        raise NoBlank(Why.ELSEWHERE, led.name)
    if place.scheme == "https" and led.scheme == "http":
        raise NoBlank(Why.DOWNGRADED)
    if led.port not in {place.port, PORTS[led.scheme]}:
        raise NoBlank(Why.ELSEWHERE, led.name)
    return led


def is_allowed(text: str, *, is_trusted: bool) -> bool:
    """Whether a host's address may be asked: one of the public Internet or, for a trusted host, of a network too."""
    address = ip_address(text.partition("%")[0])
    if is_trusted:
        return not (address.is_multicast or address.is_unspecified or address.is_link_local)
    return all(each.is_global and not each.is_multicast for each in (address, *_inside(address)))


def _inside(address: IPv4Address | IPv6Address) -> list[IPv4Address]:
    """The IPv4 addresses that an IPv6 address is a way to."""
    if address.version == 4:
        return []
    found = [address.ipv4_mapped, address.sixtofour, *(address.teredo or ())]
    found += [IPv4Address(int(address) & 0xFFFFFFFF)] if address in _TRANSLATED else []
    return [each for each in found if each is not None]
