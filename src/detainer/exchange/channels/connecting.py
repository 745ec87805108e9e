"""Which addresses of the network a channel may speak to, asked again for every connection that is made, and in how much time.

A name is looked up, what it leads to is checked, and the connection goes to that very address: a name that leads elsewhere a
moment later changes nothing. The certificate is still checked against the name.
"""

import ipaddress
import socket
import ssl
import time
from collections.abc import Iterable, Sequence
from typing import Any, Final

import httpcore
import httpx
from httpcore._backends.sync import SyncStream  # the stream over a socket that httpcore itself uses

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network
Place = tuple[socket.AddressFamily, tuple[Any, ...]]  # as a socket connects to it
_NAT64: Final = ipaddress.ip_network("64:ff9b::/96")
# Special, too (IANA's registries), where the Python that runs here does not know it yet.
_SPECIAL: Final = tuple(map(ipaddress.ip_network, ("192.0.0.0/24", "192.88.99.0/24", "64:ff9b:1::/48", "3fff::/20", "5f00::/16")))


class Forbidden(Exception):  # noqa: N818  (a refusal, as the product calls it)
    """A name leads to an address that no channel may speak to."""


def networks(text: str) -> tuple[Network, ...]:
    """Return the networks that the operator allows, from DETAINER_NETWORKS: `10.1.0.0/16,fd00::/8`. Raises ValueError."""
    return tuple(ipaddress.ip_network(part.strip()) for part in text.split(",") if part.strip())


def may_speak_to(address: str, allowed: Iterable[Network], *, only_allowed: bool = False) -> bool:
    """Return whether a channel may speak to an address: one of the public network, or of a network that the operator allows.

    Loopback, private, link-local, multicast and all other special addresses are not public, nor is an IPv6 address that stands
    for such an IPv4 one. `only_allowed`: a public one will not do.
    """
    outer = ipaddress.ip_address(address.partition("%")[0])
    inner = _inside(outer)
    found = inner if getattr(outer, "ipv4_mapped", None) else [outer, *inner]
    if any(found[-1] in network for network in allowed if network.version == found[-1].version):
        return True
    return not only_allowed and all(_is_public(one) for one in found)


def _is_public(address: Address) -> bool:
    special = address.is_multicast or address.is_reserved or address.is_unspecified
    return address.is_global and not special and not any(address in one for one in _SPECIAL if one.version == address.version)


def _inside(address: Address) -> list[Address]:
    """Return the IPv4 address that an IPv6 address leads to: mapped, 6to4, Teredo or NAT64."""
    if not isinstance(address, ipaddress.IPv6Address):
        return []
    if address.ipv4_mapped or address.sixtofour:
        return [address.ipv4_mapped or address.sixtofour]  # type: ignore[list-item]
    if address.teredo:
        return [address.teredo[1]]
    return [ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)] if address in _NAT64 else []


def looked_up(host: str, port: int, allowed: Sequence[Network], *, only_allowed: bool = False) -> list[Place]:
    """Return where a name leads to, each a place that a channel may speak to.

    Raises Forbidden when one of them is not, OSError when the name leads nowhere.
    """
    found = [(info[0], info[4]) for info in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
    for _, place in found:
        if not may_speak_to(str(place[0]), allowed, only_allowed=only_allowed):
            raise Forbidden(f"leads to {place[0]}")
    return found


def _connected(place: Place, seconds: float) -> socket.socket:
    """Return a connection to a place, by its number: nothing is looked up again."""
    family, at = place
    sock = socket.socket(family, socket.SOCK_STREAM)
    try:
        sock.settimeout(seconds)
        sock.connect(at)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    except OSError:
        sock.close()
        raise
    return sock


class _Timed(httpcore.NetworkStream):
    """A stream whose reads and writes all end by one moment: a receiver that sends a byte a second has not answered."""

    def __init__(self, stream: httpcore.NetworkStream, backend: "Guarded") -> None:
        self.stream, self.backend = stream, backend

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self.stream.read(max_bytes, self.backend.left(timeout, httpcore.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self.stream.write(buffer, self.backend.left(timeout, httpcore.WriteTimeout))

    def close(self) -> None:
        self.stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        left = self.backend.left(timeout, httpcore.ConnectTimeout)
        return _Timed(self.stream.start_tls(ssl_context, server_hostname, left), self.backend)

    def get_extra_info(self, info: str) -> Any:
        return self.stream.get_extra_info(info)


class Guarded(httpcore.NetworkBackend):
    """Makes the connections of one HTTP client in one thread: only to addresses that it may speak to, and only in time."""

    def __init__(self, allowed: Sequence[Network], *, only_allowed: bool = False) -> None:
        self.allowed, self.only_allowed = allowed, only_allowed
        self.until = float("inf")  # by the clock that only runs forward

    def begin(self, seconds: float) -> None:
        """Give what follows so many seconds, all together."""
        self.until = time.monotonic() + seconds

    def left(self, timeout: float | None, error: type[Exception]) -> float:
        """Return the seconds that are left, or `timeout` where that is less. Raises `error` when there are none."""
        left = self.until - time.monotonic()
        if left <= 0:
            raise error("the time for all of it is over")
        return left if timeout is None else min(left, timeout)

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,  # noqa: ARG002  (httpcore's signature)
        socket_options: Iterable[Any] | None = None,  # noqa: ARG002
    ) -> httpcore.NetworkStream:
        """Connect to an address that the name leads to and that was checked. Raises Forbidden, and httpcore's errors."""
        try:
            places = looked_up(host, port, self.allowed, only_allowed=self.only_allowed)
        except (OSError, UnicodeError) as error:
            raise httpcore.ConnectError(str(error)) from error
        failed: Exception = httpcore.ConnectError("the name leads nowhere")
        for place in places:
            try:
                return _Timed(SyncStream(_connected(place, self.left(timeout, httpcore.ConnectTimeout))), self)
            except TimeoutError as error:
                failed = httpcore.ConnectTimeout(str(error))
            except OSError as error:
                failed = httpcore.ConnectError(str(error))
        raise failed


class Transport(httpx.HTTPTransport):
    """httpx's transport, whose connections are made by a backend of ours."""

    def __init__(self, context: ssl.SSLContext, backend: Guarded) -> None:
        super().__init__(verify=context, trust_env=False)
        self._pool = httpcore.ConnectionPool(ssl_context=context, network_backend=backend, max_connections=1, keepalive_expiry=30)
