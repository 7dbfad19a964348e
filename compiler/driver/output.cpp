#include "driver/output.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>

#include "emit/source.h"

namespace gradc::driver {
namespace {

namespace fs = std::filesystem;

std::string failed(const char* what, const fs::path& path, int error) {
  return std::string("cannot ") + what + " " + path.string() + ": " + std::strerror(error);
}

// The error, or 0.
int write_file(const fs::path& path, const std::string& text) {
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  if (file < 0) return errno;
  int error = 0;
  for (std::size_t at = 0; at < text.size() && error == 0;) {
    const ssize_t written = ::write(file, text.data() + at, text.size() - at);
    if (written >= 0)
      at += static_cast<std::size_t>(written);
    else if (errno != EINTR)
      error = errno;
  }
  // Some file systems report a full disk here.
  if (::close(file) != 0 && error == 0) error = errno;
  return error;
}

bool is_folder(const fs::path& path) {
  std::error_code ignored;  // where nobody may look, writing fails and says so
  return fs::is_directory(path, ignored);
}

bool begins_with(const fs::path& path, const std::string& text) {
  std::string found(text.size(), '\0');
  std::ifstream(path, std::ios::binary)
      .read(found.data(), static_cast<std::streamsize>(found.size()));
  return found == text;
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
    if (is_folder(file.path)) return failed("write", file.path, EISDIR);
    written.push_back(temporaries.make(file.path));
    if (const int problem = write_file(written.back(), file.text); problem != 0)
      return failed("write", file.path, problem);
  }
  for (std::size_t i = 0; i < files.size(); ++i) {
    std::error_code error;
    fs::rename(written[i], files[i].path, error);
    if (error) return failed("write", files[i].path, error.value());
  }
  return "";
}

std::string remove_old_kernels(const std::vector<File>& files, const Settings& settings,
                               const fs::path& folder) {
  const emit::Options options{.stem = settings.stem, .model_file = settings.model_file};
  const auto is_new = [&](const std::string& name) {
    return std::ranges::any_of(files,
                               [&](const File& file) { return file.path.filename() == name; });
  };
  std::vector<fs::path> old;
  std::error_code error;  // who may not read the folder cannot take all sources of it either
  for (fs::directory_iterator entry(folder.empty() ? "." : folder, error), end;
       entry != end && !error; entry.increment(error)) {
    const std::string name = entry->path().filename().string();
    std::error_code ignored;
    if (name.starts_with(settings.stem + ".") && name.ends_with(".gen.cpp") && !is_new(name) &&
        fs::is_regular_file(entry->symlink_status(ignored)) &&
        begins_with(entry->path(), emit::banner(options, name)))
      old.push_back(entry->path());
  }
  std::ranges::sort(old);
  for (const fs::path& path : old)
    if (fs::remove(path, error); error) return failed("remove", path, error.value());
  return "";
}

std::string why_not_writable(const fs::path& path) {
  if (!path.has_filename() || is_folder(path)) return failed("write", path, EISDIR);
  const fs::path folder = path.parent_path();
  const auto is_missing = [](const fs::path& each) {
    std::error_code ignored;
    return fs::symlink_status(each, ignored).type() == fs::file_type::not_found;
  };
  fs::path nearest = folder;  // that is there
  while (!nearest.empty() && is_missing(nearest)) nearest = nearest.parent_path();
  // Only the attempt knows of all that forbids it: rights, systems that are read-only, long names.
  Temporaries temporaries;
  const int error = write_file(temporaries.make(nearest / path.filename()), "");
  if (error == 0) return "";
  return folder.empty() || is_folder(folder) ? failed("write", path, error)
                                             : failed("make the folder", folder, error);
}

}  // namespace gradc::driver
