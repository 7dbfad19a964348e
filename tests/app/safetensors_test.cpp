#include <gradc/app/errors.h>
#include <gradc/app/safetensors.h>
#include <gradc/app/safetensors_header.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstring>
#include <filesystem>
#include <limits>

#include "app/harness.h"

namespace gradc::app::testing {
namespace {

std::string size_bytes(std::uint64_t size) {
  std::string bytes;
  for (int i = 0; i < 8; ++i) bytes.push_back(static_cast<char>(size >> 8 * i));
  return bytes;
}

std::string file_of(const std::string& header, std::size_t data_bytes) {
  return size_bytes(header.size()) + header + std::string(data_bytes, 'x');
}

// What opening a file of these bytes says after the path, or "accepted".
std::string complaint(const std::string& bytes) {
  const TemporaryFolder folder;
  const std::string path = folder / "t.safetensors";
  write_file(path, bytes);
  try {
    const SafetensorsFile file(path);
    return "accepted";
  } catch (const DataError& error) {
    const std::string text = error.what();
    EXPECT_EQ(text.substr(0, path.size() + 2), path + ": ");
    return text.substr(path.size() + 2);
  }
}

TEST(Safetensors, ReadsWhatItWrites) {
  const TemporaryFolder folder;
  const std::string path = folder / "t.safetensors";
  const float values[6] = {1, 2, 3, 4, 5, 6};
  const double one = 0.5;
  const TensorToStore tensors[] = {
      {"a/weight",
       "F32",
       {2, 3},
       sizeof values,
       [&](std::byte* to) { std::memcpy(to, values, sizeof values); }},
      {"scalar", "F64", {}, sizeof one, [&](std::byte* to) { std::memcpy(to, &one, sizeof one); }},
      {"nothing", "I32", {0, 4}, 0, [](std::byte*) {}}};
  write_safetensors(path, {{"model", "x"}, {"vocabulary", ".aé\n"}}, tensors);

  const SafetensorsFile file(path);
  EXPECT_EQ(file.metadata(), (Metadata{{"model", "x"}, {"vocabulary", ".aé\n"}}));
  ASSERT_EQ(file.tensors().size(), 3u);
  const StoredTensor* weight = file.find("a/weight");
  ASSERT_NE(weight, nullptr);
  EXPECT_EQ(weight->dtype, "F32");
  EXPECT_EQ(weight->shape, (std::vector<std::int64_t>{2, 3}));
  float read[6];
  file.read(*weight, std::as_writable_bytes(std::span(read)));
  EXPECT_EQ(std::memcmp(read, values, sizeof values), 0);
  double scalar;
  file.read(*file.find("scalar"), std::as_writable_bytes(std::span(&scalar, 1)));
  EXPECT_EQ(scalar, one);
  EXPECT_EQ(file.find("other"), nullptr);
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder.path()), {}), 1);
}

TEST(Safetensors, DataIsAligned) {
  const TemporaryFolder folder;
  const std::string path = folder / "t.safetensors";
  for (const char* name : {"a", "ab", "abc", "abcd"}) {
    const TensorToStore tensor{name, "F32", {}, 4, [](std::byte* to) { std::memset(to, 0, 4); }};
    write_safetensors(path, {}, {&tensor, 1});
    EXPECT_EQ((std::filesystem::file_size(path) - 4) % 8, 0u);
    EXPECT_EQ(SafetensorsFile(path).tensors().size(), 1u);
  }
}

TEST(Safetensors, AcceptsTensorsInAnyOrder) {
  EXPECT_EQ(complaint(file_of(R"({"b":{"dtype":"F32","shape":[1],"data_offsets":[4,8]},)"
                              R"("a":{"data_offsets":[0,4],"shape":[1],"dtype":"I32"}}   )",
                              8)),
            "accepted");
  EXPECT_EQ(complaint(file_of("{}", 0)), "accepted");
}

TEST(Safetensors, RefusesWhatIsNoFile) {
  const TemporaryFolder folder;
  const auto says = [](const std::string& path) -> std::string {
    try {
      const SafetensorsFile file(path);
      return "accepted";
    } catch (const DataError& error) {
      return error.what();
    }
  };
  EXPECT_EQ(says(folder / "no"), folder / "no" + ": cannot be read: No such file or directory");
  EXPECT_EQ(says(folder.path()), folder.path() + ": not a regular file");
  EXPECT_EQ(says("/dev/zero"), "/dev/zero: not a regular file");
}

TEST(Safetensors, RefusesCutAndOversizedFiles) {
  const std::string header = R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}})";
  const std::string whole = file_of(header, 8);
  EXPECT_EQ(complaint(whole), "accepted");
  EXPECT_EQ(complaint(""), "cut short: 0 bytes hold no header");
  EXPECT_EQ(complaint(whole.substr(0, 7)), "cut short: 7 bytes hold no header");
  EXPECT_EQ(complaint(whole.substr(0, 20)), "cut short: a header of 54 bytes in a file of 20");
  EXPECT_EQ(complaint(whole.substr(0, whole.size() - 1)),
            "cut short: the tensors take 8 bytes, the file has 7 for them");
  EXPECT_EQ(complaint(whole + "y"), "1 bytes at the end belong to no tensor");
  EXPECT_EQ(complaint(size_bytes(100 << 20)),
            "a header of 104857600 bytes; at most 16777216 are read");
  EXPECT_EQ(complaint(size_bytes(std::numeric_limits<std::uint64_t>::max()) + "{}"),
            "a header of 18446744073709551615 bytes; at most 16777216 are read");
}

// A real header of 100 MB, in a file without holes in its logic: refused before it is read.
TEST(Safetensors, RefusesAHugeHeaderUnread) {
  const TemporaryFolder folder;
  const std::string path = folder / "t.safetensors";
  write_file(path, size_bytes(100'000'000) + "{}");
  std::filesystem::resize_file(path, 8 + 100'000'000);  // sparse
  EXPECT_THROW(
      try { const SafetensorsFile file(path); } catch (const DataError& error) {
        EXPECT_EQ(error.what(), path + ": a header of 100000000 bytes; at most 16777216 are read");
        throw;
      },
      DataError);
}

struct BadHeader {
  const char* header;
  const char* message;
};

constexpr BadHeader kBadHeaders[] = {
    {"", "the header does not start with '{'"},
    {" {}", "the header does not start with '{'"},
    {"[]", "the header does not start with '{'"},
    {"{", "the header is not JSON at byte 2"},
    {"{} {}", "the header is not JSON at byte 4"},
    {"{\"a\":\xFF}", "the header is not JSON at byte 6"},
    {"{\"\xC3\":{}}", "the header is not JSON at byte 4"},
    {R"({"a":NaN})", "the header is not JSON at byte 6"},
    {R"({"a":1})", "the header has a number where \"a\" does not allow one"},
    {R"({"a":null})", "the header has null where \"a\" does not allow one"},
    {R"({"a":[1]})", "the header has a list where \"a\" does not allow one"},
    {R"({"a":{"dtype":4}})", "the header has a number where \"dtype\" of \"a\" does not allow one"},
    {R"({"a":{"dtype":{}}})", "the header is nested deeper than the format"},
    {R"({"a":{"shape":[[1]]}})", "the header is nested deeper than the format"},
    {R"({"a":{"shape":[{}]}})", "the header is nested deeper than the format"},
    {R"({"a":{"shape":["1"]}})",
     "the header has a string where \"shape\" of \"a\" does not allow one"},
    {R"({"a":{"shape":[-1]}})", "shape in \"a\" is negative: -1"},
    {R"({"a":{"shape":[1.5]}})", "shape in \"a\" is no 64-bit integer: 1.5"},
    {R"({"a":{"shape":[9223372036854775808]}})",
     "shape in \"a\" is too large: 9223372036854775808"},
    {R"({"a":{"shape":[99999999999999999999]}})",
     "shape in \"a\" is no 64-bit integer: 99999999999999999999"},
    {R"({"a":{"shape":[1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1]}})",
     "\"a\" has a shape of more than 32 numbers"},
    {R"({"a":{"dtype":"F32","shape":[4]}})", "\"a\" has no \"data_offsets\""},
    {R"({"a":{"dtype":"F32","data_offsets":[0,16]}})", "\"a\" has no \"shape\""},
    {R"({"a":{"shape":[4],"data_offsets":[0,16]}})", "\"a\" has no \"dtype\""},
    {R"({"a":{"dtype":"F32","shape":[4],"data_offsets":[0,16],"x":"y"}})",
     "\"a\" has an unknown \"x\""},
    {R"({"a":{"dtype":"F33","shape":[4],"data_offsets":[0,16]}})",
     "\"a\" has the unknown dtype \"F33\""},
    {R"({"a":{"dtype":"F32","shape":[4],"data_offsets":[0]}})",
     "\"a\" has 1 data_offsets instead of 2"},
    {R"({"a":{"dtype":"F32","shape":[4],"data_offsets":[0,16,32]}})",
     "\"a\" has 3 data_offsets instead of 2"},
    {R"({"a":{"dtype":"F32","shape":[4],"data_offsets":[16,0]}})",
     "\"a\" [4] of F32 takes 16 bytes, but its data_offsets are 16 and 0"},
    {R"({"a":{"dtype":"F32","shape":[3],"data_offsets":[0,16]}})",
     "\"a\" [3] of F32 takes 12 bytes, but its data_offsets are 0 and 16"},
    {R"({"a":{"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,16]}})",
     "the size of \"a\" [4294967296, 4294967296] overflows"},
    {R"({"a":{"dtype":"F32","shape":[4611686018427387904],"data_offsets":[0,0]}})",
     "the size of \"a\" [4611686018427387904] overflows"},
    {R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},)"
     R"("b":{"dtype":"F32","shape":[1],"data_offsets":[12,16]}})",
     "bytes 8 to 12, before \"b\", belong to no tensor"},
    {R"({"a":{"dtype":"F32","shape":[3],"data_offsets":[0,12]},)"
     R"("b":{"dtype":"F32","shape":[2],"data_offsets":[8,16]}})",
     "\"a\" and \"b\" overlap"},
    {R"({"a":{"dtype":"F32","shape":[8],"data_offsets":[0,32]}})",
     "cut short: the tensors take 32 bytes, the file has 16 for them"},
    {R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}})",
     "8 bytes at the end belong to no tensor"},
    {R"({"a":{"dtype":"F32","shape":[4],"data_offsets":[0,16]},"a":{}})",
     "the header has \"a\" twice"},
    {R"({"a":{"dtype":"F32","dtype":"F32"}})", "the header has \"dtype\" twice in \"a\""},
    {R"({"__metadata__":{"k":"v","k":"w"}})", "the header has \"k\" twice in \"__metadata__\""},
    {R"({"__metadata__":{},"__metadata__":{}})", "the header has \"__metadata__\" twice"},
    {R"({"__metadata__":{"k":1}})",
     "the header has a number where \"k\" of \"__metadata__\" does not allow one"},
    {R"({"__metadata__":{"k":{"l":"m"}}})", "the header is nested deeper than the format"},
    {R"({"__metadata__":"k"})",
     "the header has a string where \"__metadata__\" does not allow one"},
};

TEST(Safetensors, RefusesBadHeaders) {
  for (const BadHeader& bad : kBadHeaders) {
    EXPECT_EQ(complaint(file_of(bad.header, 16)), bad.message) << bad.header;
  }
}

TEST(Safetensors, RefusesNestingWithoutRecursion) {
  std::string deep = R"({"a":)";
  for (int i = 0; i < 1'000'000; ++i) deep += '[';
  EXPECT_EQ(complaint(file_of(deep, 0)), "the header has a list where \"a\" does not allow one");
}

TEST(Safetensors, ShortensNamesInMessages) {
  const std::string name(500, 'n');
  EXPECT_EQ(complaint(file_of("{\"" + name + "\":1}", 0)),
            "the header has a number where \"" + name.substr(0, 61) + "...\" does not allow one");
  EXPECT_EQ(complaint(file_of("{\"" + std::string(2000, 'n') + "\":1}", 0)),
            "a name in the header is too long");
  EXPECT_EQ(complaint(file_of(R"({"a\u001b[31m":1})", 0)),
            "the header has a number where \"a?[31m\" does not allow one");
}

TEST(Safetensors, FailedWriteLeavesTheOldFile) {
  if (::access("/dev/full", W_OK) != 0) GTEST_SKIP() << "no /dev/full";
  const TemporaryFolder folder;
  const std::string path = folder / "t.safetensors";
  write_file(path, "old");
  // What is written goes to the full device.
  std::filesystem::create_symlink("/dev/full", folder / ".t.safetensors.new");
  EXPECT_THROW(
      try { write_safetensors(path, {}, {}); } catch (const DataError& error) {
        EXPECT_EQ(error.what(), path + ": cannot be written: Too many levels of symbolic links");
        throw;
      },
      DataError);
  EXPECT_EQ(read_file(path), "old");
}

}  // namespace
}  // namespace gradc::app::testing
