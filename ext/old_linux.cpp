// What a current Linux compiler's headers call and older systems lack: defined here, hidden, so that a wheel built on
// any Linux keeps what manylinux_2_28 promises. Where the headers are older, nothing refers to these.
#include <new>

// glibc 2.32: where it is not zero, shared_ptr counts without atomics. Batches are freed on any thread.
extern "C" {
__attribute__((visibility("hidden"))) char __libc_single_threaded = 0;
}

namespace std {

// libstdc++ 11: what containers call for a size beyond all memory.
__attribute__((visibility("hidden"))) void __throw_bad_array_new_length();
void __throw_bad_array_new_length() { throw bad_array_new_length(); }

}  // namespace std
