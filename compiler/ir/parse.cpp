#include <gradc/dsl.h>
#include <ir/attribute_forms.h>
#include <ir/lexer.h>
#include <ir/parse.h>
#include <ir/print.h>
#include <support/check.h>
#include <support/intern.h>

#include <charconv>
#include <map>
#include <set>

namespace gradc::ir {
namespace {

using support::intern;
using support::Place;

// Thrown at the first mistake of a graph, caught where the next graph begins; never leaves here.
struct Mistake {
  const Token* token;
  std::string message;
  std::vector<support::Remark> notes;
};

class Parser {
 public:
  Parser(std::string_view text, const std::string& file, support::Diagnostics& diagnostics)
      : file_(file), diagnostics_(diagnostics), tokens_(tokens_of(text)) {}

  std::vector<Graph> run() {
    std::vector<Graph> graphs;
    while (!peek().is(Token::Kind::kEndOfFile)) {
      try {
        if (accept_end_of_line()) continue;
        graph();
        graphs.push_back(std::move(graph_));
      } catch (const Mistake& mistake) {
        diagnostics_.error(place(*mistake.token), mistake.message, mistake.notes);
        do ++at_;
        while (!peek().is(Token::Kind::kEndOfFile) && !begins_graph());
      }
    }
    return graphs;
  }

 private:
  // --- Tokens ------------------------------------------------------------------------------------

  const Token& peek() const { return tokens_[std::min(at_, tokens_.size() - 1)]; }
  const Token& next() {
    const Token& token = peek();
    ++at_;
    return token;
  }
  Place place(const Token& token) const { return {file_, token.line, token.column}; }
  bool begins_graph() const {
    return peek().is_word("graph") && at_ > 0 && tokens_[at_ - 1].is(Token::Kind::kEndOfLine);
  }

  [[noreturn]] void expected(const std::string& what) const {
    if (peek().is(Token::Kind::kBroken)) throw Mistake{&peek(), peek().text, {}};
    throw Mistake{&peek(), "expected " + what + ", found " + describe(peek()), {}};
  }
  [[noreturn]] static void fail(const Token& token, std::string message,
                                std::vector<support::Remark> notes = {}) {
    throw Mistake{&token, std::move(message), std::move(notes)};
  }

  bool accept_end_of_line() {
    const bool found = peek().is(Token::Kind::kEndOfLine);
    at_ += found;
    return found;
  }
  bool accept_sign(char sign) {
    const bool found = peek().is_sign(sign);
    at_ += found;
    return found;
  }
  bool accept_word(std::string_view word) {
    const bool found = peek().is_word(word);
    at_ += found;
    return found;
  }
  void expect_sign(char sign) {
    if (!accept_sign(sign)) expected(std::string("'") + sign + "'");
  }
  void expect_word(std::string_view word) {
    if (!accept_word(word)) expected("'" + std::string(word) + "'");
  }
  const Token& expect(Token::Kind kind, const char* what) {
    if (!peek().is(kind)) expected(what);
    return next();
  }

  std::int64_t integer(const char* what = "a whole number") {
    std::int64_t value = 0;
    const std::string& text = peek().text;
    if (!peek().is(Token::Kind::kNumber)) expected(what);
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size()) expected(what);
    next();
    return value;
  }

  double number() {
    double value = 0;
    const std::string& text = peek().text;
    const bool word = peek().is_word("inf") || peek().is_word("nan");
    if (!word && !peek().is(Token::Kind::kNumber)) expected("a number");
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size()) expected("a number");
    next();
    return value;
  }

  // --- Types -------------------------------------------------------------------------------------

  std::optional<Element> accept_element() {
    for (const Element element : {Element::kF32, Element::kF64, Element::kI32, Element::kPoison})
      if (accept_word(name_of(element))) return element;
    return {};
  }

  // name=12*~! where * marks the batch, ~ the time, and
  // ! a dimension that is not, or alone is, the option of its name
  Dim dim() {
    Dim dim;
    if (peek().is(Token::Kind::kWord) || peek().is(Token::Kind::kString)) {
      dim.name = intern(next().text);
      expect_sign('=');
    }
    const Token& size = peek();
    dim.size = integer("a dimension");
    if (dim.size < 1) fail(size, "a dimension is at least 1, found " + std::to_string(dim.size));
    dim.batched = accept_sign('*');
    dim.time = accept_sign('~');
    dim.option = (options_.count(dim.name) > 0) != accept_sign('!');
    return dim;
  }

  Type type() {
    const std::optional<Element> element = accept_element();
    if (!element) expected("a type");
    Type type{*element, {}};
    if (type.poisoned() && !peek().is_sign('[')) return type;
    expect_sign('[');
    while (!accept_sign(']')) {
      if (!type.shape.empty()) expect_sign(',');
      const Token& first = peek();
      const Dim next = dim();
      if (type.shape.full())
        fail(first, "a type has at most " + std::to_string(kMaxRank) + " dimensions");
      type.shape.push_back(next);
    }
    return type;
  }

  // --- Graphs and statements ---------------------------------------------------------------------

  void graph() {
    graph_ = Graph();
    values_.clear();
    options_.clear();
    expect_word("graph");
    graph_.name = expect(Token::Kind::kGraph, "the name of a graph, as @name").text;
    if (accept_word("options")) options();
    if (const std::optional<Element> element = accept_element()) graph_.real = *element;
    if (accept_word("batch")) {
      graph_.batch_dim = dim();
      graph_.batch_dim.batched = true;
      if (graph_.batch_dim.name[0] == '\0') graph_.batch_dim.name = "batch";
    }
    if (accept_word("time")) {
      graph_.time_dim = dim();
      graph_.time_dim.time = true;
      if (graph_.time_dim.name[0] == '\0') graph_.time_dim.name = "time";
    }
    if (accept_word("steps")) graph_.steps = integer();
    expect_sign('{');
    end_of_line();
    while (!accept_sign('}')) statement();
    if (!peek().is(Token::Kind::kEndOfFile)) end_of_line();
  }

  void options() {
    expect_sign('[');
    while (!accept_sign(']')) {
      if (!options_.empty()) expect_sign(',');
      if (!peek().is(Token::Kind::kWord) && !peek().is(Token::Kind::kString))
        expected("the name of an option");
      options_.insert(next().text);
    }
  }

  // NAME= before a number that an option sets; "" where there is none.
  const char* option() {
    if (!peek().is(Token::Kind::kWord) && !peek().is(Token::Kind::kString)) return "";
    const char* const name = intern(next().text);
    expect_sign('=');
    return name;
  }

  void end_of_line() {
    if (!accept_end_of_line()) expected("end of line");
  }

  void statement() {
    if (peek().is(Token::Kind::kValue)) {
      definition();
    } else if (accept_word("output")) {
      const std::string name = expect(Token::Kind::kString, "the name of an output").text;
      const int node = value();
      graph_.outputs.push_back({name, node, location()});
    } else if (accept_word("update")) {
      const int leaf = value();
      expect_sign('=');
      const int node = value();
      graph_.updates.push_back({leaf, node, location()});
    } else if (accept_word("minimize")) {
      graph_.loss = value();
    } else if (accept_word("config")) {
      const std::string key = expect(Token::Kind::kString, "a key of config.json").text;
      const char* const its_option = option();
      const std::int64_t number = integer();
      graph_.config_facts.push_back({key, number, its_option, location()});
    } else if (accept_word("dataset")) {
      dataset();
    } else if (accept_word("file")) {
      graph_.files.push_back(expect(Token::Kind::kString, "the name of a file").text);
    } else {
      expected("a value, output, update, minimize, config, dataset, file or '}'");
    }
    end_of_line();
  }

  // A value that stands above.
  int value() {
    const Token& token = expect(Token::Kind::kValue, "a value");
    const auto known = values_.find(token.text);
    if (known == values_.end()) fail(token, "%" + token.text + " is not defined");
    return known->second.node;
  }

  // loc("nplm.cpp":14:30), or no place.
  Location location() {
    Location location;
    if (!accept_word("loc")) return location;
    expect_sign('(');
    const std::string file = expect(Token::Kind::kString, "the name of a file").text;
    for (std::size_t i = 0; i < graph_.files.size(); ++i)
      if (graph_.files[i] == std::string_view(file)) location.file = static_cast<int>(i);
    if (location.file < 0) {
      location.file = static_cast<int>(graph_.files.size());
      graph_.files.push_back(file);
    }
    expect_sign(':');
    location.line = static_cast<int>(integer());
    expect_sign(':');
    location.column = static_cast<int>(integer());
    expect_sign(')');
    return location;
  }

  void dataset() {
    Dataset& data = graph_.data;
    const Token& word = expect(Token::Kind::kWord, "a data set");
    int kind = 0;
    for (int i = 1; i < static_cast<int>(std::size(kDatasetWords)); ++i)
      if (word.text == kDatasetWords[i]) kind = i;
    if (kind == 0) fail(word, "unknown data set '" + word.text + "'");
    data.kind = static_cast<Dataset::Kind>(kind);
    if (accept_word("window")) data.window = dim();
    if (accept_word("source")) data.source = dim();
    if (accept_word("examples")) data.examples = integer();
    if (accept_word("noise")) data.noise = number();
    if (accept_word("sequential"))
      data.order = Dataset::Order::kSequential;
    else
      expect_word("random");
    data.split = accept_word("split");
  }

  // --- Definitions -------------------------------------------------------------------------------

  void definition() {
    const Token& name = next();
    if (const auto known = values_.find(name.text); known != values_.end())
      fail(name, "%" + name.text + " is defined twice",
           {{"the first definition is here", place(*known->second.token)}});
    expect_sign('=');
    const Token& word = expect(Token::Kind::kWord, "an op, input, setting, parameter or state");
    std::optional<Role> role;
    for (const Role each : {Role::kInput, Role::kSetting, Role::kParameter, Role::kState})
      if (word.text == name_of(each)) role = each;
    Node node = role ? leaf(*role, name.text, word) : application(word);
    node.location = location();
    graph_.nodes.push_back(node);
    values_[name.text] = {static_cast<int>(graph_.nodes.size()) - 1, &name};
  }

  Node leaf(Role role, const std::string& value_name, const Token& word) {
    Leaf leaf;
    leaf.role = role;
    leaf.node = static_cast<int>(graph_.nodes.size());
    leaf.name = peek().is(Token::Kind::kString) ? next().text : value_name;
    Node node{op_of<LeafOp>, type(), {}, {}, {}};
    node.attributes.ints.push_back(static_cast<std::int64_t>(graph_.leaves.size()));
    if (accept_word("classes")) {
      leaf.classes_option = option();
      leaf.classes = integer();
    }
    leaf.initializer = initializer(role);
    graph_.leaves.push_back(leaf);
    check_rule(node, word, node.type);
    return node;
  }

  Initializer initializer(Role role) {
    if (role == Role::kSetting && !peek().is(Token::Kind::kWord)) return constant(number());
    Initializer::Kind kind = Initializer::Kind::kConstant;
    if (accept_word("normal"))
      kind = Initializer::Kind::kNormal;
    else if (accept_word("uniform"))
      kind = Initializer::Kind::kUniform;
    else if (!accept_word("constant")) {
      if (role == Role::kInput) return {};
      expected("constant, normal or uniform");
    }
    Initializer initializer{kind, 0, 0};
    expect_sign('(');
    initializer.a = number();
    if (kind != Initializer::Kind::kConstant) {
      expect_sign(',');
      initializer.b = number();
    }
    expect_sign(')');
    return initializer;
  }

  Node application(const Token& word) {
    Node node;
    int op = -1;
    for (int i = 0; i < Ops::size; ++i)
      if (word.text == kOpTable[i].name && static_cast<Op>(i) != op_of<LeafOp>) op = i;
    if (op < 0) fail(word, "unknown op '" + word.text + "'");
    node.op = static_cast<Op>(op);
    const int arity = kOpTable[op].arity;
    int found = 0;
    for (; peek().is(Token::Kind::kValue); ++found) {
      const int operand = value();
      if (!node.operands.full()) node.operands.push_back(operand);
    }
    if (peek().is(Token::Kind::kBroken)) expected("an operand");
    if (found != arity)
      fail(word, word.text + " takes " + std::to_string(arity) +
                     (arity == 1 ? " operand" : " operands") + ", found " + std::to_string(found));
    attributes(node);
    std::optional<Type> given;
    if (accept_sign(':'))
      given = type();
    else if (type_is_given(node.op))
      expected("':' and the type of the result");
    node.type = given.value_or(Type{graph_.real, {}});
    check_rule(node, word, given);
    return node;
  }

  List<std::int64_t, 16> list() {
    List<std::int64_t, 16> ints;
    expect_sign('[');
    while (!accept_sign(']')) {
      if (!ints.empty()) expect_sign(',');
      const Token& first = peek();
      const std::int64_t next = integer();
      if (ints.full()) fail(first, "a list has at most 16 numbers");
      ints.push_back(next);
    }
    return ints;
  }

  void pairs(Axes& left, Axes& right) {
    while (accept_sign('(')) {
      const Token& first = peek();
      const std::int64_t a = integer("an axis");
      expect_sign(',');
      const std::int64_t b = integer("an axis");
      expect_sign(')');
      if (left.full()) fail(first, "a tensor has at most " + std::to_string(kMaxRank) + " axes");
      left.push_back(static_cast<int>(a));
      right.push_back(static_cast<int>(b));
    }
  }

  void attributes(Node& node) {
    using enum AttributeForm::Layout;
    Attributes& attributes = node.attributes;
    const AttributeForm form = attribute_form(node.op);
    if (accept_word("ints")) {  // the form of ill-formed attributes
      attributes.ints = list();
      expect_word("value");
      attributes.value = number();
      return;
    }
    if (*form.word != '\0' && form.layout != kPairs) expect_word(form.word);
    switch (form.layout) {
      case kNone:
        break;
      case kValue:
        attributes.value = number();
        break;
      case kInteger:
        attributes.ints.push_back(integer());
        break;
      case kList:
        attributes.ints = list();
        break;
      case kTwoLists: {
        const Token& first = peek();
        attributes.ints = list();
        const int half = attributes.ints.size();
        expect_word(form.second);
        const auto second = list();
        if (second.size() != half || half > kMaxRank)
          fail(first, "expected two lists of equal length, found " + std::to_string(half) +
                          " and " + std::to_string(second.size()) + " numbers");
        for (const std::int64_t item : second) attributes.ints.push_back(item);
        break;
      }
      case kPairs: {
        ContractAxes axes;
        const Token& first = peek();
        if (accept_word(form.word)) pairs(axes.left_over, axes.right_over);
        if (accept_word(form.second)) pairs(axes.left_batch, axes.right_batch);
        if (axes.left_over.size() + axes.left_batch.size() > kMaxRank)
          fail(first, "a tensor has at most " + std::to_string(kMaxRank) + " axes");
        attributes = axes.encode();
        break;
      }
    }
  }

  // Applies the op's shape rule. A given type must be the one the rule gives; its names stay.
  void check_rule(Node& node, const Token& word, const std::optional<Type>& given) {
    Types types;
    bool poisoned = given && given->poisoned();
    for (const int operand : node.operands) {
      types.push_back(graph_.nodes[operand].type);
      poisoned = poisoned || types[types.size() - 1].poisoned();
    }
    const OpInfo& info = info_of(node.op);
    const Inferred inferred =
        poisoned ? Inferred{{Element::kPoison, {}}, ""} : infer_type(node, types);
    if (!inferred.error.empty()) {
      std::string message = std::string(info.name) + ": " + inferred.error.str();
      fail(word, message);
    }
    if (given && !(*given == inferred.type))
      fail(word, std::string(info.name) + " gives " + print_type(inferred.type) + ", not " +
                     print_type(*given));
    node.type = given.value_or(inferred.type);
  }

  struct Definition {
    int node = -1;
    const Token* token = nullptr;
  };

  const std::string& file_;
  support::Diagnostics& diagnostics_;
  const std::vector<Token> tokens_;
  std::size_t at_ = 0;
  Graph graph_;
  std::map<std::string, Definition> values_;
  std::set<std::string, std::less<>> options_;
};

}  // namespace

std::vector<Graph> parse(std::string_view text, const std::string& file,
                         support::Diagnostics& diagnostics) {
  return Parser(text, file, diagnostics).run();
}

Graph parse_one(std::string_view text) {
  support::Diagnostics diagnostics;
  std::vector<Graph> graphs = parse(text, "text", diagnostics);
  CHECK(diagnostics.empty(), "\n" + diagnostics.text());
  CHECK(graphs.size() == 1, "the text holds " + std::to_string(graphs.size()) + " graphs");
  return std::move(graphs.front());
}

}  // namespace gradc::ir
