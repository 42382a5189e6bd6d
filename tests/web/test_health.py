"""/healthz and /metrics."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from renewd.web.health import Health
from sites import FILE, NOW, running


async def test_health_tells_the_truth(tmp_path):
    """200 while passes end and all is well, else 503 with the reason, and nobody's name."""
    async with running(tmp_path) as site:
        well = await site.get("/healthz")
        assert (well.status, json.loads(well.body)["wrong"]) == (200, [])
        metrics = (await site.get("/metrics")).body.decode()
        assert "renewd_healthy 1\n" in metrics
        assert 'renewd_mails{state="sent"} 2\n' in metrics
        assert f"renewd_last_look_timestamp_seconds {NOW.timestamp():.0f}\n" in metrics
        site.now += timedelta(minutes=6)
        late = await site.get("/healthz")
        assert (late.status, json.loads(late.body)["wrong"]) == (503, ["no-look"])
        site.paths.config.write_text(FILE.format(port=site.port).replace("2026-12-05", "soon"), "utf-8")
        await site.daemon.run_pass()
        wrong = await site.get("/healthz")
        assert (wrong.status, json.loads(wrong.body)["wrong"]) == (503, ["mistakes"])
        assert b"tello" not in wrong.body + metrics.encode()


@pytest.mark.parametrize(
    ("words", "wrong"),
    [
        ({}, ()), ({"passed_at": None}, ("no-look",)), ({"passed_at": NOW + timedelta(hours=1)}, ("no-look",)),
        ({"trouble": True}, ("trouble",)), ({"failing": 2, "problems": 1}, ("not-delivered", "mistakes")),
    ],
)  # fmt: skip
def test_what_counts_as_unwell(words, wrong):
    """What `renewd status` counts, and passes that do not end."""
    stands = {
        "now": NOW,
        "passed_at": NOW,
        "trouble": False,
        "failing": 0,
        "problems": 0,
        "plans": 1,
        "next_mail": None,
    }
    assert Health(**{**stands, **words}).wrong == wrong  # type: ignore[arg-type]
