"""The recipes of docs/page.md, with the proxies themselves: what they pass on, and what they show while renewd is down."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import pytest

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.checkout


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def recipe(kind: str, folder: Path, port: int, renewd: int) -> str:
    found = re.search(rf"```{kind}\n(.*?)```", (ROOT / "docs" / "page.md").read_text("utf-8"), re.DOTALL)
    assert found
    text = found[1].replace("/var/www/renewd", str(folder)).replace("127.0.0.1:8321", f"127.0.0.1:{renewd}")
    return text.replace("listen 443 ssl", f"listen 127.0.0.1:{port}").replace(
        "renewd.example.com {", f"http://127.0.0.1:{port} {{"
    )


def command(kind: str, folder: Path, text: str) -> list[str]:
    file = folder / "proxy.conf"
    if kind == "nginx":
        root = "user root; " if os.geteuid() == 0 else ""  # the folders of tests are their owner's alone
        own = "".join(
            f"{name}_temp_path {folder / name}; " for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        )
        file.write_text(
            f"{root}pid {folder}/pid; error_log {folder}/log; events {{}} http {{ {own} types {{ text/html html; }}\n{text}}}"
        )
        return ["nginx", "-c", str(file), "-g", "daemon off;"]
    file.write_text("{\n\tadmin off\n}\n" + text)
    return ["caddy", "run", "--adapter", "caddyfile", "--config", str(file)]


def answer(port: int, path: str) -> tuple[int, str]:
    until = time.monotonic() + 20
    while True:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=5) as got:
                return got.status, got.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()
        except OSError:  # it is still starting
            assert time.monotonic() < until
            time.sleep(0.05)


class Renewd(BaseHTTPRequestHandler):
    """Says who asked, in place of renewd."""

    def do_GET(self) -> None:
        self.send_response(404)
        self.end_headers()
        self.wfile.write(f"renewd {self.path} {self.headers['X-Forwarded-For']}".encode())

    def log_message(self, *_args: object) -> None:
        pass


@contextmanager
def served(port: int) -> Iterator[None]:
    server = HTTPServer(("127.0.0.1", port), Renewd)
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()


@pytest.mark.parametrize("kind", ["nginx", "caddyfile"])
def test_a_proxy_passes_pages_on_and_says_when_renewd_is_down(tmp_path: Path, kind: str) -> None:
    if shutil.which("nginx" if kind == "nginx" else "caddy") is None:
        pytest.skip(f"there is no {kind} here")
    port, renewd = free_port(), free_port()
    shutil.copy(ROOT / "docs" / "proxy-offline.html", tmp_path)
    tmp_path.chmod(0o755)
    environment = {"HOME": str(tmp_path), "PATH": "/usr/sbin:/usr/bin:/sbin:/bin"}
    words = command(kind, tmp_path, recipe(kind, tmp_path, port, renewd))
    process = subprocess.Popen(words, env=environment, stderr=subprocess.DEVNULL)
    try:
        status, page = answer(port, "/p/secret/")
        assert status in (502, 503)
        assert "renewd 现在没有应答" in page
        assert "secret" not in page
        with served(renewd):
            for path in ("/p/secret/plan/x", "/done/x", "/calendar/x/me.ics"):
                assert answer(port, path) == (404, f"renewd {path} 127.0.0.1")
            for path in ("/healthz", "/metrics"):
                status, page = answer(port, path)
                assert (status, "renewd /" in page) == (404, False)
    finally:
        process.terminate()
        process.wait(10)
