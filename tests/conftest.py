"""What every test shares."""

from __future__ import annotations

from hypothesis import settings

settings.register_profile("renewd", deadline=None)
settings.load_profile("renewd")
