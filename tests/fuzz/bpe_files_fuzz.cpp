// A tokenizer.json either makes tokens that give every text back, or is refused with a DataError.
#include <gradc/app/bpe_files.h>
#include <gradc/app/errors.h>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string bytes(reinterpret_cast<const char*>(data), size);
  try {
    gradc::app::BpeTables tables =
        gradc::app::parse_bpe_files({.folder = "", .files = {{"tokenizer.json", bytes}}});
    if (tables.leading_space) return 0;
    gradc::app::Bpe bpe(std::move(tables));
    for (const std::string& text : {std::string("ab a<|endoftext|>"), bytes.substr(0, 64)}) {
      const auto tokens = gradc::app::encode_whole(bpe, text);
      if (!tokens) continue;
      std::string back;
      for (const std::int32_t token : *tokens) {
        if (token < 0 || token >= bpe.size()) std::abort();
        back += bpe.bytes(token);
      }
      if (back != text) std::abort();
    }
  } catch (const gradc::app::DataError&) {
  }
  return 0;
}
