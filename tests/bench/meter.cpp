#include "tests/bench/meter.h"

#include <cstdlib>
#include <new>

#include <valgrind/callgrind.h>

namespace {

std::size_t allocated = 0;  ///< since the program began

}  // namespace

// Those with alignment, without exceptions and for arrays end here as well, or are not used.
void* operator new(std::size_t size) {
  ++allocated;
  if (void* const memory = std::malloc(size == 0 ? 1 : size)) {
    return memory;
  }
  throw std::bad_alloc();
}

void operator delete(void* memory) noexcept {
  std::free(memory);
}

void operator delete(void* memory, std::size_t /*size*/) noexcept {
  std::free(memory);
}

namespace haguard::bench {

void Meter::begin() {
  if (!counting_) {
    return;
  }
  before_ = allocated;
  CALLGRIND_TOGGLE_COLLECT;
}

void Meter::end() {
  if (!counting_) {
    return;
  }
  CALLGRIND_TOGGLE_COLLECT;
  allocations_ += allocated - before_;
}

}  // namespace haguard::bench
