"""Where the time goes: each stage is the difference to the step before it. Only the public API is used.

    pytest benchmarks/bench_stages.py [--mb 32] [--benchmark-json FILE]

`frame` builds a constant column only (records are framed, tokenized and checked all the same), `time` one, `few`
four, `table` all of the log type's own, `rows` the added ones too, then the indicators; `held` keeps the
batches as a table; `gz` unpacks before; `parquet` writes after. All but `held` drop each batch as it comes.
"""

from __future__ import annotations

import pytest

from benchmarks import corpus
from benchmarks.logs import LOGS

arrowtrail = pytest.importorskip("arrowtrail")

FEW = {
    "AWS.VPCFlow": ["srcAddr", "dstAddr", "dstPort", "bytes"],
    "AWS.ALB": ["timestamp", "clientIp", "elbStatusCode", "requestUrl"],
    "AWS.S3ServerAccess": ["time", "remoteip", "operation", "key"],
    "AWS.AuroraMySQLAudit": ["timestamp", "username", "operation", "object"],
    "AWS.CloudTrailDigest": ["digestEndTime", "awsAccountId", "digestS3Object", "logFiles"],
    "AWS.CloudTrailInsight": ["eventTime", "eventId", "sharedEventId", "insightDetails"],
    "AWS.CloudWatchEvents": ["time", "source", "detail-type", "detail"],
    "AWS.WAFWebACL": ["timestamp", "action", "terminatingRuleId", "httpRequest"],
    "AWS.VPCDns": ["query_timestamp", "query_name", "srcaddr", "answers"],
    "AWS.GuardDuty": ["updatedAt", "type", "severity", "resource"],
    "AWS.CloudTrail": ["eventTime", "eventName", "sourceIPAddress", "userIdentity"],
}
STEPS = ("frame", "time", "few", "table", "rows", "panther", "extended", "held", "gz", "parquet")


def options_of(step: str, log_type: str) -> dict:
    own = [name for name in arrowtrail.schema(log_type).names if not name.startswith("p_")]
    added = [name for name in arrowtrail.schema(log_type).names if not name.startswith("p_any_")]
    built = {"frame": ["p_log_type"], "time": ["p_event_time"], "few": FEW[log_type], "table": own, "rows": added}
    if step in built:
        return {"indicators": "off", "columns": built[step]}
    return {"indicators": "panther" if step == "panther" else "extended"}


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("log_type", sorted(LOGS))
def test_step(rated, log_type, step, mb, tmp_path):
    file = corpus.path(log_type, mb, gz=step == "gz")
    options = options_of(step, log_type)

    def scan():
        return arrowtrail.scan(file, log_type, threads=1, **options)

    def drop():
        return sum(batch.num_rows for batch in scan())

    def parquet():
        arrowtrail.write(file, tmp_path, log_type=log_type, threads=1, overwrite=True)
        return corpus.rows(file)

    calls = {"held": lambda: scan().to_table().num_rows, "parquet": parquet}
    assert rated(calls.get(step, drop), corpus.size_bytes(file), corpus.rows(file)) == corpus.rows(file)
