"""`service set-password`: `service set-secret` for the SMTP password."""

from __future__ import annotations

from types import SimpleNamespace

from renewd.cli import service_set_secret
from renewd.cli.commands import FOR_USER, ROOT, Command
from renewd.cli.screen import Screen
from renewd.config.secrets import CREDENTIAL
from renewd.disk import Paths

COMMAND = Command(
    options=(FOR_USER, ROOT),
    examples=("service set-password", "service set-password --user"),
)


def run(args: SimpleNamespace, paths: Paths, screen: Screen) -> int:
    """Store the SMTP password."""
    args.name = CREDENTIAL
    return service_set_secret.run(args, paths, screen)
