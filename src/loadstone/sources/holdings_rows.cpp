#include "loadstone/sources/holdings_rows.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>
#include <string_view>
#include <utility>

#include "loadstone/core/error.h"
#include "loadstone/data/label_filter.h"
#include "loadstone/sources/raw_table.h"

namespace loadstone {
namespace {

using Texts = std::vector<std::string>;
constexpr Date no_date{std::numeric_limits<int>::min()};

// The date for which every row counts, if there is one.
Date one_date(const HoldingsFileConfig& config) {
  if (config.report_dates == "quarter_end" || config.report_dates == "as_reported") return no_date;
  try {
    return Date::parse(config.report_dates);
  } catch (const Error&) {
    throw usage_error(
        fmt::format("[data.holdings] report_dates = \"{}\" is not valid. Valid: as_reported, quarter_end, or one "
                    "date (YYYY-MM-DD)",
                    config.report_dates));
  }
}

// A column of names in one block: few different texts in many rows. Words that mean missing are emptied.
class Names {
 public:
  Names(const RawTable& block, const std::string& column, const Texts& missing) {
    CodedTexts coded = block.coded(column);
    texts_ = coded.texts.texts();
    rows_ = std::move(coded.rows);
    for (std::string& text : texts_)
      if (std::find(missing.begin(), missing.end(), text) != missing.end()) text.clear();
  }
  const std::string& of(size_t row) const { return texts_[static_cast<size_t>(rows_[row])]; }
  // The number of the row's name in `dictionary`, into which it comes; -1 if it is missing.
  int32_t number(size_t row, TextDictionary& dictionary) {
    numbers_.resize(texts_.size(), unknown);
    int32_t& number = numbers_[static_cast<size_t>(rows_[row])];
    if (number == unknown) number = of(row).empty() ? -1 : dictionary.number(of(row));
    return number;
  }

 private:
  static constexpr int32_t unknown = -2;
  std::vector<int32_t> rows_, numbers_;
  Texts texts_;
};

// The columns of one block that become positions.
struct Block {
  std::vector<Date> date, known_at;
  Names investor, asset;
  std::vector<double> dollars, shares;  // shares: empty if the file has none
  std::vector<Names> texts;
  std::vector<std::vector<double>> numbers;
};

// Why a row holds no position, or empty.
std::string_view defect(const Block& rows, size_t i) {
  if (rows.date[i] == no_date) return "report date missing";
  if (rows.known_at[i] == no_date) return "filing date missing";
  if (rows.investor.of(i).empty()) return "investor missing";
  if (rows.asset.of(i).empty()) return "asset missing";
  if (!std::isfinite(rows.dollars[i])) return "value missing or infinite";
  if (rows.dollars[i] < 0) return "value negative";
  if (rows.dollars[i] == 0) return "value zero";
  return {};
}

class Reader {
 public:
  Reader(const HoldingsFileConfig& config, IngestReport& report)
      : config_(config), report_(report), all_count_for_(one_date(config)) {
    for (const std::string& text : config.keep) filters_.push_back(parse_label_filter(text, "[data.holdings] `keep`"));
    for (const Texts* labels : {&config.asset_labels, &config.investor_labels})
      labels_.insert(labels_.end(), labels->begin(), labels->end());
    out_.texts.resize(labels_.size());
  }

  void read(const std::filesystem::path& path) {
    date_style_ = known_style_ = {};
    RawTable::read_blocks(path, columns(), [&](const RawTable& block) { add(block); });
  }

  LongHoldings finish() {
    if (absent_ > 0 && !config_.known_at.empty() && lag_known())
      report_.notes.push_back(fmt::format("{} rows have no filing date; they count as known {} days after their own",
                                          absent_, config_.publication_lag));
    if (early_ > 0)
      report_.notes.push_back(
          fmt::format("{} rows were filed before their report date; they count as known from the report date", early_));
    return std::move(out_);
  }

 private:
  Texts columns() const {
    std::set<std::string> names{config_.date, config_.investor, config_.asset, config_.value};
    for (const std::string& name : {config_.shares, config_.known_at})
      if (!name.empty()) names.insert(name);
    names.insert(labels_.begin(), labels_.end());
    names.insert(config_.investor_numbers.begin(), config_.investor_numbers.end());
    for (const LabelFilter& filter : filters_) names.insert(filter.column);
    return {names.begin(), names.end()};
  }

  bool lag_known() const { return config_.publication_lag >= 0; }

  // When a row could be read: never before its own report date, and never before the filing that carries it.
  std::vector<Date> known_dates(const RawTable& block, const std::vector<Date>& date) {
    std::vector<Date> known = config_.known_at.empty() ? std::vector<Date>(date.size(), no_date)
                                                       : block.dates(config_.known_at, no_date, known_style_);
    for (size_t i = 0; i < known.size(); ++i) {
      if (date[i] == no_date) continue;
      if (known[i] == no_date) {
        ++absent_;
        if (lag_known()) known[i] = Date{date[i].days + config_.publication_lag};
      } else if (known[i] < date[i]) {
        ++early_;
        known[i] = date[i];
      }
    }
    return known;
  }

  Block columns_of(const RawTable& block) {
    const std::vector<Date> date = block.dates(config_.date, no_date, date_style_);
    Block out{.date = date,
              .known_at = known_dates(block, date),
              .investor = {block, config_.investor, config_.missing},
              .asset = {block, config_.asset, config_.missing},
              .dollars = block.numbers(config_.value),
              .shares = config_.shares.empty() ? std::vector<double>() : block.numbers(config_.shares),
              .texts = {},
              .numbers = {}};
    for (const std::string& label : labels_) out.texts.emplace_back(block, label, config_.missing);
    for (const std::string& label : config_.investor_numbers) out.numbers.push_back(block.numbers(label));
    return out;
  }

  std::vector<bool> filtered(const RawTable& block) {
    std::vector<bool> keep(block.rows(), true);
    for (const LabelFilter& filter : filters_) {
      const CodedTexts cells = block.coded(filter.column);
      std::vector<bool> is_kept;
      for (const std::string& cell : cells.texts.texts())
        is_kept.push_back(std::find(filter.values.begin(), filter.values.end(), cell) != filter.values.end());
      int64_t& dropped = report_.dropped[fmt::format("`{}` is none of the values kept", filter.column)];
      for (size_t i = 0; i < keep.size(); ++i)
        if (keep[i] && !is_kept[static_cast<size_t>(cells.rows[i])]) keep[i] = false, ++dropped;
    }
    return keep;
  }

  Date quarter_of(Date date) const {
    if (all_count_for_ != no_date) return all_count_for_;
    return config_.report_dates == "quarter_end" ? date.end_of_quarter() : date;
  }

  void add(const RawTable& raw) {
    report_.rows += static_cast<int64_t>(raw.rows());
    Block block = columns_of(raw);
    const std::vector<bool> keep = filtered(raw);
    for (size_t i = 0; i < keep.size(); ++i) {
      if (!keep[i]) continue;
      if (const std::string_view reason = defect(block, i); !reason.empty())
        ++report_.dropped[std::string(reason)];
      else
        add_row(block, i, rows_of(quarter_of(block.date[i])));
    }
  }

  QuarterRows& rows_of(Date quarter) {
    if (last_ == nullptr || last_quarter_ != quarter) {
      last_ = &out_.quarters[quarter];
      last_quarter_ = quarter;
      last_->texts.resize(labels_.size());
      last_->numbers.resize(config_.investor_numbers.size());
    }
    return *last_;
  }

  void add_row(Block& block, size_t i, QuarterRows& rows) {
    rows.date.push_back(block.date[i]);
    rows.known_at.push_back(block.known_at[i]);
    rows.investor.push_back(block.investor.number(i, out_.investors));
    rows.asset.push_back(block.asset.number(i, out_.assets));
    rows.dollars.push_back(block.dollars[i]);
    rows.shares.push_back(block.shares.empty() ? std::nan("") : block.shares[i]);
    for (size_t k = 0; k < labels_.size(); ++k) rows.texts[k].push_back(block.texts[k].number(i, out_.texts[k]));
    for (size_t k = 0; k < rows.numbers.size(); ++k) rows.numbers[k].push_back(block.numbers[k][i]);
  }

  const HoldingsFileConfig& config_;
  IngestReport& report_;
  Date all_count_for_;
  std::vector<LabelFilter> filters_;
  Texts labels_;
  DateStyle date_style_, known_style_;
  int64_t absent_ = 0, early_ = 0;
  LongHoldings out_;
  QuarterRows* last_ = nullptr;  // rows of a quarter often follow one another
  Date last_quarter_;
};

}  // namespace

LongHoldings read_long_holdings(const HoldingsFileConfig& config, const std::filesystem::path& base,
                                IngestReport& report) {
  Reader reader(config, report);
  for (const std::string& path : config.path) reader.read(base / path);
  return reader.finish();
}

}  // namespace loadstone
