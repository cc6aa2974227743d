"""What a log of each type looks like: one file per type, all with the same names.

`LOG_TYPE`, `HEADER` (the text in front of a file's first line), `TRUTH` (column -> kind, named as the
columns of the log type), and

    block(world, random, number, count) -> (lines, rows)

gives `count` lines without line ends, and for each the tuple of values that `TRUTH` names. `number` moves
the clock, so that block 7 is later than block 6. Kinds are `string`, `int`, `float`, `time_s` and `time_us`.
A line is valid by the specification, also an odd one.
"""

from __future__ import annotations

from types import ModuleType

from benchmarks.logs import aws_alb, aws_aurora_mysql_audit, aws_s3_server_access, aws_vpc_flow

LOGS: dict[str, ModuleType] = {
    module.LOG_TYPE: module for module in (aws_alb, aws_aurora_mysql_audit, aws_s3_server_access, aws_vpc_flow)
}
