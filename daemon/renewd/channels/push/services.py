"""The push services by name: each is one module of this folder with its `SERVICE`, and a name in `PUSH_SERVICES`."""

from __future__ import annotations

from functools import cache
from importlib import import_module

from renewd.channels.push.service import Service

APPRISE = "apprise"  # a library, and no service that is asked over HTTP


@cache
def service_named(name: str) -> Service:
    """Return a service; only its module is imported."""
    service: Service = import_module(f"{__package__}.{name}").SERVICE
    return service
