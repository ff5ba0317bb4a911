#pragma once
// A panel of assets: for each date a cross-section of characteristics, and the excess return of the period after it.
//
// On disk (a "store"): a folder with one uncompressed Arrow IPC file for each year and block group, and manifest.json
// (calendar, block names, asset dictionary, a hash for each file). One record batch for each date; characteristics are
// fixed-size-list<float32> columns, memory-mapped, so that a month's block is a contiguous (N_t, D) matrix without a
// copy. Appending adds files; a block added later lies in files of its own.
//
// Time: a row dated t carries what was known at t, and the return over (t, return_end]. Models see a panel only through
// a PanelView, which cannot give anything later than its as-of date.

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <filesystem>
#include <limits>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "loadstone/core/date.h"

namespace loadstone {

// Groups of market equity by NYSE breakpoints (Jensen, Kelly and Pedersen): nano below the 1st percentile, micro to the
// 20th, small to the 50th, large to the 80th, mega above. `none`: market equity unknown.
enum class SizeGroup : int8_t { none = -1, nano, micro, small, large, mega };
std::string_view name(SizeGroup group);

// What was known at `date`. Spans and tensors stay valid as long as any copy of the cross-section lives; the memory is
// mapped read-only: writing to it faults.
struct CrossSection {
  Date date;
  std::span<const int32_t> assets;           // (N_t) numbers in the panel's dictionary, increasing
  std::span<const float> market_equity;      // (N_t) currency of the source, NaN = unknown
  std::span<const int8_t> size_group;        // (N_t) SizeGroup
  std::map<std::string, at::Tensor> blocks;  // name -> (N_t, D) float32; `rank` in [-0.5, 0.5] with missing as 0
  std::shared_ptr<const void> owner;         // keeps the memory alive

  int64_t size() const { return static_cast<int64_t>(assets.size()); }
  const at::Tensor& block(std::string_view name) const;  // throws Error(data) naming the blocks there are
};

// A cross-section and what it earned. On purpose not convertible to CrossSection: `predict` cannot be handed returns.
struct CrossSectionWithReturns {
  CrossSection known;
  Date return_end;
  std::span<const float> returns;  // (N_t) excess return over (date, return_end], decimal; NaN = missing
};

// What a panel looks like; part of its manifest.
struct PanelInfo {
  Frequency frequency = Frequency::monthly;
  std::string source;                                      // importer and file, for the report's header
  std::string timing;                                      // how the source dates returns, in words
  std::map<std::string, std::vector<std::string>> blocks;  // block -> names of its D columns
  std::map<std::string, std::string> notes;                // e.g. "rank": "per date to [-0.5, 0.5], missing to 0"
};

class PanelView;

// An opened store. Reading a month maps its file; a panel may be larger than memory.
class Panel {
 public:
  // Throws Error(data) if the folder is no store, or a file is missing or (with verify) differs from its hash.
  static Panel open(const std::filesystem::path& store, bool verify = false);

  const PanelInfo& info() const;
  const std::vector<Date>& dates() const;               // (T) increasing
  const std::vector<Date>& return_ends() const;         // (T) end of the period that a row's return covers
  const std::vector<std::string>& asset_names() const;  // by asset number
  const std::filesystem::path& folder() const;
  const std::string& hash() const;  // of the manifest, so of all the data
  int64_t late_rows() const;        // rows left out because they were known only after their date

  // Everything that was known at t.
  PanelView as_of(Date t) const;

 private:
  friend class PanelView;
  struct Store;
  explicit Panel(std::shared_ptr<const Store> store) : store_(std::move(store)) {}
  std::shared_ptr<const Store> store_;
};

// The panel as it was known at as_of(): cross-sections with date <= as_of, returns with return_end <= as_of. A store
// holds no row that was known only after its date. Asking for anything later throws std::logic_error: it is a bug.
class PanelView {
 public:
  Date as_of() const { return as_of_; }
  const Panel& panel() const { return panel_; }  // names, calendar: nothing that depends on time
  std::span<const Date> dates() const;           // dates of the cross-sections that can be read
  // i: position in panel.dates()
  CrossSection cross_section(size_t i) const;
  // return_end of date i <= as_of, and a return of that date or of a later one is known: the newest cross-section of a
  // file often waits for its returns.
  bool is_realised(size_t i) const;
  CrossSectionWithReturns realised(size_t i) const;

 private:
  friend class Panel;
  PanelView(Panel panel, Date as_of) : panel_(std::move(panel)), as_of_(as_of) {}
  Panel panel_;
  Date as_of_;
};

// One date as it is written. All vectors of length N; characteristics row-major (N, D).
struct PanelRows {
  Date date, return_end;
  std::vector<std::string> assets;
  std::vector<float> returns, market_equity;
  std::vector<int8_t> size_group;
  std::vector<Date> known_at;                        // empty: known at `date`; rows known later are left out, counted
  std::map<std::string, std::vector<float>> blocks;  // block -> (N, D)
};

// Writes a store date by date, in increasing order. Rows of a date are sorted by asset. Nothing is visible until
// close() writes the manifest. Appending to a store continues after its last date, needs all its blocks (joined ones
// too), and leaves its files alone.
class PanelWriter {
 public:
  static PanelWriter create(const std::filesystem::path& store, PanelInfo info);  // refuses a folder that is not empty
  static PanelWriter append(const std::filesystem::path& store);
  ~PanelWriter();
  PanelWriter(PanelWriter&&) noexcept;
  // Throws Error(data) on a date that is not after the last one, a duplicate asset, an infinite value or a wrong
  // length.
  void add(const PanelRows& rows);
  void close();

 private:
  struct State;
  explicit PanelWriter(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

// Joins a block of columns to a store, matched by (date, asset), in files of its own. `rows` must come by increasing
// date. Returns how many rows found no asset or date (they are left out) and how many panel rows stayed missing (NaN).
struct JoinCounts {
  int64_t matched = 0, unmatched = 0, missing = 0;
};
struct BlockRows {
  Date date;
  std::vector<std::string> assets;
  std::vector<float> values;  // (N, D)
};
JoinCounts add_block(const std::filesystem::path& store, const std::string& block,
                     const std::vector<std::string>& columns, const std::vector<BlockRows>& rows);

// Rank of each column over the date: (n - 1) values spread evenly over [-0.5, 0.5], ties at their mean rank, missing
// and a column without variation at 0. In place, (N, D) row-major.
void rank_standardise(std::span<float> values, int64_t n, int64_t d);

}  // namespace loadstone
