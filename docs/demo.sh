#!/usr/bin/env bash
# The main job, on logs that the repository makes itself; `make demo` runs this.
set -euo pipefail
cd "$(dirname "$0")/.."
demo=build/demo

show() {
  printf '\n$ %s\n' "$*"
  "$@"
}

rm -rf "$demo"
mkdir -p "$demo"
python benchmarks/corpus.py --mb 4 --files 2 --gz -o "$demo/logs" > /dev/null
rm -f "$demo"/logs/.[!.]*
printf '2 123456789012 eni-1 10.0.0.1 10.0.0.2 443 many 6 9 840 1714644732 1714644791 ACCEPT OK\nno log\n' > "$demo/logs/broken.log"

cd "$demo"
show ls -sh logs
show arrowtrail detect logs
show arrowtrail convert logs -o parquet
show arrowtrail cat 'logs/AWS.ALB-*' -n 1 -q
printf '\n$ %s\n' "python  # the same file with pyarrow"
python - << 'END'
import pyarrow.parquet as pq

flows = pq.read_table("parquet/AWS.VPCFlow")
print(flows.num_rows, "rows of", flows.num_columns, "columns; the first two:")
for row in flows.select(["p_event_time", "srcAddr", "dstAddr", "bytes", "p_any_ip_addresses"]).slice(0, 2).to_pylist():
    print(row)
print("rejected:")
for row in pq.read_table("parquet/rejected.parquet", columns=["source", "line", "reason", "message"]).to_pylist():
    print(row)
END
printf '\nThe logs, Parquet files and rejected records are in %s.\n' "$demo"
