"""The terminal in a browser of this machine: one page, one terminal for each tab that shows it.

Only addresses of this machine are served, and only pages that came from here may speak with a terminal: any
other page that is open in the same browser could otherwise press its keys.
"""

from __future__ import annotations

import shlex
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from aiohttp import web
from textual_serve.server import Server

from tui.cli.ending import say
from tui.cli.serve import LOOPBACK
from tui.language import tr

PAGE: Final = Path(__file__).parent
"""Of the page itself: the library's own takes its letters from a server on the internet."""

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class BrowserServer(Server):
    """Serves the terminal of this machine's station."""

    def __init__(self, *, host: str, port: int, title: str) -> None:
        shown = f"[{host}]" if ":" in host else host
        super().__init__(
            shlex.join([sys.executable, "-m", "tui"]),
            host=host,
            port=port,
            title=title,
            public_url=f"http://{shown}:{port}",
            templates_path=PAGE,
        )

    def initialize_logging(self) -> None:
        """Nothing: the library would print values of variables, and what is typed is among them."""

    async def on_startup(self, app: web.Application) -> None:
        """Say where it is."""
        del app
        say(tr("The terminal is at {url} in a browser here; stop it with Ctrl+C.", url=self.public_url))

    async def _make_app(self) -> web.Application:
        app = await super()._make_app()
        app.middlewares.append(own_pages_only)
        return app


@web.middleware
async def own_pages_only(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Refuse what was asked for under another name, or by a page from elsewhere."""
    asked = urlsplit(f"//{request.host}").hostname
    origin = request.headers.get("Origin")
    is_ours = origin is None or urlsplit(origin).netloc == request.host
    if asked not in LOOPBACK or not is_ours:
        raise web.HTTPForbidden(text=tr("This terminal is for pages of this machine alone."))
    response = await handler(request)
    if not response.prepared:
        response.headers["Content-Security-Policy"] = (
            "default-src 'self'; style-src 'self' 'unsafe-inline'; script-src 'self' 'unsafe-inline'; "
            "connect-src 'self' ws:; img-src 'self' data:; frame-ancestors 'none'"
        )
    return response
