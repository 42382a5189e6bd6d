"""Every test of a channel meets a server that takes commands together, and one that takes them one by one."""

import pytest

import smtp


@pytest.fixture(autouse=True, params=["pipelining", "one by one"])
def manners(request, monkeypatch):
    if request.param == "one by one":
        monkeypatch.setattr(smtp, "MANNERS", [])
