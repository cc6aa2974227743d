"""The examples that people read run, and give what they say: README.md, and the docstrings of the package."""

import doctest
import pkgutil
from importlib import import_module
from pathlib import Path

import pytest
from sybil import Sybil
from sybil.parsers.markdown import PythonCodeBlockParser, SkipParser

import arrowtrail

ROOT = Path(__file__).parent.parent
PAGES = Sybil([PythonCodeBlockParser(), SkipParser()])
MODULES = sorted(module.name for module in pkgutil.iter_modules(arrowtrail.__path__) if module.name != "__main__")


@pytest.mark.parametrize("name", ["README.md", "docs/indicators.md"])
def test_the_examples_of_a_page_run(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    log = b"http 2024-05-02T10:11:12Z app/lb/1 1.2.3.4:1 - 0 0 0 200 - 1 2 " + b'"GET / HTTP/1.1" "-" - - - "-"\n'
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs" / "x.gz").write_bytes(log)
    monkeypatch.chdir(tmp_path)
    examples = list(PAGES.parse(ROOT / name).examples())
    assert examples
    for example in examples:
        example.evaluate()


@pytest.mark.parametrize("name", MODULES)
def test_the_examples_of_a_module_run(name: str):
    module = import_module(f"arrowtrail.{name}")
    assert doctest.testmod(module).failed == 0
