// SPDX-License-Identifier: Apache-2.0
#include "simulator/heap.hpp"

#include <cstdlib>  // defines __GLIBC__
#ifdef __GLIBC__
#include <malloc.h>
#endif

namespace ballast {

void keep_freed_memory() {
#ifdef __GLIBC__
    mallopt(M_MMAP_MAX, 0);                // no block apart from the heap
    mallopt(M_TRIM_THRESHOLD, -1);         // the heap never shrinks
    mallopt(M_TOP_PAD, 64 * 1024 * 1024);  // and grows in large steps
#endif
}

}  // namespace ballast
