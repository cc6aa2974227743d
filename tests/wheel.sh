#!/usr/bin/env bash
# Installs a wheel into a fresh environment outside the tree, looks at what it brought, and runs the tests there
# without those that are slow or measure memory: what they look at is the same in place.
#
#   tests/wheel.sh WHEEL [pytest options]
set -euo pipefail
wheel=$(realpath "$1")
shift
tree=$(cd "$(dirname "$0")/.." && pwd)
away=$(mktemp -d)
trap 'rm -rf "$away"' EXIT

"${PYTHON:-python3}" -m venv "$away/venv"
"$away/venv/bin/python" -m pip install -q "$wheel[test]"
cp -r "$tree"/{tests,docs,benchmarks,ext,README.md,CONTRIBUTING.md,pyproject.toml} "$away"
mkdir -p "$away/src/arrowtrail"
cp -r "$tree/src/arrowtrail/tables" "$away/src/arrowtrail"  # the oracle reads the tables of the tree
cd "$away"
venv/bin/python - << 'END'
from importlib.metadata import distribution, files

import arrowtrail

names = {str(file) for file in files("arrowtrail")}
wanted = {"py.typed", "_native.pyi", "_native.abi3.so", "tables/README.md", "tables/_added.toml", "tables/_indicators.toml"}
missing = {f"arrowtrail/{name}" for name in wanted} - names
licences = {"LICENSE", "NOTICE", "licenses/simdjson.txt"}
missing |= {name for name in licences if not any(f"dist-info/licenses/{name}" in each for each in names)}
tables = [name for name in names if name.startswith("arrowtrail/tables/aws_")]
assert not missing, f"the wheel lacks {sorted(missing)}"
assert len(tables) == len(arrowtrail.log_types()), tables
assert "venv" in arrowtrail.__file__
print("wheel", distribution("arrowtrail").version, "brought", len(names), "files")
END
venv/bin/python -m pytest -m "not slow and not memory" "$@"
