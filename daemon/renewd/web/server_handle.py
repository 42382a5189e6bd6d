"""The HTTP server as `[web]` configures it: started, moved and stopped when the file changes.

The server's modules are imported only if they are needed, as most households have no `[web]`.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from renewd.config.settings import Web
from renewd.domain.errors import RenewdError

if TYPE_CHECKING:
    from renewd.web.health import Health
    from renewd.web.keys import Keyring
    from renewd.web.links import Links
    from renewd.web.server import Server


class ServerHandle:
    """Serves the calendars of a state folder. `clock` returns aware UTC instants, `health` the health of renewd."""

    def __init__(self, config: Path, state: Path, clock: Callable[[], datetime], health: Callable[[], Health]) -> None:
        self._config = config
        self._state = state
        self._clock = clock
        self._health = health
        self._keys: Keyring | None = None
        self._server: Server | None = None
        self._open: Web | None = None

    def links(self, web: Web | None) -> Links | None:
        """Return the current links for mails, None if nobody could open them."""
        if web is None or web.url is None:
            return None
        try:
            return self._keyring.links(web.url)
        except OSError:  # the mail goes out without them
            return None

    async def follow(self, web: Web | None) -> RenewdError | None:
        """Serve as the file now says. Return the error that prevents it; the next call tries again."""
        if web == self._open:
            return None
        await self.close()
        if web is None:
            return None
        try:
            from renewd.web import action_links, app, server  # noqa: PLC0415
        except ImportError:
            self._open = web  # nothing changes that before a restart
            return RenewdError("service.web-missing", command="pip install 'renewd[web]'")
        url, keyring = web.url or f"http://{web.listen}", self._keyring
        answering = action_links.ActionLinks(self._config, self._state, self._clock)
        answers = app.App(self._state / "calendar", lambda: keyring.links(url), self._health, answering)
        serving = server.Server(answers, web.listen)
        try:
            await serving.start()
        except OSError as error:
            return RenewdError("service.web-not-listening", listen=web.listen, why=error.strerror or str(error))
        self._server, self._open = serving, web
        return None

    async def close(self) -> None:
        """Stop serving and release the address."""
        if self._server is not None:
            await self._server.stop()
        self._server, self._open = None, None

    @property
    def _keyring(self) -> Keyring:
        if self._keys is None:
            from renewd.web.keys import Keyring  # noqa: PLC0415

            self._keys = Keyring(self._state)
        return self._keys
