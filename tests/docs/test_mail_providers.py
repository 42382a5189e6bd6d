"""docs/mail-providers.md: its recipes are read as they are written, agree with its table, and with what a refused login says."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest

from renewd.channels.replies import verdict
from renewd.config import load

PAGE = Path(__file__).parents[2] / "docs" / "mail-providers.md"
TEXT = PAGE.read_text("utf-8")
RECIPES = re.findall(r"```toml\n(.*?)```", TEXT, re.DOTALL)
ROW = re.compile(r"^\| [^|]+ \| `(\S+)` \| (\d+), `(\w+)` \| ([^|]+) \|", re.MULTILINE)
ROWS = {host: (int(port), tls, password) for host, port, tls, password in ROW.findall(TEXT)}
PLAN = "[plan.tello]\nrenews = 2026-12-05\n"

pytestmark = pytest.mark.checkout


@pytest.mark.parametrize("recipe", RECIPES, ids=lambda recipe: recipe.partition('host = "')[2].partition('"')[0])
def test_a_recipe_is_read_and_is_that_of_the_table(recipe: str, tmp_path: Path) -> None:
    file = tmp_path / "plans.toml"
    file.write_text(f'timezone = "Asia/Shanghai"\n{recipe}\n{PLAN}', "utf-8")
    file.chmod(0o600)
    loaded = load(file, catalogue={}, today=date(2026, 11, 30), machine_zone="Asia/Shanghai", hostname="pi")
    assert loaded.problems == ()
    mail = loaded.settings.mail
    assert mail.host is not None
    port, tls, password = ROWS[mail.host]
    assert (mail.port, mail.tls) == (port, tls)
    assert mail.username == (None if password == "none" else mail.sender)


@pytest.mark.parametrize(("word", "reason"), [("authorization code", "auth-refused-code"), ("app", "auth-refused-app")])
def test_a_refused_login_asks_for_the_password_that_the_table_names(word: str, reason: str) -> None:
    hosts = [host for host, (_, _, password) in ROWS.items() if password.startswith(word)]
    assert len(hosts) >= 2
    for host in hosts:
        assert verdict(535, "5.7.8 Error: authentication failed", "auth", host).reason == reason
