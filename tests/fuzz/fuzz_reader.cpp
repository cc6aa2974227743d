// The fuzz target: the bytes pick a log type, options and cuts (case.py), and are the log. What must hold of
// them stands in fuzz_native.pyx; a finding is a sanitizer's report or an exception there.
#include <Python.h>

#include <cstdint>
#include <cstdlib>

extern "C" {

PyObject* PyInit_fuzz_native();
int fuzz_one(const char* data, size_t size);

// The interpreter keeps what it has; a large quarantine costs page faults.
const char* __asan_default_options() { return "detect_leaks=0:quarantine_size_mb=16"; }
const char* __ubsan_default_options() { return "print_stacktrace=1"; }

int LLVMFuzzerInitialize(int*, char***) {
  setenv("PYTHONHOME", PYTHON_HOME, 0);
  setenv("PYTHONMALLOC", "malloc", 0);  // so that a read beyond a chunk is seen
  setenv("ARROWTRAIL_FUZZ_SOURCE", FUZZ_SOURCE, 0);
  setenv("ARROWTRAIL_FUZZ_PLANS", FUZZ_PLANS, 0);
  PyImport_AppendInittab("fuzz_native", PyInit_fuzz_native);
  Py_InitializeEx(0);
  if (PyImport_ImportModule("fuzz_native") == nullptr) {
    PyErr_Print();
    std::abort();
  }
  return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (fuzz_one(reinterpret_cast<const char*>(data), size) < 0) {
    PyErr_Print();
    std::abort();
  }
  return 0;
}

}  // extern "C"
