// A graph as three flat arrays, so that it can outlive constant evaluation, and back.
//
// `transfer` describes the format once, for both directions: a Writer appends what it is shown, a
// Reader fills it in. The compiler's front end reads the arrays without knowing what they hold.
#pragma once

#include <gradc/build.h>

#include <cstddef>
#include <string_view>
#include <vector>

namespace gradc {

inline constexpr std::int64_t kFormat = 4;

struct Frozen {
  std::vector<std::int64_t> words;
  std::vector<double> reals;
  Text text;
};

class Writer {
 public:
  static constexpr bool reads = false;
  template <class Integer>
  constexpr void integer(Integer& value) {
    out.words.push_back(static_cast<std::int64_t>(value));
  }
  constexpr void real(double& value) { out.reals.push_back(value); }
  constexpr void text(Text& value) {
    out.words.push_back(static_cast<std::int64_t>(value.size()));
    out.text += value;
  }
  constexpr void name(const char*& value) {
    out.words.push_back(static_cast<std::int64_t>(__builtin_strlen(value)));
    out.text += value;
  }
  Frozen out;
};

// Counts what a Writer would write.
class Counter {
 public:
  static constexpr bool reads = false;
  constexpr void integer(auto&) { ++words; }
  constexpr void real(double&) { ++reals; }
  constexpr void text(Text& value) { ++words, chars += value.size(); }
  constexpr void name(const char*& value) { ++words, chars += __builtin_strlen(value); }
  std::size_t words = 0, reals = 0, chars = 0;
};

// Writes into arrays of the right size: in constant evaluation a vector that grows is slow.
template <class Arrays>
class ArrayWriter {
 public:
  static constexpr bool reads = false;
  constexpr void integer(auto& value) { out.words[word_++] = static_cast<std::int64_t>(value); }
  constexpr void real(double& value) { out.reals[real_++] = value; }
  constexpr void text(Text& value) { characters(value); }
  constexpr void name(const char*& value) { characters({value, __builtin_strlen(value)}); }
  Arrays out{};

 private:
  constexpr void characters(std::string_view value) {
    out.words[word_++] = static_cast<std::int64_t>(value.size());
    copy_chars(value.data(), value.size(), out.text + char_);
    char_ += value.size();
  }
  std::size_t word_ = 0, real_ = 0, char_ = 0;
};

// Reads what a Writer wrote; `ok` is false if the arrays hold something else.
class Reader {
 public:
  static constexpr bool reads = true;
  using Intern = const char* (*)(std::string_view);
  // `intern` keeps a copy of a name for as long as the program runs.
  constexpr Reader(const Frozen& in, Intern intern) : in_(in), intern_(intern) {}

  template <class Integer>
  constexpr void integer(Integer& value) {
    value = static_cast<Integer>(word());
  }
  constexpr void real(double& value) {
    ok = ok && real_ < in_.reals.size();
    if (ok) value = in_.reals[real_++];
  }
  constexpr void text(Text& value) { value = Text(chars()); }
  constexpr void name(const char*& value) { value = intern_(chars()); }
  bool ok = true;

 private:
  constexpr std::int64_t word() {
    ok = ok && word_ < in_.words.size();
    return ok ? in_.words[word_++] : 0;
  }
  constexpr std::string_view chars() {
    const auto size = static_cast<std::size_t>(word());
    ok = ok && size <= in_.text.size() - char_;
    if (!ok) return {};
    char_ += size;
    return std::string_view(in_.text).substr(char_ - size, size);
  }
  const Frozen& in_;
  Intern intern_;
  std::size_t word_ = 0, real_ = 0, char_ = 0;
};

namespace detail {

template <class Archive, class Sequence, class Each>
constexpr void transfer_each(Archive& archive, Sequence& sequence, Each each) {
  auto count = static_cast<std::int64_t>(sequence.size());
  archive.integer(count);
  if constexpr (Archive::reads) {
    // One by one: each item takes words, so that a count that is not true ends with them.
    for (std::int64_t i = 0; i < count && archive.ok; ++i) {
      if constexpr (requires { sequence.full(); }) archive.ok = !sequence.full();
      if (!archive.ok) return;
      sequence.push_back({});
      each(sequence[sequence.size() - 1]);
    }
  } else {
    for (auto& item : sequence) each(item);
  }
}

constexpr void transfer(auto& archive, Location& location) {
  archive.integer(location.file);
  archive.integer(location.line);
  archive.integer(location.column);
}

constexpr void transfer(auto& archive, Dim& dim) {
  std::int64_t flags = dim.batched + 2 * dim.option + 4 * dim.time;
  archive.integer(dim.size);
  archive.integer(flags);
  archive.name(dim.name);
  dim.batched = flags & 1;
  dim.option = flags & 2;
  dim.time = flags & 4;
}

constexpr void transfer(auto& archive, Type& type) {
  archive.integer(type.element);
  transfer_each(archive, type.shape, [&](Dim& dim) { transfer(archive, dim); });
}

constexpr void transfer(auto& archive, Node& node) {
  archive.integer(node.op);
  transfer(archive, node.type);
  transfer_each(archive, node.operands, [&](int& operand) { archive.integer(operand); });
  transfer_each(archive, node.attributes.ints, [&](std::int64_t& word) { archive.integer(word); });
  archive.real(node.attributes.value);
  transfer(archive, node.location);
}

constexpr void transfer(auto& archive, Leaf& leaf) {
  archive.integer(leaf.role);
  archive.text(leaf.name);
  archive.integer(leaf.node);
  archive.integer(leaf.initializer.kind);
  archive.real(leaf.initializer.a);
  archive.real(leaf.initializer.b);
  archive.integer(leaf.classes);
  archive.name(leaf.classes_option);
}

constexpr void transfer(auto& archive, Output& output) {
  archive.text(output.name);
  archive.integer(output.node);
  transfer(archive, output.location);
}

constexpr void transfer(auto& archive, Update& update) {
  archive.integer(update.leaf);
  archive.integer(update.node);
  transfer(archive, update.location);
}

constexpr void transfer(auto& archive, Repeat& repeat) {
  archive.integer(repeat.sample);
  archive.integer(repeat.sample_gradient);
  archive.integer(repeat.first);
  archive.integer(repeat.last);
  archive.integer(repeat.first_update);
  archive.integer(repeat.last_update);
  archive.integer(repeat.parameter);
  archive.integer(repeat.gradient);
  archive.integer(repeat.at);
  archive.integer(repeat.at_update);
}

constexpr void transfer(auto& archive, ConfigFact& fact) {
  archive.text(fact.key);
  archive.integer(fact.value);
  archive.name(fact.option);
  transfer(archive, fact.location);
}

constexpr void transfer(auto& archive, Dataset& dataset) {
  archive.integer(dataset.kind);
  archive.integer(dataset.order);
  archive.integer(dataset.split);
  transfer(archive, dataset.window);
  transfer(archive, dataset.source);
  archive.integer(dataset.examples);
  archive.real(dataset.noise);
}

constexpr void transfer(auto& archive, Note& note) {
  archive.text(note.message);
  transfer(archive, note.location);
}

constexpr void transfer(auto& archive, Diagnostic& diagnostic) {
  archive.text(diagnostic.message);
  transfer(archive, diagnostic.location);
  transfer_each(archive, diagnostic.notes, [&](Note& note) { transfer(archive, note); });
}

}  // namespace detail

constexpr void transfer(auto& archive, Graph& graph) {
  const auto each = [&](auto& sequence) {
    detail::transfer_each(archive, sequence, [&](auto& item) { detail::transfer(archive, item); });
  };
  std::int64_t format = kFormat;
  archive.integer(format);
  if constexpr (std::decay_t<decltype(archive)>::reads)
    archive.ok = archive.ok && format == kFormat;
  archive.text(graph.name);
  archive.integer(graph.real);
  detail::transfer(archive, graph.batch_dim);
  detail::transfer(archive, graph.time_dim);
  archive.integer(graph.steps);
  archive.integer(graph.loss);
  detail::transfer_each(archive, graph.files, [&](Text& file) { archive.text(file); });
  each(graph.nodes);
  each(graph.leaves);
  each(graph.outputs);
  each(graph.updates);
  each(graph.repeats);
  each(graph.config_facts);
  detail::transfer(archive, graph.data);
  each(graph.diagnostics);
}

// The three arrays with their sizes as part of the type: what GRADC_MODEL leaves in the program.
template <std::size_t Words, std::size_t Reals, std::size_t Chars>
struct FrozenModel {
  std::int64_t words[Words];
  double reals[Reals + 1];
  char text[Chars + 1];
};

struct FrozenSize {
  std::size_t words, reals, chars;
  std::size_t width = 0, lines = 0;  // of the first mistake's message; 0: the model is right
};

// A message in a form that compilers quote when it is the argument of a template. Clang shows no
// more than 36 characters of an array, and only of one without zeros but for the last.
template <std::size_t width, std::size_t lines>
struct Sentence {
  char text[lines][width + 1];
};
#ifdef __clang__
inline constexpr std::size_t kQuoted = 36;
#else
inline constexpr std::size_t kQuoted = 1000;
#endif

// Breaks between words, and within one that is longer than a line: `put(line, column, c)` for each
// character. Gives the number of lines.
template <class Put>
constexpr std::size_t wrap(std::string_view text, std::size_t width, Put put) {
  std::size_t line = 0, column = 0;
  for (std::size_t at = 0; at < text.size();) {
    std::size_t end = at + 1;  // of a word and the space before it
    while (end < text.size() && text[end] != ' ') ++end;
    if (column > 0 && column + (end - at) > width) ++line, column = 0;
    for (; at < end; ++at) {
      if (column == width) ++line, column = 0;
      if (column > 0 || text[at] != ' ') put(line, column++, text[at]);
    }
  }
  return line + 1;
}

// Declaring a model is slow in constant evaluation. The front end therefore does it once, into
// arrays that have room for as many words as it allows steps; Clang stores the zeros at their end
// only once.
#ifdef GRADC_ROOM
template <class Make>
constexpr FrozenSize measure(Make) {
  return {GRADC_ROOM, GRADC_ROOM - 1, GRADC_ROOM - 1};
}
#else
template <class Make>
constexpr FrozenSize measure(Make make) {
  Counter counter;
  Graph graph = make(Mistakes::kCollect);
  transfer(counter, graph);
  FrozenSize size{counter.words, counter.reals, counter.chars};
  if (kCollectDiagnostics || graph.diagnostics.empty()) return size;
  const std::string_view mistake = graph.diagnostics.front().message;
  size.width = mistake.size() < kQuoted ? mistake.size() : kQuoted;
  size.lines = wrap(mistake, size.width, [](std::size_t, std::size_t, char) {});
  return size;
}
#endif

template <FrozenSize size, class Make>
constexpr auto first_mistake(Make make) {
  Sentence<size.width, size.lines> sentence;
  for (auto& line : sentence.text) {
    for (char& c : line) c = ' ';
    line[size.width] = '\0';
  }
  const Graph graph = make(Mistakes::kCollect);
  wrap(graph.diagnostics.front().message, size.width,
       [&](std::size_t line, std::size_t column, char c) { sentence.text[line][column] = c; });
  return sentence;
}

// Never defined: to ask for its size makes a compiler show its argument.
template <Sentence sentence>
struct TheModelIsWrong;

// Fails with the first mistake's message, if there is one.
template <FrozenSize size, class Make>
constexpr bool tell_mistake(Make) {
  // NOLINTNEXTLINE(bugprone-sizeof-expression): what the size is compared with does not matter
  if constexpr (size.lines > 0) return sizeof(TheModelIsWrong<first_mistake<size>(Make{})>) > 0;
  return true;
}

template <FrozenSize size, class Make>
constexpr auto freeze(Make make) {
  ArrayWriter<FrozenModel<size.words, size.reals, size.chars>> writer;
  Graph graph = make(kCollectDiagnostics ? Mistakes::kCollect : Mistakes::kStop);
  transfer(writer, graph);
  return writer.out;
}

template <class Declared>
constexpr Graph declare(const char* name, const Declared& model, Mistakes mistakes,
                        std::source_location where) {
  Graph graph;
  graph.mistakes = mistakes;
  graph.name = name;
  model.declare(graph);
  graph.finish(where);
  return graph;
}

#ifdef __clang__
#define GRADC_ANNOTATE [[clang::annotate("gradc.model")]]
#else
#define GRADC_ANNOTATE
#endif

// Declares the model `NAME`, a value of a literal type with a constexpr `declare(Graph&) const`.
#define GRADC_MODEL(NAME, ...)                                                                \
  struct gradc_declare_##NAME {                                                               \
    constexpr ::gradc::Graph operator()(::gradc::Mistakes mistakes) const {                   \
      return ::gradc::declare(#NAME, __VA_ARGS__, mistakes, std::source_location::current()); \
    }                                                                                         \
  };                                                                                          \
  constexpr auto gradc_size_##NAME = ::gradc::measure(gradc_declare_##NAME{});                \
  static_assert(::gradc::tell_mistake<gradc_size_##NAME>(gradc_declare_##NAME{}));            \
  GRADC_ANNOTATE [[maybe_unused]] constexpr auto gradc_model_##NAME =                         \
      ::gradc::freeze<gradc_size_##NAME>(gradc_declare_##NAME{})

// The integer that `-DNAME=value` gave, or `fallback`: a default for a member of a model.
#define GRADC_OPTION(NAME, FALLBACK) ::gradc::option(#NAME, GRADC_DEFINED_AS(NAME), FALLBACK)
#define GRADC_DEFINED_AS(VALUE) #VALUE

// Not constexpr on purpose, as model_is_wrong; its name is what compilers show.
inline void an_option_is_a_whole_number() {}

// A macro that is not defined expands to its own name, which is no number.
constexpr Dim option(const char* name, const char* text, std::int64_t fallback) {
  std::int64_t value = 0;
  bool number = *text != '\0';
  for (const char* c = text; *c != '\0'; ++c) {
    number = number && *c >= '0' && *c <= '9' && value < (std::int64_t{1} << 40);
    if (number) value = 10 * value + (*c - '0');
  }
  if (!number && std::string_view(text) != name) an_option_is_a_whole_number();
  Dim dim(number ? value : fallback, name);
  dim.option = true;
  return dim;
}

}  // namespace gradc
