"""msgspec: CloudTrail files into typed structs, then column by column into Arrow.

Members whose content depends on the service stay raw JSON, as a text column. Structs are kept from the garbage
collector, which would look at all of them again and again.
"""

from __future__ import annotations

import gzip
from collections.abc import Callable, Sequence
from operator import attrgetter
from pathlib import Path
from typing import Any

import msgspec
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as parquet

NAME = f"msgspec {msgspec.__version__}"
Text = str | None
Struct = msgspec.Struct


class Attributes(Struct, gc=False):
    creationDate: Text = None
    mfaAuthenticated: Text = None


class Issuer(Struct, gc=False):
    type: Text = None
    principalId: Text = None
    arn: Text = None
    accountId: Text = None
    userName: Text = None


class WebId(Struct, gc=False):
    federatedProvider: Text = None
    attributes: msgspec.Raw = msgspec.Raw()


class Session(Struct, gc=False):
    attributes: Attributes | None = None
    sessionIssuer: Issuer | None = None
    webIdFederationData: WebId | None = None


class Identity(Struct, gc=False):
    type: Text = None
    principalId: Text = None
    arn: Text = None
    accountId: Text = None
    accessKeyId: Text = None
    userName: Text = None
    sessionContext: Session | None = None
    invokedBy: Text = None
    identityProvider: Text = None


class Resource(Struct, gc=False):
    ARN: Text = None
    accountId: Text = None
    type: Text = None


class Tls(Struct, gc=False):
    tlsVersion: Text = None
    cipherSuite: Text = None
    clientProvidedHostHeader: Text = None


class Event(Struct, gc=False):
    awsRegion: str
    eventID: str
    eventName: str
    eventSource: str
    eventTime: str
    eventType: str
    eventVersion: str
    sourceIPAddress: str
    userIdentity: Identity
    additionalEventData: msgspec.Raw = msgspec.Raw()
    apiVersion: Text = None
    errorCode: Text = None
    errorMessage: Text = None
    managementEvent: bool | None = None
    readOnly: bool | None = None
    recipientAccountId: Text = None
    requestID: Text = None
    requestParameters: msgspec.Raw = msgspec.Raw()
    resources: list[Resource] | None = None
    responseElements: msgspec.Raw = msgspec.Raw()
    serviceEventDetails: msgspec.Raw = msgspec.Raw()
    sharedEventID: Text = None
    userAgent: Text = None
    vpcEndpointId: Text = None
    eventCategory: Text = None
    sessionCredentialFromConsole: Text = None
    tlsDetails: Tls | None = None


class File(Struct, gc=False):
    Records: list[Event]


_decode = msgspec.json.Decoder(File).decode


def supports(log_type: str) -> bool:
    return log_type == "AWS.CloudTrail"


def read(path: Path, log_type: str) -> pa.Table:
    return _table(_decode(path.read_bytes()).Records)


def convert(paths: list[Path], out: Path, log_type: str, columns: list[str] | None) -> None:
    """Parquet, zstd: one file, a row group for each file read."""
    writer = None
    for path in paths:
        table = _table(_decode(gzip.decompress(path.read_bytes())).Records)
        if writer is None:
            writer = parquet.ParquetWriter(out / "events.parquet", table.schema, compression="zstd")
        writer.write_table(table)
    if writer is not None:
        writer.close()


def _table(events: list[Event]) -> pa.Table:
    columns = {name: _column(Event, name, events) for name in Event.__struct_fields__}
    columns["eventTime"] = pc.cast(columns["eventTime"], pa.timestamp("us", "UTC"))
    return pa.table(columns)


def _column(struct: type[Struct], name: str, values: Sequence[Any]) -> pa.Array:
    """The member `name` of each of the structs."""
    return _MAKERS[struct, name](list(map(attrgetter(name), values)))


def _texts(values: list) -> pa.Array:
    return pa.array(values, pa.string())


def _truths(values: list) -> pa.Array:
    return pa.array(values, pa.bool_())


def _raw(values: list) -> pa.Array:
    return pa.array([bytes(value) or None for value in values], pa.binary()).cast("string")


def _structs(struct: type[Struct]) -> Callable[[list], pa.Array]:
    empty = struct()

    def make(values: list) -> pa.Array:
        missing = pa.array([value is None for value in values])
        there = [value or empty for value in values]
        children = [_column(struct, name, there) for name in struct.__struct_fields__]
        return pa.StructArray.from_arrays(children, struct.__struct_fields__, mask=missing)

    return make


def _lists(struct: type[Struct]) -> Callable[[list], pa.Array]:
    items = _structs(struct)

    def make(values: list) -> pa.Array:
        offsets: list[int | None] = []
        count = 0
        for value in values:
            offsets.append(None if value is None else count)
            count += len(value or ())
        return pa.ListArray.from_arrays([*offsets, count], items([item for value in values for item in value or ()]))

    return make


_SPECIAL: dict[Any, Callable[[list], pa.Array]] = {
    msgspec.Raw: _raw,
    bool | None: _truths,
    list[Resource] | None: _lists(Resource),
    **{kind | None: _structs(kind) for kind in (Attributes, Issuer, WebId, Session, Tls)},
    Identity: _structs(Identity),
}
_MAKERS = {
    (struct, field.name): _SPECIAL.get(field.type, _texts)
    for struct in (Event, Identity, Session, Issuer, Attributes, WebId, Resource, Tls)
    for field in msgspec.structs.fields(struct)
}
