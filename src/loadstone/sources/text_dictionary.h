#pragma once
// Texts that repeat, each kept once under a number: columns of millions of cells hold few different ones.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace loadstone {

class TextDictionary {
 public:
  TextDictionary();
  int32_t number(std::string_view text);  // by first appearance; a new text is added
  const std::string& text(int32_t number) const { return texts_[static_cast<size_t>(number)]; }
  const std::vector<std::string>& texts() const { return texts_; }
  size_t size() const { return texts_.size(); }
  // Adds the texts of `other`; returns the number here of each number there.
  std::vector<int32_t> add_all(const TextDictionary& other);

 private:
  struct Slot {
    uint32_t hash = 0;
    int32_t number = -1;  // -1: free
  };
  void grow();

  std::vector<Slot> slots_;  // a power of two, at most half of them taken
  std::vector<std::string> texts_;
};

}  // namespace loadstone
