"""No key of a push is in a log, the ledger, a status file, the history or what any command says."""

from __future__ import annotations

import logging
from contextlib import ExitStack

from fake_push_service import in_a_thread
from shell import Shell

SECRETS = {
    "bark": ("Kanarienvogel1",),
    "ntfy": ("Kanarienvogel2", "token: Kanarienvogel3"),
    "telegram": ("1234:Kanarienvogel4", "chat: 9876543210"),
    "wecom": ("https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=Kanarienvogel5",),
    "dingtalk": ("Kanarienvogel6", "sign: SECKanarienvogel7"),
    "webhook": ("Kanarienvogel8",),
}
CANARIES = ("Kanarienvogel", "9876543210")


def test_no_canary_shows_whatever_a_service_says(shell: Shell, caplog) -> None:
    caplog.set_level(logging.DEBUG)
    with ExitStack() as left:
        lines = ['language = "en"\n[mail]\nto = "me@example.com"']
        fakes = {service: left.enter_context(in_a_thread()) for service in SECRETS}
        for service, secret in SECRETS.items():
            lines.append(f'[push.{service}]\nservice = "{service}"\nurl = "{fakes[service].url}"')
            shell.environment[f"RENEWD_PUSH_{service.upper()}"] = "\n".join(secret)
        lines.append(f"[person.me]\npush = {list(SECRETS)}".replace("'", '"'))
        lines.append('[plan.tello]\nrenews = 2026-12-02\nevery = "30 days"\nprice = 5')
        shell.write("\n".join(lines))
        said = []
        for status in (400, 403, 500):
            for service, fake in fakes.items():
                words = dict.fromkeys(("message", "errmsg", "description", "error", "msg"), " ".join(SECRETS[service]))
                fake.says(status, words | {"code": 1, "errcode": 1, "ok": False})
            said.append(shell("run", "--once"))
        said += [shell(*words.split()) for words in ("history --json", "history", "status", "status --json", "check")]
        said += [shell(*words.split()) for words in ("doctor", "agenda --json", "test-push", "history show 2")]
        assert all(fake.received for fake in fakes.values())
    shown = [one.out + one.err for one in said] + [caplog.text]
    files = {file: file.read_bytes() for file in shell.state.rglob("*") if file.is_file()}
    assert any(file.name == "ledger.sqlite3" for file in files)
    for canary in CANARIES:
        assert [text for text in shown if canary in text] == []
        assert [file for file, data in files.items() if canary.encode() in data] == []
