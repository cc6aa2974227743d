"""Build the one extension module: simdjson as its own static library, the engine and the Cython bridge."""

import importlib.util
import os
import pathlib
import shutil
import sys

from Cython.Build import cythonize
from setuptools import Extension, setup
from setuptools.command.build_ext import build_ext
from setuptools.modified import newer_group

ROOT = pathlib.Path(__file__).parent
SIMDJSON = pathlib.Path("build") / "simdjson"
SANITIZE = os.environ.get("ARROWTRAIL_SANITIZE", "")  # e.g. "address,undefined"
COVERAGE = bool(os.environ.get("ARROWTRAIL_COVERAGE"))
MSVC = sys.platform == "win32"
MSVC_FLAGS = ["/std:c++17", "/O2", "/EHsc"]


def copy_simdjson() -> None:
    """Copy simdjson's two files out of the pysimdjson wheel (or the folder that ARROWTRAIL_SIMDJSON names)."""
    folder = os.environ.get("ARROWTRAIL_SIMDJSON")
    if not folder:
        spec = importlib.util.find_spec("simdjson")
        if spec is None or not spec.submodule_search_locations:
            sys.exit("arrowtrail: pysimdjson==7.0.2 is needed to build; pip install it or set ARROWTRAIL_SIMDJSON")
        folder = next(iter(spec.submodule_search_locations))
    SIMDJSON.mkdir(parents=True, exist_ok=True)
    for name in ("simdjson.h", "simdjson.cpp"):
        target = SIMDJSON / name
        source = pathlib.Path(folder) / name
        if not target.exists() or target.stat().st_size != source.stat().st_size:
            shutil.copy(source, target)


def flags() -> tuple[list[str], list[str]]:
    """Compiler and linker flags of the engine."""
    if MSVC:
        return MSVC_FLAGS, []
    # Packing scalars into vectors, as gcc -O3 does, makes the row loops a tenth slower.
    compile_args = ["-std=c++17", "-O3", "-fno-tree-slp-vectorize", "-g0", "-fvisibility=hidden"]
    compile_args += ["-Wall", "-Wextra", "-Wno-unused-function"]
    link_args: list[str] = []
    if SANITIZE:
        compile_args += ["-O1", "-g", "-fno-omit-frame-pointer", "-fno-sanitize-recover=undefined"]
        compile_args += [f"-fsanitize={SANITIZE}", "-Wno-maybe-uninitialized", "-Wno-uninitialized"]  # in intrinsics
        link_args += [f"-fsanitize={SANITIZE}"]
    return compile_args, link_args


class BuildExt(build_ext):
    """build_ext that builds the static library first, also for --inplace."""

    def run(self) -> None:
        built = self.get_ext_fullpath(native.name)
        if self.editable_mode and not newer_group([*native.sources, *native.depends], built):
            return  # `build_ext --inplace` has been here: an editable install need not compile it all again
        self.run_command("build_clib")
        super().run()


copy_simdjson()
compile_args, link_args = flags()
macros: list[tuple[str, str | None]] = [("NDEBUG", None)]
if COVERAGE:
    macros += [("CYTHON_TRACE_NOGIL", "1"), ("CYTHON_USE_SYS_MONITORING", "0")]
else:
    macros += [("Py_LIMITED_API", "0x030B0000"), ("CYTHON_LIMITED_API", "1")]
engine = sorted(str(path.relative_to(ROOT)) for path in (ROOT / "ext" / "engine").glob("*.cpp"))
if sys.platform == "linux":
    engine.append("ext/old_linux.cpp")
parts = {".hpp", ".h", ".inc", ".pyx", ".pxi", ".pxd"}
included = sorted(str(path.relative_to(ROOT)) for path in (ROOT / "ext").rglob("*") if path.suffix in parts)
native = Extension(
    "arrowtrail._native",
    ["ext/cython/_native.pyx", *engine],
    include_dirs=["ext", str(SIMDJSON)],
    depends=["setup.py", *included],
    language="c++",
    extra_compile_args=compile_args,
    extra_link_args=link_args,
    define_macros=macros,
    py_limited_api=not COVERAGE,
)
simdjson = {
    "sources": [str(SIMDJSON / "simdjson.cpp")],
    "include_dirs": [str(SIMDJSON)],
    "cflags": MSVC_FLAGS if MSVC else ["-std=c++17", "-O3", "-g0", "-fvisibility=hidden", "-fPIC"],
}
setup(
    libraries=[("simdjson", simdjson)],
    ext_modules=cythonize(
        [native],
        compiler_directives={"language_level": "3", "linetrace": COVERAGE},
        include_path=["ext/cython"],
    ),
    options={} if COVERAGE else {"bdist_wheel": {"py_limited_api": "cp311"}},
    cmdclass={"build_ext": BuildExt},
)
