// Writing a panel store, and joining blocks to one.
#include <arrow/api.h>
#include <arrow/io/file.h>
#include <arrow/ipc/writer.h>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <numeric>
#include <unordered_map>

#include "loadstone/core/hash.h"
#include "loadstone/data/arrow_check.h"
#include "loadstone/data/panel_manifest.h"

namespace loadstone {
namespace {

namespace fs = std::filesystem;

void written(const arrow::Status& status, const fs::path& path) {
  if (!status.ok())
    throw Error(ErrorKind::task, fmt::format("{} could not be written: {}. Free space on that disk or choose another "
                                             "folder, remove the incomplete store and ingest again.",
                                             path.string(), status.ToString()));
}
template <class T>
T written(arrow::Result<T> result, const fs::path& path) {
  written(result.status(), path);
  return result.MoveValueUnsafe();
}

// A copy whose buffer is filled up with zeros to a multiple of 64 bytes: Arrow's writer puts buffers one after the
// other with padding to 8 only, but writes all bytes of a buffer that is longer than its values by less than 64.
template <class T>
std::shared_ptr<arrow::Array> padded(std::span<const T> values, const std::shared_ptr<arrow::DataType>& type) {
  const size_t bytes = values.size_bytes();
  std::shared_ptr<arrow::Buffer> buffer =
      value_of(arrow::AllocateBuffer(static_cast<int64_t>((bytes + 63) / 64 * 64)), "memory for a month");
  std::fill(buffer->mutable_data() + bytes, buffer->mutable_data() + buffer->size(), uint8_t{0});
  if (bytes > 0) std::memcpy(buffer->mutable_data(), values.data(), bytes);
  return arrow::MakeArray(
      arrow::ArrayData::Make(type, static_cast<int64_t>(values.size()), {nullptr, std::move(buffer)}, 0));
}

std::shared_ptr<arrow::Array> padded_matrix(std::span<const float> values, size_t width) {
  const auto type = arrow::fixed_size_list(arrow::float32(), static_cast<int32_t>(width));
  return std::make_shared<arrow::FixedSizeListArray>(type, static_cast<int64_t>(values.size() / width),
                                                     padded(values, arrow::float32()));
}

// One IPC file of the store. Buffers are aligned to 64 bytes, so that a mapped month can be used in place.
class FileWriter {
 public:
  FileWriter(const fs::path& store, StoreFile file) : path_(store / file.name), file_(std::move(file)) {}

  void add(const std::vector<std::pair<std::string, std::shared_ptr<arrow::Array>>>& columns, int64_t rows) {
    arrow::FieldVector fields;
    arrow::ArrayVector arrays;
    for (const auto& [name, array] : columns) {
      fields.push_back(arrow::field(name, array->type(), false));
      arrays.push_back(array);
    }
    const auto schema = arrow::schema(fields);
    if (!writer_) open(schema);
    written(writer_->WriteRecordBatch(*arrow::RecordBatch::Make(schema, rows, arrays)), path_);
    ++file_.count;
  }

  StoreFile finish() {
    written(writer_->Close(), path_);
    file_.bytes = written(stream_->Tell(), path_);
    if (::fsync(stream_->file_descriptor()) != 0) written(arrow::Status::IOError("flush to disk failed"), path_);
    written(stream_->Close(), path_);
    file_.hash = hash_file(path_);
    return file_;
  }

 private:
  void open(const std::shared_ptr<arrow::Schema>& schema) {
    auto options = arrow::ipc::IpcWriteOptions::Defaults();
    options.alignment = 64;
    options.use_threads = false;
    stream_ = written(arrow::io::FileOutputStream::Open(path_.string()), path_);
    // Arrow aligns what follows its 8 opening bytes, which would leave every buffer 8 bytes off: with 56 bytes before
    // them (an opening of the same format, padded) all is a multiple of 64 from the file's start. Readers go by the
    // footer.
    std::string opening("ARROW1");
    opening.resize(56, '\0');
    written(stream_->Write(opening), path_);
    writer_ = written(arrow::ipc::MakeFileWriter(stream_, schema, options), path_);
  }

  fs::path path_;
  StoreFile file_;
  std::shared_ptr<arrow::io::FileOutputStream> stream_;
  std::shared_ptr<arrow::ipc::RecordBatchWriter> writer_;
};

template <class T>
std::vector<T> gather(const std::vector<T>& values, const std::vector<size_t>& order, size_t width = 1) {
  std::vector<T> out(order.size() * width);
  for (size_t i = 0; i < order.size(); ++i)
    std::copy_n(values.begin() + static_cast<ptrdiff_t>(order[i] * width), width,
                out.begin() + static_cast<ptrdiff_t>(i * width));
  return out;
}

void check_length(const std::string& what, size_t found, size_t needed, Date date) {
  if (found != needed)
    throw data_error(fmt::format("{}: {} has {} values, needed are {}", date.text(), what, found, needed));
}

// `column(j)` names value j of a row.
template <class Name>
void check_finite(std::span<const float> values, size_t width, Date date, const std::vector<std::string>& assets,
                  const Name& column) {
  const auto infinite = std::find_if(values.begin(), values.end(), [](float x) { return std::isinf(x); });
  if (infinite == values.end()) return;
  const auto at = static_cast<size_t>(infinite - values.begin());
  throw data_error(
      fmt::format("{}, asset {}: {} is infinite. Missing values are NaN; an infinite one is an error of "
                  "the source: correct it there.",
                  date.text(), assets[at / width], column(at % width)));
}

void check_rows(const PanelRows& rows, const PanelInfo& info) {
  const size_t N = rows.assets.size();
  check_length("returns", rows.returns.size(), N, rows.date);
  check_length("market_equity", rows.market_equity.size(), N, rows.date);
  check_length("size_group", rows.size_group.size(), N, rows.date);
  if (!rows.known_at.empty()) check_length("known_at", rows.known_at.size(), N, rows.date);
  if (rows.return_end <= rows.date)
    throw data_error(fmt::format("{}: its return ends on {}, not after it", rows.date.text(), rows.return_end.text()));
  check_finite(rows.returns, 1, rows.date, rows.assets, [](size_t) { return "the return"; });
  check_finite(rows.market_equity, 1, rows.date, rows.assets, [](size_t) { return "market equity"; });
  if (std::any_of(rows.size_group.begin(), rows.size_group.end(), [](int8_t g) { return g < -1 || g > 4; }))
    throw data_error(fmt::format("{}: size groups are -1 (none) to 4 (mega)", rows.date.text()));
  if (rows.blocks.size() != info.blocks.size())
    throw data_error(fmt::format("{}: the rows have {} blocks, the store {}", rows.date.text(), rows.blocks.size(),
                                 info.blocks.size()));
  for (const auto& [block, columns] : info.blocks) {
    const auto found = rows.blocks.find(block);
    if (found == rows.blocks.end()) throw data_error(fmt::format("{}: block `{}` is missing", rows.date.text(), block));
    check_length(fmt::format("block `{}`", block), found->second.size(), N * columns.size(), rows.date);
    check_finite(found->second, columns.size(), rows.date, rows.assets, [&](size_t j) { return columns[j]; });
  }
}

void check_block(const std::string& block, const std::vector<std::string>& columns) {
  const auto valid = [](char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; };
  if (block.empty() || !std::all_of(block.begin(), block.end(), valid))
    throw data_error(fmt::format("`{}` cannot name a block: use letters, digits and _", block));
  if (columns.empty()) throw data_error(fmt::format("block `{}` has no columns", block));
}

}  // namespace

struct PanelWriter::State {
  fs::path store;
  Manifest manifest;
  std::unordered_map<std::string, int32_t> numbers;  // of the assets
  std::unique_ptr<FileWriter> file;

  int32_t number(const std::string& asset) {
    const auto [place, is_new] = numbers.try_emplace(asset, static_cast<int32_t>(manifest.assets.size()));
    if (is_new) manifest.assets.push_back(asset);
    return place->second;
  }

  // Rows that were known at their date, by asset number.
  std::vector<size_t> order(const PanelRows& rows, std::vector<int32_t>& assets) {
    std::vector<size_t> kept;
    std::vector<int32_t> all(rows.assets.size(), -1);
    for (size_t i = 0; i < all.size(); ++i) {
      if (!rows.known_at.empty() && rows.known_at[i] > rows.date) continue;
      all[i] = number(rows.assets[i]);
      kept.push_back(i);
    }
    manifest.late_rows += static_cast<int64_t>(all.size() - kept.size());
    std::sort(kept.begin(), kept.end(), [&](size_t a, size_t b) { return all[a] < all[b]; });
    assets = gather(all, kept);
    const auto twice = std::adjacent_find(assets.begin(), assets.end());
    if (twice != assets.end())
      throw data_error(
          fmt::format("{}: asset {} occurs twice", rows.date.text(), manifest.assets[static_cast<size_t>(*twice)]));
    return kept;
  }

  std::string file_name(int year) const {
    const auto taken = [&](const std::string& name) {
      return std::any_of(manifest.files.begin(), manifest.files.end(), [&](const auto& f) { return f.name == name; });
    };
    std::string name = fmt::format("{}.arrow", year);
    for (int part = 2; taken(name); ++part) name = fmt::format("{}-{}.arrow", year, part);
    return name;
  }

  void start_file(Date date) {
    if (file && !manifest.dates.empty() && manifest.dates.back().year() == date.year()) return;
    finish_file();
    StoreFile next{file_name(date.year()), "", 0, manifest.dates.size(), 0, true, {}};
    for (const auto& [block, columns] : manifest.info.blocks) next.blocks.push_back(block);
    file = std::make_unique<FileWriter>(store, std::move(next));
  }

  void finish_file() {
    if (file) manifest.files.push_back(file->finish());
    file.reset();
  }
};

PanelWriter::PanelWriter(std::unique_ptr<State> state) : state_(std::move(state)) {}
PanelWriter::~PanelWriter() = default;
PanelWriter::PanelWriter(PanelWriter&&) noexcept = default;

PanelWriter PanelWriter::create(const fs::path& store, PanelInfo info) {
  if (fs::exists(store) && (!fs::is_directory(store) || !fs::is_empty(store)))
    throw data_error(
        fmt::format("{} is not an empty folder: a panel store is written into a new one. Remove it or "
                    "choose another.",
                    store.string()));
  for (const auto& [block, columns] : info.blocks) check_block(block, columns);
  fs::create_directories(store);
  auto state = std::make_unique<State>();
  state->store = store;
  state->manifest.info = std::move(info);
  return PanelWriter(std::move(state));
}

PanelWriter PanelWriter::append(const fs::path& store) {
  auto state = std::make_unique<State>();
  state->store = store;
  state->manifest = read_manifest(store);
  for (const std::string& asset : state->manifest.assets)
    state->numbers.emplace(asset, static_cast<int32_t>(state->numbers.size()));
  return PanelWriter(std::move(state));
}

void PanelWriter::add(const PanelRows& rows) {
  Manifest& m = state_->manifest;
  if (!m.dates.empty() && rows.date <= m.dates.back())
    throw data_error(
        fmt::format("{} comes after {} in the source: dates must increase", rows.date.text(), m.dates.back().text()));
  check_rows(rows, m.info);
  std::vector<int32_t> assets;
  const auto order = state_->order(rows, assets);
  const auto returns = gather(rows.returns, order);
  const auto market_equity = gather(rows.market_equity, order);
  const auto size_group = gather(rows.size_group, order);
  std::vector<std::pair<std::string, std::shared_ptr<arrow::Array>>> columns{
      {"asset", padded<int32_t>(assets, arrow::int32())},
      {"return", padded<float>(returns, arrow::float32())},
      {"market_equity", padded<float>(market_equity, arrow::float32())},
      {"size_group", padded<int8_t>(size_group, arrow::int8())}};
  for (const auto& [block, names] : m.info.blocks)
    columns.emplace_back(block, padded_matrix(gather(rows.blocks.at(block), order, names.size()), names.size()));
  state_->start_file(rows.date);
  state_->file->add(columns, static_cast<int64_t>(order.size()));
  m.dates.push_back(rows.date);
  m.return_ends.push_back(rows.return_end);
  m.rows.push_back(static_cast<int64_t>(order.size()));
}

void PanelWriter::close() {
  state_->finish_file();
  write_manifest(state_->store, state_->manifest);
}

namespace {

void check_block_rows(const std::vector<BlockRows>& rows, const std::string& block,
                      const std::vector<std::string>& columns) {
  for (size_t i = 0; i < rows.size(); ++i) {
    if (i > 0 && rows[i].date <= rows[i - 1].date)
      throw data_error(fmt::format("{} comes after {} in the source: dates must increase", rows[i].date.text(),
                                   rows[i - 1].date.text()));
    check_length(fmt::format("block `{}`", block), rows[i].values.size(), rows[i].assets.size() * columns.size(),
                 rows[i].date);
    check_finite(rows[i].values, columns.size(), rows[i].date, rows[i].assets, [&](size_t j) { return columns[j]; });
  }
}

// (N, D) values in the order of the cross-section; NaN where there is none.
std::vector<float> match(const CrossSection& month, const std::vector<std::string>& names, const BlockRows* rows,
                         size_t width, JoinCounts& counts) {
  std::vector<float> out(month.assets.size() * width, std::numeric_limits<float>::quiet_NaN());
  size_t found = 0;
  if (rows != nullptr) {
    std::unordered_map<std::string_view, size_t> source;
    for (size_t i = 0; i < rows->assets.size(); ++i)
      if (!source.emplace(rows->assets[i], i).second)
        throw data_error(fmt::format("{}: asset {} occurs twice", rows->date.text(), rows->assets[i]));
    for (size_t i = 0; i < month.assets.size(); ++i) {
      const auto place = source.find(names[static_cast<size_t>(month.assets[i])]);
      if (place == source.end()) continue;
      std::copy_n(rows->values.begin() + static_cast<ptrdiff_t>(place->second * width), width,
                  out.begin() + static_cast<ptrdiff_t>(i * width));
      ++found;
    }
  }
  counts.matched += static_cast<int64_t>(found);
  counts.missing += static_cast<int64_t>(month.assets.size() - found);
  return out;
}

}  // namespace

JoinCounts add_block(const fs::path& store, const std::string& block, const std::vector<std::string>& columns,
                     const std::vector<BlockRows>& rows) {
  check_block(block, columns);
  check_block_rows(rows, block, columns);
  Manifest m = read_manifest(store);
  if (m.info.blocks.contains(block))
    throw data_error(fmt::format("{} has a block `{}` already: choose another name", store.string(), block));
  const Panel panel = Panel::open(store);
  const auto bases = m.files;
  JoinCounts counts;
  size_t offered = 0;
  for (const BlockRows& date : rows) offered += date.assets.size();
  for (const StoreFile& base : bases) {
    if (!base.base) continue;
    const std::string stem = base.name.substr(0, base.name.size() - std::string_view(".arrow").size());
    FileWriter file(store, {fmt::format("{}.{}.arrow", stem, block), "", 0, base.first, 0, false, {block}});
    for (size_t i = base.first; i < base.first + base.count; ++i) {
      const auto at = std::lower_bound(rows.begin(), rows.end(), m.dates[i],
                                       [](const BlockRows& r, Date date) { return r.date < date; });
      const BlockRows* matching = at != rows.end() && at->date == m.dates[i] ? &*at : nullptr;
      const auto month = panel.as_of(m.dates[i]).cross_section(i);
      const auto values = match(month, m.assets, matching, columns.size(), counts);
      file.add({{block, padded_matrix(values, columns.size())}}, month.size());
    }
    m.files.push_back(file.finish());
  }
  counts.unmatched = static_cast<int64_t>(offered) - counts.matched;
  m.info.blocks[block] = columns;
  write_manifest(store, m);
  return counts;
}

}  // namespace loadstone
