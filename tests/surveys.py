"""Surveys of small logs, for the tests of `arrowtrail stats`."""

import json
from dataclasses import replace

from arrowtrail.inputs import find_sources
from arrowtrail.options import MAX_RECORD, check
from arrowtrail.passes import Pass
from arrowtrail.stats import KeptRejects
from arrowtrail.stream import Recipe
from arrowtrail.survey import Survey


def options(log_type=None, **given):
    """Options of reading as the command line has them."""
    unasked = dict.fromkeys(
        ("columns", "source_id", "source_label", "header", "rejects", "since", "until", "log_types", "parse_time")
    )
    unasked["max_decompressed"] = None
    default = {"indicators": "extended", "unmapped": True, "strict": False, "threads": 1, "max_record": MAX_RECORD}
    return check(log_type, **unasked | default | {"batch_rows": 65536, "row_id_seed": 1} | given)


def survey(source, log_type=None, **given):
    """The survey of a whole pass, and its counts."""
    found = options(log_type, **given)
    taken = Survey(found.log_types, columns=found.columns, unmapped=found.unmapped)
    run = Pass(Recipe(replace(found, columns=None), columns_of=taken.read), find_sources(source), KeptRejects(0))
    run.on_rejected, run.on_end = taken.add_rejected, taken.end
    for rows in run.rows():
        taken.add(rows)
    return taken, run.stats


def data(source, log_type=None, *, most=5, **given):
    taken, stats = survey(source, log_type, **given)
    return taken.as_data(stats, most)


def only(source, log_type=None, **given):
    """What is said of the only log type."""
    (found,) = data(source, log_type, **given)["log_types"]
    return found


def drift(source, log_type=None, **given):
    """(path, kind, rows, headers, example) of all that was found."""
    keys = ("path", "kind", "rows", "headers", "example")
    return [tuple(each[key] for key in keys) for each in only(source, log_type, **given)["drift"]]


def call(**members):
    """A CloudTrail record, with further members."""
    record = {
        "eventVersion": "1.11",
        "eventTime": "2024-05-02T10:11:12Z",
        "eventSource": "s3.amazonaws.com",
        "eventName": "GetObject",
        "eventID": "e-1",
        "eventType": "AwsApiCall",
        "awsRegion": "eu-west-1",
        "sourceIPAddress": "198.51.100.7",
        "userIdentity": {"type": "Root", "accountId": "210987654321"},
    }
    return json.dumps(record | members).encode() + b"\n"
