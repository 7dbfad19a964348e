#include <gradc/app/mapped_file.h>
#include <sys/mman.h>

#include <cerrno>
#include <system_error>

namespace gradc::app {

MappedFile::MappedFile(int file, std::size_t size) {
  if (size == 0) return;  // nothing can be mapped, and nothing need be
  void* at = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, file, 0);
  if (at == MAP_FAILED) throw std::system_error(errno, std::generic_category());
  bytes_ = {static_cast<std::byte*>(at), size};
}

MappedFile::~MappedFile() {
  if (!bytes_.empty()) ::munmap(bytes_.data(), bytes_.size());
}

}  // namespace gradc::app
