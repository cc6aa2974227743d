"""Small logs of every built-in line type for tests of the Python layer: made up, valid, and different row by row."""

VPC_HEADER = (
    "version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end action log-status"
)
BAD_LINE = b"this is no record of any log type\n"


def vpc_row(number):
    """A row of the default format."""
    return (
        f"2 210987654321 eni-{number:017x} 10.0.{number // 250 % 250}.{number % 250} 198.51.100.20 "
        f"{number % 65536} 443 6 {number} {number * 99} {1714644672 + number} {1714644731 + number} ACCEPT OK\n"
    )


def vpc(rows, first=0, header=True):
    """A flow log, as bytes."""
    lines = [VPC_HEADER + "\n"] if header else []
    return "".join(lines + [vpc_row(first + number) for number in range(rows)]).encode()


def alb(rows, first=0):
    """A load balancer's log, as bytes."""
    lines = [
        f"https 2024-05-02T10:11:12.{number:06}Z app/web/0a1b2c3d4e5f6071 "
        f"198.51.100.{number % 250}:5{number % 10000:04} 10.20.0.9:8443 0.001 0.045 0.000 200 200 {number} 5120 "
        f'"GET https://shop.example.com:443/p{number} HTTP/2.0" "agent/{number}" '
        f"ECDHE-RSA-AES128-GCM-SHA256 TLSv1.2 "
        f"arn:aws:elasticloadbalancing:eu-west-1:210987654321:targetgroup/web/9f8e7d "
        f'"Root=1-66336a60-{number:024x}" "shop.example.com" "-" 7 2024-05-02T10:11:12.077000Z "waf,forward" "-" "-"\n'
        for number in range(first, first + rows)
    ]
    return "".join(lines).encode()


def s3(rows, first=0):
    """A bucket's log, as bytes."""
    lines = [
        f"{'a1' * 32} logs-bucket [02/May/2024:10:11:{number % 60:02} +0000] 192.0.2.{number % 250} "
        f"arn:aws:sts::210987654321:assumed-role/Reader/s1 {number:016X} REST.GET.OBJECT dir/a{number}.txt "
        f'"GET /logs-bucket/dir/a{number}.txt HTTP/1.1" 200 - {number} {number} 31 30 "-" '
        f'"tool "q" 1.0" - host/{number}==\n'
        for number in range(first, first + rows)
    ]
    return "".join(lines).encode()


def aurora(rows, first=0):
    """A database's audit log, as bytes."""
    lines = [
        f"{1714644672000000 + number},aurora-eu-2,app_rw,10.4.0.17,88123,{number},QUERY,shop,"
        f"'select \"a\", {number} from t where x = \\'y, z\\'',0\n"
        for number in range(first, first + rows)
    ]
    return "".join(lines).encode()


LOGS = {"AWS.ALB": alb, "AWS.AuroraMySQLAudit": aurora, "AWS.S3ServerAccess": s3, "AWS.VPCFlow": vpc}
