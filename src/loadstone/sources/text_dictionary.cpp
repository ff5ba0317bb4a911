#include "loadstone/sources/text_dictionary.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

namespace loadstone {

TextDictionary::TextDictionary() : slots_(1024) {}

int32_t TextDictionary::number(std::string_view text) {
  const auto hash = static_cast<uint32_t>(XXH3_64bits(text.data(), text.size()));
  const size_t mask = slots_.size() - 1;
  size_t k = hash & mask;
  for (; slots_[k].number >= 0; k = (k + 1) & mask)
    if (slots_[k].hash == hash && this->text(slots_[k].number) == text) return slots_[k].number;
  const auto added = static_cast<int32_t>(texts_.size());
  slots_[k] = {hash, added};
  texts_.emplace_back(text);
  if (2 * texts_.size() > slots_.size()) grow();
  return added;
}

void TextDictionary::grow() {
  std::vector<Slot> larger(2 * slots_.size());
  const size_t mask = larger.size() - 1;
  for (const Slot& slot : slots_) {
    if (slot.number < 0) continue;
    size_t k = slot.hash & mask;
    while (larger[k].number >= 0) k = (k + 1) & mask;
    larger[k] = slot;
  }
  slots_ = std::move(larger);
}

std::vector<int32_t> TextDictionary::add_all(const TextDictionary& other) {
  std::vector<int32_t> numbers;
  numbers.reserve(other.size());
  for (const std::string& text : other.texts()) numbers.push_back(number(text));
  return numbers;
}

}  // namespace loadstone
