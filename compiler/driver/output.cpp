#include "driver/output.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace gradc::driver {
namespace {

namespace fs = std::filesystem;

std::string failed(const char* what, const fs::path& path, int error) {
  return std::string("cannot ") + what + " " + path.string() + ": " + std::strerror(error);
}

std::string write_file(const fs::path& path, const std::string& text) {
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  if (file < 0) return failed("write", path, errno);
  std::string problem;
  for (std::size_t at = 0; at < text.size() && problem.empty();) {
    const ssize_t written = ::write(file, text.data() + at, text.size() - at);
    if (written >= 0)
      at += static_cast<std::size_t>(written);
    else if (errno != EINTR)
      problem = failed("write", path, errno);
  }
  // Some file systems report a full disk here.
  if (::close(file) != 0 && problem.empty()) problem = failed("write", path, errno);
  return problem;
}

// Removes what has not been renamed.
class Temporaries {
 public:
  ~Temporaries() {
    std::error_code ignored;
    for (const fs::path& path : paths_) fs::remove(path, ignored);
  }
  fs::path make(const fs::path& target) {
    paths_.push_back(target.parent_path() / ("." + target.filename().string() + "." +
                                             std::to_string(::getpid()) + ".tmp"));
    return paths_.back();
  }

 private:
  std::vector<fs::path> paths_;
};

}  // namespace

std::vector<File> files_of(const Generated& generated, const Settings& settings,
                           const fs::path& folder) {
  const std::string stem = (folder / settings.stem).string();
  std::vector<File> files = {{stem + ".gen.h", generated.header},
                             {stem + ".gen.cpp", generated.source},
                             {stem + ".main.cpp", generated.main}};
  for (const emit::KernelsFile& file : generated.kernels)
    files.push_back({stem + suffix_of(file), file.text});
  return files;
}

std::string write_files(const std::vector<File>& files) {
  Temporaries temporaries;
  std::vector<fs::path> written;
  for (const File& file : files) {
    const fs::path folder = file.path.parent_path();
    std::error_code error;
    if (!folder.empty()) fs::create_directories(folder, error);
    if (error) return failed("make the folder", folder, error.value());
    if (fs::is_directory(file.path)) return failed("write", file.path, EISDIR);
    written.push_back(temporaries.make(file.path));
    if (std::string problem = write_file(written.back(), file.text); !problem.empty()) {
      // The user knows the file by its own name.
      const std::string temporary = written.back().string();
      if (const auto at = problem.find(temporary); at != std::string::npos)
        problem.replace(at, temporary.size(), file.path.string());
      return problem;
    }
  }
  for (std::size_t i = 0; i < files.size(); ++i) {
    std::error_code error;
    fs::rename(written[i], files[i].path, error);
    if (error) return failed("write", files[i].path, error.value());
  }
  return "";
}

}  // namespace gradc::driver
