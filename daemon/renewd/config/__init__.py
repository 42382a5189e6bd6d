"""The user's files: TOML text to a household, or every problem at once, and changes that keep every other line."""

from renewd.config.last_good import Good
from renewd.config.load import Loaded, load
from renewd.config.messages import say_problem, show_source
from renewd.config.settings import Answers, Calendar, MailSettings, Settings, Web

__all__ = [
    "Answers",
    "Calendar",
    "Good",
    "Loaded",
    "MailSettings",
    "Settings",
    "Web",
    "load",
    "say_problem",
    "show_source",
]
