"""The terminal in a browser: served to this machine alone, and to no page from elsewhere."""

from __future__ import annotations

import asyncio
import re
import socket
from pathlib import Path
from subprocess import PIPE

import aiohttp
import pytest

from tests.support import forked
from tests.support.commands import Cartrail, Site
from tui.web import PAGE

PATIENCE = 60.0


@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.1.7", "example.org", "::", "=?~"])  # noqa: S104  refused
def test_an_address_that_others_reach_is_refused(host: str, cartrail: Cartrail) -> None:
    """Passwords and PINs would cross the network in clear; the way by SSH is said."""
    said = cartrail("serve", "--port", 8080, "--host", host, exit_code=2)
    assert f'"{host}" is not an address of this machine alone.' in said.err
    assert "ssh -L 8080:127.0.0.1:8080" in said.err


def test_the_page_asks_nobody_else() -> None:
    """The library's own page takes its letters from a server on the internet."""
    page = (PAGE / "app_index.html").read_text(encoding="utf-8")
    assert not re.findall(r"(?:https?:)?//[\w.]+\.\w+", page)


def free_port() -> int:
    """One that nobody listens at."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@pytest.mark.waits
async def test_a_tab_is_a_terminal(founded: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The page is there, its terminal asks for a badge; other names and pages from elsewhere are refused."""
    monkeypatch.setenv("CARTRAIL_CONFIG", str(tmp_path / "config"))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    with forked.Command(
        "serve", "--port", port, "--database", founded.path, "--station", "HUB-1", stdin=PIPE, stderr=PIPE
    ) as serving:
        said = await asyncio.to_thread(serving.stderr.readline)
        assert url.encode() in said, said
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(PATIENCE)) as browser:
            async with browser.get(url) as answer:
                page = await answer.text()
                assert answer.status == 200 and "cartrail HUB-1 (training)" in page
            async with browser.get(url, headers={"Host": f"example.org:{port}"}) as answer:
                assert answer.status == 403
            elsewhere = {"Origin": "http://example.org"}
            with pytest.raises(aiohttp.WSServerHandshakeError, match="403"):
                await browser.ws_connect(f"{url}/ws", headers=elsewhere)
            async with browser.ws_connect(f"{url}/ws?width=80&height=24", headers={"Origin": url}) as line:
                shown = b""
                while b"Scan your badge" not in shown:
                    shown += (await line.receive_bytes()) or b""
        serving.terminate()
        assert await asyncio.to_thread(serving.wait, PATIENCE) == 0
