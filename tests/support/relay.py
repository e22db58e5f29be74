"""A relay in front of a PostgreSQL server: it speaks TLS for a server that cannot, or falls silent."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

_SSL_REQUEST: Final = bytes.fromhex("0000000804d2162f")
"""What a client sends first that wants TLS (PostgreSQL, "SSL Session Encryption")."""


@dataclass
class Relay:
    """One listening port; what comes in goes on to the server while it is not silent."""

    target: tuple[str, int]
    """The folder of a socket where it begins with a slash, else a host; and the port."""

    tls: ssl.SSLContext | None = None
    encrypted: int = 0
    """Connections that were made with TLS."""

    in_clear: int = 0

    _talks: threading.Event = field(default_factory=threading.Event)
    _ends: threading.Event = field(default_factory=threading.Event)
    _open: list[socket.socket] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._talks.set()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def fall_silent(self) -> None:
        """Let nothing through in either direction; both sides believe that the other one is there."""
        self._talks.clear()

    def talk_again(self) -> None:
        """Let through what comes from now on, and what came meanwhile."""
        self._talks.set()

    def close(self) -> None:
        """End every connection."""
        self._ends.set()
        self._talks.set()
        for one in (self._listener, *self._open):
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while not self._ends.is_set():
                client, _ = self._listener.accept()
                self._open.append(client)
                threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        with suppress(OSError):
            first = client.recv(8, socket.MSG_PEEK | socket.MSG_WAITALL)
            self._talks.wait()
            line: socket.socket = client
            if first == _SSL_REQUEST:
                client.recv(8)
                client.sendall(b"N" if self.tls is None else b"S")
                if self.tls is not None:
                    line = self.tls.wrap_socket(client, server_side=True)
                    self.encrypted += 1
            self.in_clear += line is client
            server = self._connected()
            self._open += [line, server]
            threading.Thread(target=self._pass, args=(line, server), daemon=True).start()
            self._pass(server, line)

    def _connected(self) -> socket.socket:
        host, port = self.target
        if not host.startswith("/"):
            return socket.create_connection(self.target)
        line = socket.socket(socket.AF_UNIX)
        line.connect(f"{host}/.s.PGSQL.{port}")
        return line

    def _pass(self, source: socket.socket, target: socket.socket) -> None:
        with suppress(OSError):
            while data := source.recv(65536):
                self._talks.wait()
                target.sendall(data)
        with suppress(OSError):
            target.shutdown(socket.SHUT_RDWR)


@contextmanager
def relay(target: tuple[str, int], *, tls: ssl.SSLContext | None = None) -> Iterator[Relay]:
    """A relay, closed at the end."""
    made = Relay(target, tls)
    try:
        yield made
    finally:
        made.close()


def certificate(folder: Path, name: str = "localhost") -> tuple[ssl.SSLContext, Path]:
    """A server's side of TLS with a certificate that signs itself, and that certificate as a file."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(minutes=5))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    folder.mkdir(parents=True, exist_ok=True)
    file, secret = folder / "server.crt", folder / "server.key"
    file.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    secret.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file, secret)
    return context, file
