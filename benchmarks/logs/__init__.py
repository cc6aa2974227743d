"""What a log of each type looks like: one file per type, all with the same names.

`LOG_TYPE`, `SHAPE` (the text around records), `TRUTH` (column -> kind, named as the columns of the log type,
members of structs by their path), and

    block(world, random, number, count) -> (lines, rows)

gives `count` records, without what parts them, and for each the tuple of values that `TRUTH` names. `number` moves
the clock, so that block 7 is later than block 6. Kinds are `string`, `int`, `float`, `time_s` and `time_us`.
A record is valid by the specification, also an odd one.
"""

from __future__ import annotations

from types import ModuleType

from benchmarks.logs import (
    aws_alb,
    aws_aurora_mysql_audit,
    aws_cloud_trail,
    aws_guard_duty,
    aws_s3_server_access,
    aws_vpc_dns,
    aws_vpc_flow,
    aws_waf_web_acl,
)

LOGS: dict[str, ModuleType] = {
    module.LOG_TYPE: module
    for module in (
        aws_vpc_flow,
        aws_alb,
        aws_s3_server_access,
        aws_aurora_mysql_audit,
        aws_cloud_trail,
        aws_waf_web_acl,
        aws_vpc_dns,
        aws_guard_duty,
    )
}
