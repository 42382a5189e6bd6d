"""Every table and key of plans.toml, each described once.

The checker, the suggestions, the JSON Schema, the reference in docs/ and the man pages come from here.
"""

from __future__ import annotations

from renewd.config.addresses import Email, File, FilePatterns, From, Host, Listen, Url
from renewd.config.plan_keys import PLAN, REMIND, REMIND_PERSON
from renewd.config.plan_schema import ById, Key, Sub, Table
from renewd.config.times import ClockTime, Interval, MonthValue, Zone
from renewd.config.value_types import (
    Alarms,
    Amount,
    Choice,
    Currency,
    Flag,
    Languages,
    Name,
    Names,
    Text,
    Whole,
)

PUSH_SERVICES = (
    "bark", "ntfy", "serverchan", "pushplus", "wecom", "dingtalk", "feishu", "telegram", "webhook", "apprise",
)  # fmt: skip

MAIL = Table(
    "[mail]",
    "Where mails go, and the server that takes them. Without `host` they land in a Maildir in the state folder.",
    "信寄给谁，经哪台服务器寄。不写 `host`，信就放进状态目录里的 Maildir。",
    {
        "to": Key(
            Email(), "Your address; this is the person `me`.", "你的邮箱；这就是 `me` 这个人。", '"me@example.com"'
        ),
        "from": Key(
            From(),
            "Who the mails are from, and where undeliverable mail is returned: write an address that you read. Default:"
            " `username` where it is an address, else `to`, as providers refuse any other.",
            "发件人；退信也寄到这里，所以要写自己会看的邮箱。不写就用 `username`（是邮箱的话），否则用 `to`：写别的，邮箱会拒收。",
            '"renewd <me@example.com>"',
            field="from_",
        ),
        "host": Key(Host(), "The SMTP server.", "SMTP 服务器。", '"smtp.example.com"'),
        "port": Key(
            Whole(1, 65535),
            "Its port. Default: 587 with starttls, 465 with implicit, 25 with none.",
            "端口。不写时 starttls 用 587，implicit 用 465，none 用 25。",
            "587",
        ),
        "tls": Key(
            Choice(("starttls", "implicit", "none")),
            'How the connection is secured. "none" with a user name only to this machine. On port 465 the default is implicit.',
            "怎样加密。none 加用户名只能用于本机。端口是 465 时默认 implicit。",
            '"starttls"',
            '"starttls"',
        ),
        "ca_file": Key(File(), "A certificate authority of your own.", "自己的 CA 证书。", '"/etc/ssl/my-ca.pem"'),
        "username": Key(Name(), "The account’s user name.", "账号的用户名。", '"me@example.com"'),
        "password_file": Key(
            File(),
            "A file that holds the password. It is looked for in this order: the systemd credential smtp-password, this"
            " file, the variable RENEWD_SMTP_PASSWORD. The password itself is never in plans.toml.",
            "存放密码的文件。查找次序：systemd 凭据 smtp-password、这个文件、环境变量 RENEWD_SMTP_PASSWORD。密码本身不写进 plans.toml。",
            '"/etc/renewd/smtp-password"',
        ),
    },
)

CALENDAR = Table(
    "[calendar]",
    "The calendar file.",
    "日历文件。",
    {
        "alarms": Key(
            Alarms(),
            "Days before an event at which it rings, at 09:00; for some kinds others: { default = [1, 3, 7], lost = [1, 7, 14] }.",
            "提前几天在 09:00 响；有的种类可以另写：{ default = [1, 3, 7], lost = [1, 7, 14] }。",
            "[1, 3, 7]",
            "[1, 3, 7]",
        ),
        "months": Key(Whole(1, 60), "How many months ahead it shows.", "往后显示几个月。", "13", "13"),
        "show_reminders": Key(
            Flag(),
            "Whether it shows the reminders too, and not only the dates.",
            "除了日期，要不要把提醒也放进去。",
            "false",
            "false",
        ),
    },
)

LEDGER = Table(
    "[ledger]",
    "Where renewd keeps what it sent. Without this table: SQLite in the state folder.",
    "寄过什么记在哪里。没有这个表就是状态目录里的 SQLite。",
    {
        "url": Key(
            Url(("postgresql", "postgres")),
            "A PostgreSQL database, for several machines.",
            "PostgreSQL 数据库，多台机器共用。",
            '"postgresql://renewd@db.example.com/renewd"',
            required=True,
            secret=True,
        )
    },
)

WEB = Table(
    "[web]",
    "Each person's page, on which they also record facts, the calendar to subscribe to, and a health page. Off unless this table is written.",
    "每个人自己的页面（也在上面记一笔）、可订阅的日历和健康页。写了这个表才开。",
    {
        "listen": Key(
            Listen(), "Address and port to listen on.", "监听的地址和端口。", '"127.0.0.1:8321"', '"127.0.0.1:8321"'
        ),
        "url": Key(
            Url(("https", "http")),
            "The address under which others reach it, through a proxy for instance.",
            "别人用哪个网址访问，例如经过反向代理的。",
            '"https://renewd.example.com"',
        ),
    },
)

ANSWERS = Table(
    "[answers]",
    "Answers by mail, read over IMAP: no port need be open. Off unless this table is written.",
    "回信记事：用 IMAP 读邮箱，不用开端口。写了这个表才开。",
    {
        "host": Key(Host(), "The IMAP server.", "IMAP 服务器。", '"imap.example.com"', required=True),
        "port": Key(
            Whole(1, 65535),
            "Its port. Default: 993 with implicit, 143 otherwise.",
            "端口。不写时 implicit 用 993，其余用 143。",
            "993",
        ),
        "tls": Key(
            Choice(("implicit", "starttls", "none")),
            'How the connection is secured. "none" only to this machine.',
            "怎样加密。none 只能用于本机。",
            '"implicit"',
            '"implicit"',
        ),
        "username": Key(
            Name(),
            "The account’s user name. Default: that of [mail], with its password.",
            "账号的用户名。不写就用 [mail] 的，连同它的密码。",
            '"me@example.com"',
        ),
        "password_file": Key(
            File(),
            "A file that holds the password. It is looked for in this order: the systemd credential imap-password, this"
            " file, the variable RENEWD_IMAP_PASSWORD, the password of [mail] where the user name is the same.",
            "存放密码的文件。查找次序：systemd 凭据 imap-password、这个文件、环境变量 RENEWD_IMAP_PASSWORD、用户名相同时 [mail] 的密码。",
            '"/etc/renewd/imap-password"',
        ),
        "folder": Key(Text(), "The folder that is read.", "读哪个文件夹。", '"INBOX"', '"INBOX"'),
        "every": Key(
            Interval(),
            "How often it is checked, where the server does not announce new mail itself.",
            "服务器不会主动通知时，多久看一次。",
            '"5 minutes"',
            '"5 minutes"',
        ),
    },
)

HEARTBEAT = Table(
    "[heartbeat]",
    "A page that is requested while all is well, so that somebody notices when it is not.",
    "一切正常时去访问的网址，停了就有人知道。",
    {
        "url": Key(
            Url(("https", "http")),
            "The page.",
            "网址。",
            '"https://hc.example.com/ping/abc"',
            required=True,
            secret=True,
        )
    },
)

PUSH = Table(
    "[push.ID]",
    "A way to somebody’s phone, which `push` of a person names. What it costs and where its key is found: docs/push.md.",
    "推送到手机的一条路，写进 [person.ID] 的 `push`。要不要钱、密钥在哪里拿：docs/zh-CN/push.md。",
    {
        "service": Key(
            Choice(PUSH_SERVICES),
            "The service that carries it.",
            "用哪个推送服务。",
            '"bark"',
            required=True,
        ),
        "url": Key(
            Url(("https", "http")),
            "A server of your own, where the service allows one. Default: the service’s public one.",
            "自己搭的服务器。不写就用公共的。",
            '"https://api.day.app"',
        ),
        "only": Key(
            Choice(("all", "urgent")),
            'Which reminders it carries: "urgent" are those whose day is here, or that cannot be put right later.',
            "推哪些提醒：urgent 只推当天要办的，和错过就补不回来的。",
            '"urgent"',
            '"all"',
        ),
        "secret_file": Key(
            File(),
            "A file that holds the key, token or secret address. It is looked for in this order: the systemd credential"
            " push-ID, this file, the variable RENEWD_PUSH_ID. It is never in plans.toml.",
            "存放密钥、token 或私密网址的文件。查找次序：systemd 凭据 push-ID、这个文件、环境变量 RENEWD_PUSH_ID。不写进 plans.toml。",
            '"/etc/renewd/push-phone"',
        ),
        "proxy": Key(
            Url(("http", "https", "socks5", "socks5h")),
            "A proxy for this service alone. Default: the environment’s (HTTPS_PROXY).",
            "只给这一个服务用的代理。不写就用环境变量 HTTPS_PROXY。",
            '"http://127.0.0.1:7890"',
            secret=True,
        ),
    },
)

PERSON = Table(
    "[person.ID]",
    "Somebody who is told. `me` is you, the one who runs renewd.",
    "要告诉的人。`me` 是你自己，renewd 由你运行。",
    {
        "email": Key(
            Email(),
            "Where the mails go; for `me`, `mail.to` will do.",
            "邮箱；`me` 写了 `mail.to` 就可以不写。",
            '"mom@example.com"',
        ),
        "push": Key(
            Names(),
            "The ids of [push.ID] that reach their phone. With it, `email` may be left out.",
            "推到他手机的 [push.ID] 的名字。写了它，email 就可以不写。",
            '["phone"]',
        ),
        "name": Key(
            Text(), "What to call them. Default: what comes before the @.", "怎么称呼。不写就是 @ 前面那段。", '"小李"'
        ),
        "timezone": Key(
            Zone(),
            "Their time zone. Default: the household’s.",
            "人在哪个时区。不写就用文件开头的。",
            '"Asia/Shanghai"',
            field="zone",
        ),
        "language": Key(
            Languages(),
            "Their language. Default: the household’s.",
            "用什么语言。不写就用文件开头的。",
            '"zh-CN"',
            field="languages",
        ),
        "send_at": Key(
            ClockTime(),
            "The time of day at which their mails go out. Default: the household’s.",
            "当地几点寄。不写就用文件开头的。",
            "09:00:00",
        ),
        "remind": Key(
            Sub(REMIND_PERSON),
            "Their own leads, as in [remind]; they win over the plan’s. `overdue` and `lost` can be switched off only for plans"
            " that somebody else is told about too.",
            "这个人自己的提前天数，写法同 [remind]，比套餐写的优先。`overdue` 和 `lost`，只有另有人收到的套餐才能关。",
            "{ renewal = [3, 1], charge = [] }",
            field="leads",
        ),
        "alarms": Key(
            Alarms(),
            "The alarms of their calendar. Default: those of [calendar].",
            "他的日历提前几天响。不写就同 [calendar]。",
            "[1]",
        ),
    },
)

CARD = Table(
    "[card.ID]",
    "A payment card.",
    "付款的卡。",
    {
        "name": Key(Text(), "What you call it. Default: its id.", "怎么称呼。不写就用 id。", '"Visa …4242"'),
        "expires": Key(MonthValue(), "Its last month.", "到期的月份。", '"2027-03"'),
    },
)

FILE = Table(
    "plans.toml",
    "The file: these keys go above the first [table].",
    "整个文件：下面这些键写在第一个 [表] 之前。",
    {
        "timezone": Key(
            Zone(),
            "The time zone of your dates. Default: the machine’s.",
            "日期按哪个时区算。不写就是本机的。",
            '"America/New_York"',
            field="zone",
        ),
        "language": Key(
            Languages(),
            'The language of mails and reports, or ["zh-CN", "en"] for both in one mail.',
            '信和报告的语言；写 ["zh-CN", "en"] 就一封信里两种都有。',
            '"zh-CN"',
            field="languages",
        ),
        "currency": Key(Currency(), "The currency of your prices.", "价钱的货币。", '"USD"', '"USD"'),
        "send_at": Key(
            ClockTime(),
            "When mails go out, on the clock of the person who is told.",
            "收信人当地几点寄信。",
            "09:00:00",
            "09:00:00",
        ),
        "budget": Key(
            Amount(),
            "For all plans, a month; the monthly mail says when it is exceeded.",
            "所有套餐一个月的预算；超了月报会说。",
            "100",
        ),
        "show_numbers": Key(
            Flag(),
            "Whether mails show full phone numbers; otherwise the nickname and the last four digits.",
            "信里写完整号码；否则只写称呼和尾号。",
            "false",
            "false",
        ),
        "include": Key(
            FilePatterns(),
            "More files, with plan, person and card tables only; * and ? are wildcards.",
            "更多文件，只能有 plan、person、card 表；可用 * 和 ?。",
            '["plans.d/*.toml"]',
        ),
        "remind": Key(Sub(REMIND), "Leads.", "提前天数。", field="leads"),
        "mail": Key(Sub(MAIL), "Mail.", "邮件。"),
        "calendar": Key(Sub(CALENDAR), "Calendar.", "日历。"),
        "ledger": Key(Sub(LEDGER), "Ledger.", "记录。"),
        "web": Key(Sub(WEB), "Web.", "网页。"),
        "answers": Key(Sub(ANSWERS), "Answers by mail.", "回信记事。"),
        "heartbeat": Key(Sub(HEARTBEAT), "Heartbeat.", "心跳。"),
        "push": Key(ById(PUSH), "Pushes.", "推送。"),
        "person": Key(ById(PERSON), "People.", "人。"),
        "card": Key(ById(CARD), "Cards.", "卡。"),
        "plan": Key(ById(PLAN), "Plans.", "套餐。"),
    },
)
GROUPS = ("person", "card", "plan")  # the tables by id, which may also stand in included files
