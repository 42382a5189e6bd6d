"""The HTTP server as `[web]` configures it: started, moved and stopped when the file changes.

The server's modules are imported only if they are needed, as most households have no `[web]`.
"""

from __future__ import annotations

import asyncio
import dataclasses
import threading
from collections.abc import Callable
from datetime import datetime
from types import ModuleType
from typing import TYPE_CHECKING, Protocol

from renewd.assets import install_command
from renewd.config.fact_log import PersonRecorded
from renewd.config.settings import Answers, Web
from renewd.disk import Paths
from renewd.domain.errors import RenewdError

if TYPE_CHECKING:
    from renewd.web.app import App
    from renewd.web.health import Health
    from renewd.web.keyring import Keyring
    from renewd.web.links import Links
    from renewd.web.server import Server
    from renewd.web.surroundings import Surroundings


class ServedDaemon(Protocol):
    """The daemon, as the pages ask it; both may be called from any thread and raise LedgerError."""

    def health(self) -> Health:
        """Return how things stand."""

    def surroundings(self, links: Links) -> Surroundings:
        """Return what the daemon knows that stands in no file."""


class ServerHandle:
    """Serves the pages and calendars of a state folder. `clock` returns aware UTC instants.

    `recorded` is called with what was recorded on a page, from the thread that answers it.
    """

    def __init__(
        self,
        paths: Paths,
        clock: Callable[[], datetime],
        daemon: ServedDaemon,
        recorded: Callable[[PersonRecorded], None],
    ) -> None:
        self._paths = paths
        self._clock = clock
        self._daemon = daemon
        self._recorded = recorded
        self._keys: Keyring | None = None
        self._server: Server | None = None
        self._open: Web | None = None

    def links(self, web: Web | None, answers: Answers | None) -> Links | None:
        """Return the current links for mails, None if nobody could open or answer them."""
        url = web.url if web is not None else None
        if url is None and answers is None:
            return None
        from renewd.web.recording import can_record  # noqa: PLC0415

        try:
            return dataclasses.replace(
                self._keyring.links(url or ""),
                records=can_record(self._paths),
                answers=answers.address if answers is not None else None,
            )
        except OSError:  # the mail goes out without them
            return None

    async def follow(self, web: Web | None) -> RenewdError | None:
        """Serve as the file now says, also where the server has ended by itself.

        Return why it has, or the error that prevents it; the next call tries again.
        """
        why = self._server.why_ended() if self._server is not None else None
        if web == self._open and why is None:
            return None
        await self.close()
        ended = RenewdError("service.web-ended", why=why) if why is not None else None
        return ended if web is None else await self._serve(web) or ended

    async def _serve(self, web: Web) -> RenewdError | None:
        """Begin to serve. Return the error that prevents it."""
        try:
            server, answers = await asyncio.to_thread(self._application, web)
        except ImportError:
            self._open = web  # nothing changes that before a restart
            return RenewdError("service.web-missing", command=install_command("web"))
        serving = server.Server(answers, web.listen)
        try:
            await serving.start()
        except OSError as error:
            return RenewdError("service.web-not-listening", listen=web.listen, why=error.strerror or str(error))
        self._server, self._open = serving, web
        threading.Thread(target=answers.warm, name="warm", daemon=True).start()
        return None

    def _application(self, web: Web) -> tuple[ModuleType, App]:
        """Load the application, off the loop: that takes a while. Raises ImportError without the extra."""
        from renewd.web import server  # noqa: PLC0415
        from renewd.web.app import App, Site  # noqa: PLC0415
        from renewd.web.recording import Recorder  # noqa: PLC0415

        url, keyring = web.url or f"http://{web.listen}", self._keyring
        site = Site(
            calendars=self._paths.state / "calendar",
            recorder=Recorder(self._paths.config, self._paths.state, self._clock, self._recorded),
            links=lambda: keyring.links(url),
            health=self._daemon.health,
            surroundings=lambda: self._daemon.surroundings(keyring.links(url)),
        )
        return server, App(site)

    async def close(self) -> None:
        """Stop serving and release the address."""
        if self._server is not None:
            await self._server.stop()
        self._server, self._open = None, None

    @property
    def _keyring(self) -> Keyring:
        if self._keys is None:
            from renewd.web.keyring import Keyring  # noqa: PLC0415

            self._keys = Keyring(self._paths.state)
        return self._keys
