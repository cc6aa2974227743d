"""The fields of each log type as a user of a CSV reader declares them: name -> kind.

Kinds are `string`, `int`, `float`, `time` (RFC 3339) and `clf` (an S3 time without its zone). A name with a
trailing `_` is not the column of that name in arrowtrail: a CSV reader cuts or cleans the text otherwise.
"""

from __future__ import annotations


def _fields(text: str) -> dict[str, str]:
    """`a b:int` -> {"a": "string", "b": "int"}"""
    return {name: kind or "string" for name, _, kind in (word.partition(":") for word in text.split())}


VPC_FLOW = _fields("""
    version:int account interfaceId srcAddr dstAddr srcPort:int dstPort:int protocol:int packets:int bytes:int
    start:int end:int action status
""")
ALB = _fields("""
    type timestamp:time elb client_ target_ requestProcessingTime:float targetProcessingTime:float
    responseProcessingTime:float elbStatusCode:int targetStatusCode:int receivedBytes:int sentBytes:int request_
    userAgent sslCipher sslProtocol targetGroupArn traceId domainName chosenCertArn matchedRulePriority:int
    requestCreationTime:time actionsExecuted_ redirectUrl errorReason targetPortList_ targetStatusCodeList_
    classification classificationReason connTraceId transformedHost transformedUri requestTransformStatus
""")
S3_SERVER_ACCESS = _fields("""
    bucketowner bucket time:clf zone_ remoteip requester requestid operation key requesturi httpstatus:int errorcode
    bytessent:int objectsize:int totaltime:int turnaroundtime:int referrer useragent versionid hostid
    signatureversion ciphersuite authenticationtype hostheader tlsVersion field24_ field25_ field26_
""")
AURORA = _fields("""
    timestamp:int serverHost username host connectionId:int queryId:int operation database object_ retCode:int
""")
FIELDS = {
    "AWS.VPCFlow": VPC_FLOW,
    "AWS.ALB": ALB,
    "AWS.S3ServerAccess": S3_SERVER_ACCESS,
    "AWS.AuroraMySQLAudit": AURORA,
}
# Columns read as whole numbers that are times, and their unit: the cast costs next to nothing.
EPOCHS = {
    "AWS.VPCFlow": {"start": "s", "end": "s"},
    "AWS.AuroraMySQLAudit": {"timestamp": "us"},
    "AWS.WAFWebACL": {"timestamp": "ms"},
}
