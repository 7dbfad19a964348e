// The gradc command as a user meets it: exit statuses, what is written, and what is not.

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <array>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include "ir/parse.h"

namespace gradc::test {
namespace {

namespace fs = std::filesystem;

constexpr const char* kGood = R"(#include <gradc/dsl.h>
using namespace gradc;
struct Good {
  Dim width = GRADC_OPTION(WIDTH, 4);
  constexpr void declare(Graph& g) const { g.output("y", tanh(g.input("x", {8, width}))); }
};
GRADC_MODEL(good, Good{});
)";

constexpr const char* kBad = R"(#include <gradc/dsl.h>
using namespace gradc;
struct Bad {
  constexpr void declare(Graph& g) const { g.output("y", reshape(g.input("x", {8, 4}), {33})); }
};
GRADC_MODEL(bad, Bad{});
)";

struct Result {
  int status = -1;
  std::string text;  // standard output and error
};

// Runs a line of shell in the test's folder.
Result run(const std::string& line) {
  Result result;
  FILE* pipe = ::popen((line + " 2>&1").c_str(), "r");
  std::array<char, 4096> buffer;
  for (std::size_t count; (count = std::fread(buffer.data(), 1, buffer.size(), pipe)) > 0;)
    result.text.append(buffer.data(), count);
  const int status = ::pclose(pipe);
  result.status = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  return result;
}

const std::string kGradc = GRADC_TEST_GRADC;

std::string content(const fs::path& path) {
  std::stringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

class Command : public testing::Test {
 protected:
  void SetUp() override {
    const auto* info = testing::UnitTest::GetInstance()->current_test_info();
    folder_ = fs::temp_directory_path() /
              ("gradc-command-test-" + std::to_string(::getpid()) + info->name());
    fs::remove_all(folder_);
    fs::create_directories(folder_);
    before_ = fs::current_path();
    fs::current_path(folder_);
    write("good.cpp", kGood);
    write("bad.cpp", kBad);
  }
  void TearDown() override {
    fs::current_path(before_);
    fs::remove_all(folder_);
  }
  static void write(const fs::path& path, const std::string& text) { std::ofstream(path) << text; }
  static std::vector<std::string> files(const fs::path& folder) {
    std::vector<std::string> names;
    for (const fs::directory_entry& entry : fs::directory_iterator(folder))
      names.push_back(entry.path().filename().string());
    std::sort(names.begin(), names.end());
    return names;
  }
  fs::path folder_, before_;
};

using Names = std::vector<std::string>;

TEST_F(Command, PrintsTheDeclaredGraph) {
  const Result result = run(kGradc + " good.cpp --emit=model");
  EXPECT_EQ(result.status, 0) << result.text;
  EXPECT_EQ(ir::parse_one(result.text).name, "good");
  EXPECT_EQ(files("."), (Names{"bad.cpp", "good.cpp"}));
}

TEST_F(Command, OptionsChangeConstants) {
  const Result result = run(kGradc + " good.cpp -DWIDTH=7 --emit=model");
  EXPECT_EQ(result.status, 0) << result.text;
  EXPECT_EQ(ir::parse_one(result.text).leaves[0].name, "x");
  EXPECT_EQ(ir::parse_one(result.text).nodes[0].type.shape[1].size, 7);
}

TEST_F(Command, WritesThreeFilesAndWhatWasRead) {
  const Result result = run(kGradc + " good.cpp -o out/deep --depfile out/good.d");
  EXPECT_EQ(result.status, 0);
  EXPECT_EQ(result.text, "");
  EXPECT_EQ(files("out/deep"), (Names{"good.gen.cpp", "good.gen.h", "good.main.cpp"}));
  const std::string rule = content("out/good.d");
  EXPECT_EQ(rule.substr(0, rule.find('\\')), "out/deep/good.gen.h: ");
  EXPECT_NE(rule.find("good.cpp"), std::string::npos);
  EXPECT_NE(rule.find("gradc/dsl.h"), std::string::npos);
}

TEST_F(Command, WritesAFileForEachOfSeveralTargets) {
  ASSERT_EQ(run(kGradc + " good.cpp -o one --target=x86-64-v3").status, 0);
  EXPECT_EQ(files("one"), (Names{"good.gen.cpp", "good.gen.h", "good.main.cpp"}));
  const Result result = run(kGradc + " good.cpp -o a --target=generic,x86-64-v3,x86-64-v4");
  EXPECT_EQ(result.status, 0);
  EXPECT_EQ(result.text, "");
  EXPECT_EQ(files("a"),
            (Names{"good.gen.cpp", "good.gen.h", "good.generic.gen.cpp", "good.main.cpp",
                   "good.x86-64-v3.gen.cpp", "good.x86-64-v4.gen.cpp"}));
  // In whatever order they are named, the best is the first that the program asks for.
  ASSERT_EQ(
      run(kGradc + " good.cpp -o b --target x86-64-v4 --target=generic --target x86-64-v3").status,
      0);
  EXPECT_EQ(run("diff -r a b").text, "");
  const std::string source = content("a/good.gen.cpp");
  EXPECT_LT(source.find("{\"x86-64-v4\""), source.find("{\"x86-64-v3\""));
  EXPECT_LT(source.find("{\"x86-64-v3\""), source.find("{\"generic\""));
  EXPECT_EQ(
      run(kGradc + " good.cpp --emit=cpp --target=x86-64-v3,generic | grep -c 'by gradc'").text,
      "3\n");
}

TEST_F(Command, WritesKernelsInParts) {
  ASSERT_EQ(run(kGradc + " good.cpp -o one --parts=1").status, 0);
  EXPECT_EQ(files("one"), (Names{"good.gen.cpp", "good.gen.h", "good.main.cpp"}));
  const Result result = run(kGradc + " good.cpp -o a --parts=2");
  EXPECT_EQ(result.status, 0);
  EXPECT_EQ(result.text, "");
  EXPECT_EQ(files("a"), (Names{"good.gen.cpp", "good.gen.h", "good.kernels1.gen.cpp",
                               "good.kernels2.gen.cpp", "good.main.cpp"}));
  ASSERT_EQ(run(kGradc + " good.cpp -o b --parts 2").status, 0);
  EXPECT_EQ(run("diff -r a b").text, "");
  ASSERT_EQ(run(kGradc + " good.cpp -o c --parts=2 --target=x86-64-v3,generic").status, 0);
  EXPECT_EQ(files("c"),
            (Names{"good.gen.cpp", "good.gen.h", "good.generic.kernels1.gen.cpp",
                   "good.generic.kernels2.gen.cpp", "good.main.cpp",
                   "good.x86-64-v3.kernels1.gen.cpp", "good.x86-64-v3.kernels2.gen.cpp"}));
}

TEST_F(Command, RemovesKernelsThatAnEarlierRunWrote) {
  const auto run_with = [](const std::string& words) {
    const Result result = run(kGradc + " " + words);
    EXPECT_EQ(result.status, 0);
    EXPECT_EQ(result.text, "");
  };
  run_with("good.cpp -o out --parts=4");
  EXPECT_EQ(files("out").size(), 7u);
  run_with("good.cpp -o out --parts=2");
  EXPECT_EQ(files("out"), (Names{"good.gen.cpp", "good.gen.h", "good.kernels1.gen.cpp",
                                 "good.kernels2.gen.cpp", "good.main.cpp"}));
  run_with("good.cpp -o out --target=x86-64-v3,generic");
  EXPECT_EQ(files("out"), (Names{"good.gen.cpp", "good.gen.h", "good.generic.gen.cpp",
                                 "good.main.cpp", "good.x86-64-v3.gen.cpp"}));
  run_with("good.cpp -o out");
  EXPECT_EQ(files("out"), (Names{"good.gen.cpp", "good.gen.h", "good.main.cpp"}));
  // A folder without a name is the one where it is started.
  run_with("good.cpp -o '' --parts=2");
  run_with("good.cpp -o ''");
  EXPECT_FALSE(fs::exists("good.kernels1.gen.cpp"));
}

TEST_F(Command, RemovesNoFileOfSomebodyElse) {
  ASSERT_EQ(run(kGradc + " good.cpp -o out --parts=3").status, 0);
  fs::copy("good.cpp", "good.better.cpp");
  ASSERT_EQ(run(kGradc + " good.better.cpp -o out --parts=2").status, 0);
  fs::rename("out/good.kernels3.gen.cpp", "out/good.kept.gen.cpp");
  fs::create_directories("out/good.kernels4.gen.cpp");
  write("out/good.kernels5.gen.cpp", "// good.kernels5.gen.cpp: written by me\n");
  write("out/good.kernels6.gen.cpp", "");
  fs::copy("good.cpp", "good.cxx");
  ASSERT_EQ(run(kGradc + " good.cxx -o other --parts=7").status, 0);
  fs::rename("other/good.kernels7.gen.cpp", "out/good.kernels7.gen.cpp");
  ASSERT_EQ(run(kGradc + " good.cpp -o other --parts=8").status, 0);
  fs::create_symlink("../other/good.kernels8.gen.cpp", "out/good.kernels8.gen.cpp");
  Names expected = files("out");
  const auto is_old = [](const std::string& name) {
    return name == "good.kernels1.gen.cpp" || name == "good.kernels2.gen.cpp";
  };
  ASSERT_EQ(std::erase_if(expected, is_old), 2u);
  ASSERT_EQ(run(kGradc + " good.cpp -o out").status, 0);
  EXPECT_EQ(files("out"), expected);
}

TEST_F(Command, AFolderInTheWayOfOneTargetsFile) {
  fs::create_directories("out/good.x86-64-v4.gen.cpp");
  const Result result = run(kGradc + " good.cpp -o out --target=x86-64-v3,x86-64-v4");
  EXPECT_EQ(result.status, 1);
  EXPECT_EQ(result.text, "gradc: error: cannot write out/good.x86-64-v4.gen.cpp: Is a directory\n");
  EXPECT_EQ(files("out"), (Names{"good.x86-64-v4.gen.cpp"}));
}

TEST_F(Command, WritesTheSameBytesAgain) {
  ASSERT_EQ(run(kGradc + " good.cpp -o a && " + kGradc + " good.cpp -o b").status, 0);
  EXPECT_EQ(run("diff -r a b").text, "");
}

TEST_F(Command, AWrongModelWritesNothing) {
  const Result result = run(kGradc + " bad.cpp -o out");
  EXPECT_EQ(result.status, 1);
  EXPECT_EQ(
      result.text,
      R"(bad.cpp:4:66: error: reshape keeps the number of elements: [8, 4] has 32 and [33] has 33
    4 |   constexpr void declare(Graph& g) const { g.output("y", reshape(g.input("x", {8, 4}), {33})); }
      |                                                                  ^
bad.cpp:4:66: note: operand is [8, 4]
    4 |   constexpr void declare(Graph& g) const { g.output("y", reshape(g.input("x", {8, 4}), {33})); }
      |                                                                  ^
)");
  EXPECT_FALSE(fs::exists("out"));
}

TEST_F(Command, AWrongModelLeavesOldFilesAlone) {
  ASSERT_EQ(run(kGradc + " good.cpp -o out --parts=2").status, 0);
  fs::rename("bad.cpp", "good.cpp");
  const std::string before = content("out/good.gen.h");
  EXPECT_EQ(run(kGradc + " good.cpp -o out").status, 1);
  EXPECT_EQ(content("out/good.gen.h"), before);
  EXPECT_EQ(files("out").size(), 5u);
}

TEST_F(Command, AModelLargerThanTheMemoryItMayTake) {
  const Result result = run(kGradc + " good.cpp -o out --max-memory 1K");
  EXPECT_EQ(result.status, 1);
  EXPECT_EQ(
      result.text,
      R"(good.cpp: error: model "good" takes 1,088 bytes to train and run, more than the 1,024 that --max-memory allows
good.cpp:5:58: note: at the peak this line holds 512 bytes of outputs
    5 |   constexpr void declare(Graph& g) const { g.output("y", tanh(g.input("x", {8, width}))); }
      |                                                          ^
good.cpp:5:63: note: at the peak this line holds 512 bytes of inputs
    5 |   constexpr void declare(Graph& g) const { g.output("y", tanh(g.input("x", {8, width}))); }
      |                                                               ^
)");
  EXPECT_FALSE(fs::exists("out"));
  EXPECT_EQ(run(kGradc + " good.cpp --emit=cpp --max-memory 1087").status, 1);
  EXPECT_EQ(run(kGradc + " good.cpp -o out --max-memory 1088").status, 0);
}

TEST_F(Command, MemoryThatIsNoNumberOfBytes) {
  for (const char* bytes : {"0", "-1", "1T", "K", "1.5G", "9223372036854775807K"}) {
    const Result result = run(kGradc + " good.cpp -o out --max-memory " + bytes);
    EXPECT_EQ(result.status, 2) << bytes;
    EXPECT_EQ(result.text,
              std::string("gradc: error: --max-memory: expected bytes as in 64000000, 64M or 2G, "
                          "found \"") +
                  bytes + "\"; see gradc --help\n");
  }
}

TEST_F(Command, ATuningIsReadAndAmongWhatWasRead) {
  write("tiles.json",
        R"({"tiles": {"avx512 contract f32 [7 x 7] over 7": {"rows": 1, "vectors": 1}}})");
  Result result = run(kGradc + " good.cpp -o out --tuning tiles.json --depfile good.d");
  EXPECT_EQ(result.status, 0) << result.text;
  EXPECT_NE(content("good.d").find((fs::canonical(folder_) / "tiles.json").string()),
            std::string::npos);
  EXPECT_EQ(run(kGradc + " good.cpp -o plain && diff -r out plain").text, "");
}

TEST_F(Command, ATuningThatIsNone) {
  write("tiles.json", "{\"tiles\": {\n  \"a\": {\"rows\": 0, \"vectors\": 1}\n}}\n");
  const Result result = run(kGradc + " good.cpp -o out --tuning tiles.json");
  EXPECT_EQ(result.status, 1);
  EXPECT_EQ(
      result.text,
      R"(tiles.json:2:3: error: expected {"rows": R, "vectors": V}, both from 1 to 64, found {"rows":0,"vectors":1}
    2 |   "a": {"rows": 0, "vectors": 1}
      |   ^
)");
  EXPECT_FALSE(fs::exists("out"));
  EXPECT_EQ(run(kGradc + " run good.cpp --tuning none.json -- info").text,
            "none.json: error: cannot be read: No such file or directory\n");
}

TEST_F(Command, AFileInTheWayOfTheFolder) {
  write("out", "mine");
  const Result result = run(kGradc + " good.cpp -o out");
  EXPECT_EQ(result.status, 1);
  EXPECT_EQ(result.text, "gradc: error: cannot make the folder out: Not a directory\n");
  EXPECT_EQ(content("out"), "mine");
}

TEST_F(Command, AFolderInTheWayOfAFile) {
  fs::create_directories("out/good.main.cpp");
  write("out/good.gen.h", "old");
  const Result result = run(kGradc + " good.cpp -o out");
  EXPECT_EQ(result.status, 1);
  EXPECT_EQ(result.text, "gradc: error: cannot write out/good.main.cpp: Is a directory\n");
  EXPECT_EQ(content("out/good.gen.h"), "old");
  EXPECT_EQ(files("out"), (Names{"good.gen.h", "good.main.cpp"}));
}

TEST_F(Command, AFullDisk) {
  fs::create_directories("out");
  write("out/good.gen.cpp", "old");
  // A file may not grow beyond 1 KiB here.
  const Result result = run("ulimit -f 1; trap '' XFSZ; " + kGradc + " good.cpp -o out");
  EXPECT_EQ(result.status, 1);
  EXPECT_EQ(content("out/good.gen.cpp"), "old");
  EXPECT_EQ(files("out"), (Names{"good.gen.cpp"}));
  EXPECT_EQ(run(kGradc + " good.cpp --emit=model >/dev/full").status, 1);
}

TEST_F(Command, NoSuchFile) {
  const Result result = run(kGradc + " missing.cpp -o out");
  EXPECT_EQ(result.status, 1);
  EXPECT_EQ(result.text, "missing.cpp: error: no such file\n");
  EXPECT_FALSE(fs::exists("out"));
}

TEST_F(Command, AnEmptyFile) {
  write("empty.cpp", "");
  const Result result = run(kGradc + " empty.cpp -o out");
  EXPECT_EQ(result.status, 1);
  EXPECT_EQ(result.text, "empty.cpp: error: no model; GRADC_MODEL(name, value) declares one\n");
  EXPECT_FALSE(fs::exists("out"));
}

TEST_F(Command, AFolderIsNoModel) {
  fs::create_directories("models.cpp");
  const Result result = run(kGradc + " models.cpp");
  EXPECT_EQ(result.status, 1);
  EXPECT_EQ(result.text, "models.cpp: error: a folder, expected a model file\n");
}

TEST_F(Command, NoModelOfThatName) {
  const Result result = run(kGradc + " good.cpp --model better --emit=model");
  EXPECT_EQ(result.status, 1);
  EXPECT_EQ(result.text, "good.cpp: error: no model is called \"better\"; there is good\n");
  EXPECT_EQ(run(kGradc + " good.cpp --model good --emit=model").status, 0);
}

TEST_F(Command, PrecisionIsForModelsOfF32) {
  write("wide.cpp",
        "#include <gradc/dsl.h>\n"
        "struct Wide {\n"
        "  constexpr void declare(gradc::Graph& g) const {\n"
        "    g.use_f64();\n"
        "    g.output(\"y\", gradc::exp(g.input(\"x\", {2})));\n"
        "  }\n"
        "};\n"
        "GRADC_MODEL(wide, Wide{});\n");
  const Result result = run(kGradc + " wide.cpp -o out --precision=bf16");
  EXPECT_EQ(result.status, 1);
  EXPECT_EQ(result.text, "wide.cpp: error: --precision is for models of f32; wide is of f64\n");
  EXPECT_FALSE(fs::exists("out"));
  EXPECT_EQ(run(kGradc + " wide.cpp -o out --precision=full").status, 0);
}

TEST_F(Command, WrongUsage) {
  const auto expect = [](const std::string& arguments, const std::string& message) {
    const Result result = run(kGradc + " " + arguments);
    EXPECT_EQ(result.status, 2) << arguments;
    EXPECT_EQ(result.text, "gradc: error: " + message + "; see gradc --help\n");
  };
  expect("", "MODEL.cpp is required");
  expect("good.cpp -D2=3", "-D: expected NAME=VALUE, found \"2=3\"");
  expect("good.cpp --emit=everything",
         "--emit: expected one of model, graph, gradient, tangent, simplified, decoder, kernels, "
         "memory, cpp, dot, found \"everything\"");
  const std::string targets =
      "--target: expected one of native, x86-64-v3, x86-64-v4, generic, found ";
  for (const char* parts : {"0", "-1", "65", "2.5", "two", "1,2"})
    expect("good.cpp -o out --parts=" + std::string(parts),
           "--parts: expected a whole number from 1 to 64, found \"" + std::string(parts) + "\"");
  expect("good.cpp -o out --target=x86-64", targets + "\"x86-64\"");
  expect("good.cpp -o out --target=x86-64-v3,avx2", targets + "\"avx2\"");
  expect("good.cpp -o out --target=x86-64-v3,,generic", targets + "\"\"");
  expect("good.cpp -o out --target=x86-64-v3,x86-64-v4,x86-64-v3",
         "--target: x86-64-v3 is named 2 times, expected once");
  expect("good.cpp -o out --target=generic --target=generic",
         "--target: generic is named 2 times, expected once");
  expect("good.cpp -o out --target=x86-64-v4,native",
         "--target: expected native alone, found it with x86-64-v4");
  expect("good.cpp -o out --precision=fp16",
         "--precision: expected one of full, bf16, int8, found \"fp16\"");
  EXPECT_FALSE(fs::exists("out"));
  expect("tune good.cpp --target=x86-64-v3,x86-64-v4",
         "--target: expected one target to measure, found x86-64-v4 and x86-64-v3");
  expect("tune good.cpp --rounds 0",
         "--rounds: expected a whole number from 1 to 1000, found \"0\"");
  expect("tune good.cpp --emit=cpp", "The following argument was not expected: --emit=cpp");
  expect("tune", "MODEL.cpp is required");
  expect("good.cpp --max-steps=-1",
         "--max-steps: expected a number from 1 to 1000000000, found \"-1\"");
}

// As some that start other programs have it: whose children nobody waits for.
TEST_F(Command, RunsWhereChildrenAreIgnored) {
  const Result result =
      run("timeout 20 env --ignore-signal=CHLD CXX=/bin/false " + kGradc + " run good.cpp -- info");
  EXPECT_EQ(result.status, 1);
  EXPECT_EQ(result.text, "gradc: error: /bin/false failed on the generated code\n");
}

TEST_F(Command, HelpAndVersion) {
  EXPECT_EQ(run(kGradc + " --help").status, 0);
  EXPECT_EQ(run(kGradc + " run --help").status, 0);
  const Result tune = run(kGradc + " tune --help");
  EXPECT_EQ(tune.status, 0);
  EXPECT_NE(tune.text.find("Usage: gradc tune MODEL.cpp [-o FILE]"), std::string::npos);
  EXPECT_EQ(tune.text.find("--tuning FILE"), std::string::npos) << "that is what it writes";
  EXPECT_EQ(run(kGradc + " --version").text, "gradc " GRADC_TEST_VERSION "\n");
}

TEST_F(Command, FlagsThatLoadCodeAreRefused) {
  const std::string why =
      " in the compile command: it would load code or flags that gradc cannot check\n";
  for (const std::string flag :
       {"-fplugin=./evil.so", "-fpass-plugin=./evil.so", "-Bfolder", "--config=x.cfg",
        "-Xclang -load", "-Xclang -add-plugin", "-mllvm -load=x", "-specs=x"}) {
    const Result result = run(kGradc + " good.cpp --emit=model -- " + flag);
    EXPECT_EQ(result.status, 1);
    const std::string shown = flag.compare(0, 6, "-mllvm") == 0 ? "-mllvm" : flag;
    EXPECT_EQ(result.text.substr(0, result.text.find('\n') + 1),
              "gradc: error: refused " + shown + why);
  }
}

TEST_F(Command, FlagsOfACompileCommand) {
  write("compile_commands.json",
        R"([{"directory": ")" + folder_.string() + R"(", "file": "good.cpp",
    "command": "g++ -O2 -DWIDTH=6 -MF x.d -c good.cpp -o good.o"}])");
  Result result = run(kGradc + " good.cpp --emit=model");
  EXPECT_EQ(result.status, 0);
  EXPECT_EQ(ir::parse_one(result.text).nodes[0].type.shape[1].size, 6);
  EXPECT_FALSE(fs::exists("x.d"));

  write("flags.rsp", "-fplugin=./evil.so");
  write("compile_commands.json",
        R"([{"directory": ")" + folder_.string() + R"(", "file": "good.cpp",
    "command": "clang++ @flags.rsp -c good.cpp"}])");
  result = run(kGradc + " good.cpp --emit=model");
  EXPECT_EQ(result.status, 1);
  EXPECT_EQ(result.text,
            folder_.string() +
                "/compile_commands.json: error: refused -fplugin=./evil.so in the "
                "compile command: it would load code or flags that gradc cannot check\n");

  EXPECT_EQ(run(kGradc + " good.cpp --emit=model -p nowhere").text,
            "gradc: error: there is no nowhere/compile_commands.json\n");
  write("compile_commands.json", "{");
  EXPECT_EQ(run(kGradc + " good.cpp --emit=model -p .").status, 1);
}

TEST_F(Command, RunNeedsACompilerThatWorks) {
  Result result = run("XDG_CACHE_HOME=$PWD/cache CXX=false " + kGradc + " run good.cpp -- --help");
  EXPECT_EQ(result.status, 1);
  EXPECT_EQ(result.text, "gradc: error: false failed on the generated code\n");
  result = run("XDG_CACHE_HOME=$PWD/cache CXX=./missing " + kGradc + " run good.cpp -- --help");
  EXPECT_EQ(result.status, 1);
  EXPECT_EQ(result.text, "gradc: error: cannot run ./missing: No such file or directory\n");
  EXPECT_EQ(files("."), (Names{"bad.cpp", "cache", "good.cpp"}));
}

TEST_F(Command, RunCompilesOnceAndBecomesTheProgram) {
  const std::string line = "XDG_CACHE_HOME=$PWD/cache CXX='" GRADC_TEST_HOST_COMPILER "' " +
                           kGradc + " run good.cpp -- ";
  const Result first = run(line + "info --json");
  ASSERT_EQ(first.status, 0) << first.text;
  EXPECT_EQ(first.text.substr(0, first.text.find('\n')), "{");
  ASSERT_EQ(files("cache/gradc").size(), 1u);
  const fs::path folder = *fs::directory_iterator("cache/gradc");
  EXPECT_EQ(files(folder), (Names{"good", "good.gen.cpp", "good.gen.h", "good.main.cpp"}));

  // The second time it is there already, and its status is that of the command.
  const auto made = fs::last_write_time(folder / "good");
  const Result wrong = run(line + "eval");
  EXPECT_EQ(wrong.status, 1);
  EXPECT_EQ(wrong.text,
            "good: error: runs/good/model.safetensors: there is no trained model; `train -o "
            "runs/good` makes one\n");
  EXPECT_EQ(fs::last_write_time(folder / "good"), made);
  EXPECT_EQ(files("."), (Names{"bad.cpp", "cache", "good.cpp"}));
}

TEST_F(Command, RunCompilesEachPart) {
  const std::string line = "XDG_CACHE_HOME=$PWD/cache CXX='" GRADC_TEST_HOST_COMPILER "' " +
                           kGradc + " run good.cpp --parts=2 -- ";
  EXPECT_EQ(run(line + "info").status, 0);
  ASSERT_EQ(files("cache/gradc").size(), 1u);
  EXPECT_EQ(files(*fs::directory_iterator("cache/gradc")),
            (Names{"good", "good.gen.cpp", "good.gen.h", "good.kernels1.gen.cpp",
                   "good.kernels2.gen.cpp", "good.main.cpp"}));
}

TEST_F(Command, RunCompilesEachTargetAndPicksOne) {
  const std::string line = "XDG_CACHE_HOME=$PWD/cache CXX='" GRADC_TEST_HOST_COMPILER "' " +
                           kGradc + " run good.cpp --target=x86-64-v3,generic -- ";
  const Result first = run("GRADC_TARGET=generic " + line + "info | sed -n 2p");
  EXPECT_EQ(first.text, "  target                       generic\n");
  ASSERT_EQ(files("cache/gradc").size(), 1u);
  EXPECT_EQ(files(*fs::directory_iterator("cache/gradc")),
            (Names{"good", "good.gen.cpp", "good.gen.h", "good.generic.gen.cpp", "good.main.cpp",
                   "good.x86-64-v3.gen.cpp"}));
  const Result wrong = run("GRADC_TARGET=x86-64-v4 " + line + "info");
  EXPECT_EQ(wrong.status, 2);
  EXPECT_EQ(wrong.text,
            "good: error: GRADC_TARGET: expected one of x86-64-v3, generic, found \"x86-64-v4\"\n"
            "`good info --help` says more\n");
}

TEST_F(Command, AModelIsNeverExecuted) {
  write("good.cpp", std::string(kGood) + R"(
#include <cstdio>
const int executed = [] { std::fclose(std::fopen("executed", "w")); return 1; }();
)");
  EXPECT_EQ(run(kGradc + " good.cpp --emit=model").status, 0);
  EXPECT_FALSE(fs::exists("executed"));
}

TEST_F(Command, AnIncludeThatNeverComes) {
  ASSERT_EQ(::mkfifo("never.h", 0600), 0);
  write("waits.cpp", std::string("#include \"never.h\"\n") + kGood);
  const Result result = run(kGradc + " waits.cpp -o out --max-seconds 1");
  EXPECT_EQ(result.status, 1);
  EXPECT_EQ(result.text,
            "waits.cpp: error: reading the file takes more than 1 seconds, the bound set by "
            "--max-seconds\n");
}

// The same mistake in g++ and clang++: the sentence itself, and the model's own line.
TEST_F(Command, OtherCompilersRejectAWrongShape) {
  const std::string gnu =
      "{\"reshape keeps the number of elements: [8, 4] has 32 and [33] has 33\"}";
  const std::string clang =
      "{{\"reshape keeps the number of         \", \"elements: [8, 4] has 32 and [33] has\", "
      "\"33                                  \"}}";
  for (const auto& [compiler, quoted] : {std::pair{"g++", gnu}, {"clang++-19", clang}}) {
    if (run(std::string("command -v ") + compiler).status != 0) continue;
    const std::string command =
        std::string(compiler) + " -std=c++20 -fsyntax-only -I" GRADC_TEST_INCLUDE_DIR " ";
    EXPECT_EQ(run(command + "good.cpp").text, "") << compiler;
    const Result result = run(command + "bad.cpp");
    EXPECT_NE(result.status, 0) << compiler;
    EXPECT_NE(result.text.find("bad.cpp:4:"), std::string::npos) << result.text;
    EXPECT_NE(result.text.find("TheModelIsWrong"), std::string::npos) << result.text;
    EXPECT_NE(result.text.find(quoted), std::string::npos) << result.text;
  }
}

TEST_F(Command, OtherCompilersRejectAnOptionThatIsNoNumber) {
  for (const std::string compiler : {"g++", "clang++-19"}) {
    if (run("command -v " + compiler).status != 0) continue;
    const Result result = run(
        compiler + " -std=c++20 -fsyntax-only -DWIDTH=wide -I" GRADC_TEST_INCLUDE_DIR " good.cpp");
    EXPECT_NE(result.status, 0) << compiler;
    EXPECT_NE(result.text.find("an_option_is_a_whole_number"), std::string::npos) << result.text;
  }
}

}  // namespace
}  // namespace gradc::test
