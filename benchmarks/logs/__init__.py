"""What a log of each type looks like: one file per type, all with the same names.

`LOG_TYPE`, `FRAME` (what holds the records of a file together), `TRUTH` (column -> kind, named as the columns of
the log type; a dotted name is a member of a struct, or of each struct in a list), and

    block(world, random, number, count) -> (records, rows)

gives `count` records as text, lines without line ends, and for each the tuple of values that `TRUTH` names. `number`
moves the clock, so that block 7 is later than block 6. Kinds are `string`, `json` (the text as it stands), `int`,
`float`, `float32`, `bool`, and times: `time` (RFC 3339), `time_s`, `time_ms` and `time_us`. A record is valid by the
specification, also an odd one.
"""

from __future__ import annotations

from importlib import import_module
from types import ModuleType

_FILES = (
    "aws_alb",
    "aws_aurora_mysql_audit",
    "aws_cloud_trail",
    "aws_cloud_trail_digest",
    "aws_cloud_trail_insight",
    "aws_cloud_watch_events",
    "aws_guard_duty",
    "aws_s3_server_access",
    "aws_vpc_dns",
    "aws_vpc_flow",
    "aws_waf_web_acl",
)
_MODULES = [import_module(f"{__name__}.{name}") for name in _FILES]
LOGS: dict[str, ModuleType] = {module.LOG_TYPE: module for module in _MODULES}
