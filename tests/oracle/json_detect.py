"""Which log type a JSON record is, and what around a record is no record (README 5, 6)."""

from .json_tables import JsonTable
from .json_text import Value
from .json_values import is_number, lookup_path

ENVELOPE = ("detail-type", "detail", "source", "account", "time")
SUBSCRIPTION = ("messageType", "logGroup", "logStream")


def fits_json(table: JsonTable, record: Value) -> bool:
    return any(all(holds(table, condition, record) for condition in one) for one in table.alternatives)


def holds(table: JsonTable, condition: str, record: Value) -> bool:
    path, _, word = condition.partition("=")
    path, colon, _ = path.partition(":")
    names = tuple(path.split("."))
    found = lookup_path(record, names, table.aliases(path))
    if len(found) < len(names) or found[-1].kind == "null":
        return False
    if colon:
        return is_number(found[-1])
    return not word or (found[-1].kind == "string" and found[-1].text == word)


def is_text(value: Value | None, text: str) -> bool:
    return value is not None and value.kind == "string" and value.text == text


def is_empty(value: Value) -> bool:
    """`"Records":null`. A value with an array `Records` never comes here."""
    records = value.exact("Records")
    return records is not None and records.kind == "null"


def is_subscription(value: Value) -> bool:
    """The payload of a CloudWatch Logs subscription."""
    events = value.exact("logEvents")
    all_there = all(value.there(name) for name in SUBSCRIPTION)
    return all_there and events is not None and events.kind in ("array", "null")


def is_notification(value: Value) -> bool:
    """An SNS envelope."""
    message = value.exact("Message")
    return is_text(value.exact("Type"), "Notification") and message is not None and message.kind == "string"


def is_notice(value: Value) -> bool:
    bucket = value.exact("s3")
    if bucket is not None and bucket.kind == "object" and bucket.there("object"):
        return True
    if is_text(value.exact("Event"), "s3:TestEvent"):
        return True
    return value.there("s3Bucket") is not None and value.there("s3ObjectKey") is not None


def is_envelope(value: Value) -> bool:
    """Of EventBridge."""
    return all(value.there(name) for name in ENVELOPE)
