// Reading a panel store: files are mapped when a date of theirs is first read.
#include "loadstone/data/panel.h"

#include <ATen/ops/from_blob.h>
#include <arrow/api.h>
#include <arrow/io/file.h>
#include <arrow/ipc/reader.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <mutex>
#include <stdexcept>

#include "loadstone/core/hash.h"
#include "loadstone/data/arrow_check.h"
#include "loadstone/data/panel_manifest.h"

namespace loadstone {
namespace {

namespace fs = std::filesystem;
using Batches = std::vector<std::shared_ptr<arrow::RecordBatch>>;

template <class T>
std::span<const T> values(const arrow::RecordBatch& batch, int column) {
  const auto& data = *batch.column_data(column);
  return {data.GetValues<T>(1), static_cast<size_t>(data.length)};
}

const float* matrix(const arrow::RecordBatch& batch, int column) {
  const auto& list = *batch.column_data(column);
  const int64_t width = static_cast<const arrow::FixedSizeListType&>(*list.type).list_size();
  return list.child_data[0]->GetValues<float>(1) + list.offset * width;
}

arrow::FieldVector expected_fields(const StoreFile& file, const PanelInfo& info) {
  arrow::FieldVector fields;
  if (file.base)
    fields = {arrow::field("asset", arrow::int32()), arrow::field("return", arrow::float32()),
              arrow::field("market_equity", arrow::float32()), arrow::field("size_group", arrow::int8())};
  for (const std::string& block : file.blocks) {
    const auto width = static_cast<int32_t>(info.blocks.at(block).size());
    fields.push_back(arrow::field(block, arrow::fixed_size_list(arrow::float32(), width)));
  }
  return fields;
}

// A damaged file may claim anything: types, lengths, buffers and asset numbers are checked before they are used.
void check_batch(const arrow::RecordBatch& batch, const StoreFile& file, const Manifest& m, size_t date,
                 const std::string& path) {
  const std::string damaged = path + " is damaged";
  check(batch.Validate(), damaged);
  const auto fields = expected_fields(file, m.info);
  bool fits = batch.num_rows() == m.rows[date] && batch.num_columns() == static_cast<int>(fields.size());
  for (int c = 0; fits && c < batch.num_columns(); ++c) {
    const auto& data = *batch.column_data(c);
    fits = batch.schema()->field(c)->name() == fields[static_cast<size_t>(c)]->name() &&
           data.type->Equals(*fields[static_cast<size_t>(c)]->type()) && data.GetNullCount() == 0;
    if (fits && !data.child_data.empty()) fits = data.child_data[0]->GetNullCount() == 0;
  }
  if (!fits) throw data_error(fmt::format("{}: {} does not look as the manifest says", damaged, m.dates[date].text()));
  if (!file.base) return;
  const auto assets = values<int32_t>(batch, 0);
  const bool increasing = std::adjacent_find(assets.begin(), assets.end(), std::greater_equal<>()) == assets.end();
  if (!increasing || (!assets.empty() && (assets.front() < 0 || static_cast<size_t>(assets.back()) >= m.assets.size())))
    throw data_error(fmt::format("{}: asset numbers of {} are not valid", damaged, m.dates[date].text()));
}

Batches map_file(const fs::path& path, const StoreFile& file, const Manifest& manifest) {
  const std::string damaged = path.string() + " is damaged";
  const auto map = value_of(arrow::io::MemoryMappedFile::Open(path.string(), arrow::io::FileMode::READ), damaged);
  const auto reader = value_of(arrow::ipc::RecordBatchFileReader::Open(map), damaged);
  if (static_cast<size_t>(reader->num_record_batches()) != file.count)
    throw data_error(
        fmt::format("{}: it has {} dates, the manifest says {}", damaged, reader->num_record_batches(), file.count));
  Batches batches;
  for (size_t k = 0; k < file.count; ++k) {
    batches.push_back(value_of(reader->ReadRecordBatch(static_cast<int>(k)), damaged));
    check_batch(*batches.back(), file, manifest, file.first + k, path.string());
  }
  return batches;
}

void check_file(const fs::path& store, const StoreFile& file, bool verify) {
  const fs::path path = store / file.name;
  std::error_code missing;
  const auto bytes = fs::file_size(path, missing);
  if (missing)
    throw data_error(fmt::format("{} is missing from the panel store; ingest the source again", path.string()));
  if (bytes != static_cast<uintmax_t>(file.bytes))
    throw data_error(
        fmt::format("{} has {} bytes, the manifest says {}: it was truncated or changed. Ingest the source "
                    "again.",
                    path.string(), bytes, file.bytes));
  if (verify && hash_file(path) != file.hash)
    throw data_error(fmt::format("{} differs from its hash in the manifest: it was changed. Ingest the source again.",
                                 path.string()));
}

}  // namespace

std::string_view name(SizeGroup group) {
  constexpr std::array<std::string_view, 6> names{"none", "nano", "micro", "small", "large", "mega"};
  return names.at(static_cast<size_t>(static_cast<int64_t>(group) + 1));
}

const at::Tensor& CrossSection::block(std::string_view name) const {
  const auto found = blocks.find(std::string(name));
  if (found != blocks.end()) return found->second;
  std::vector<std::string> names;
  for (const auto& [block, tensor] : blocks) names.push_back(block);
  throw data_error(fmt::format("the panel has no block `{}`; it has {}", name, fmt::join(names, ", ")));
}

struct Panel::Store {
  fs::path path;
  Manifest manifest;
  std::vector<std::vector<size_t>> files_of_date;  // (T) positions in manifest.files

  explicit Store(const fs::path& folder) : path(folder), manifest(read_manifest(folder)) {
    files_of_date.resize(manifest.dates.size());
    for (size_t f = 0; f < manifest.files.size(); ++f)
      for (size_t k = 0; k < manifest.files[f].count; ++k) files_of_date[manifest.files[f].first + k].push_back(f);
    once_ = std::make_unique<std::once_flag[]>(manifest.files.size());
    mapped_.resize(manifest.files.size());
  }

  const arrow::RecordBatch& batch(size_t f, size_t date) const {
    const StoreFile& file = manifest.files[f];
    std::call_once(once_[f], [&] { mapped_[f] = map_file(path / file.name, file, manifest); });
    return *mapped_[f][date - file.first];
  }

  const arrow::RecordBatch& base(size_t date) const {
    for (const size_t f : files_of_date[date])
      if (manifest.files[f].base) return batch(f, date);
    throw std::logic_error("a date without a base file");  // read_manifest refuses such a store
  }

  // Dates up to the last one of which a return is known: those after it wait for theirs.
  size_t realised_dates() const {
    std::call_once(counted_, [&] {
      const auto none_known = [&](size_t date) {
        return std::ranges::all_of(values<float>(base(date), 1), [](float value) { return std::isnan(value); });
      };
      realised_dates_ = manifest.dates.size();
      while (realised_dates_ > 0 && none_known(realised_dates_ - 1)) --realised_dates_;
    });
    return realised_dates_;
  }

 private:
  std::unique_ptr<std::once_flag[]> once_;
  mutable std::vector<Batches> mapped_;
  mutable std::once_flag counted_;
  mutable size_t realised_dates_ = 0;
};

Panel Panel::open(const fs::path& store, bool verify) {
  auto opened = std::make_shared<const Store>(store);
  for (const StoreFile& file : opened->manifest.files) check_file(store, file, verify);
  return Panel(std::move(opened));
}

const PanelInfo& Panel::info() const { return store_->manifest.info; }
const std::vector<Date>& Panel::dates() const { return store_->manifest.dates; }
const std::vector<Date>& Panel::return_ends() const { return store_->manifest.return_ends; }
const std::vector<std::string>& Panel::asset_names() const { return store_->manifest.assets; }
const std::filesystem::path& Panel::folder() const { return store_->path; }
const std::string& Panel::hash() const { return store_->manifest.hash; }
int64_t Panel::late_rows() const { return store_->manifest.late_rows; }
PanelView Panel::as_of(Date t) const { return {*this, t}; }

std::span<const Date> PanelView::dates() const {
  const auto& all = panel_.dates();
  return {all.begin(), std::upper_bound(all.begin(), all.end(), as_of_)};
}

CrossSection PanelView::cross_section(size_t i) const {
  if (i >= dates().size()) throw std::logic_error("a cross-section later than the view's as-of date was asked for");
  const auto store = panel_.store_;
  const auto& base = store->base(i);
  CrossSection out{
      store->manifest.dates[i], values<int32_t>(base, 0), values<float>(base, 2), values<int8_t>(base, 3), {}, store};
  for (const size_t f : store->files_of_date[i]) {
    const StoreFile& file = store->manifest.files[f];
    const auto& batch = store->batch(f, i);
    int column = file.base ? 4 : 0;
    for (const std::string& block : file.blocks) {
      auto* data = const_cast<float*>(matrix(batch, column++));  // mapped read-only; from_blob takes no const
      const auto width = static_cast<int64_t>(store->manifest.info.blocks.at(block).size());
      out.blocks[block] = at::from_blob(
          data, {out.size(), width}, [store](void*) {}, at::TensorOptions(at::kFloat));
    }
  }
  return out;
}

bool PanelView::is_realised(size_t i) const {
  return i < dates().size() && panel_.return_ends()[i] <= as_of_ && i < panel_.store_->realised_dates();
}

CrossSectionWithReturns PanelView::realised(size_t i) const {
  if (!is_realised(i)) throw std::logic_error("returns that were not known at the view's as-of date were asked for");
  return {cross_section(i), panel_.return_ends()[i], values<float>(panel_.store_->base(i), 1)};
}

}  // namespace loadstone
