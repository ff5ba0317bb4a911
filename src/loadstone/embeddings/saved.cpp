#include "loadstone/embeddings/saved.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/from_blob.h>
#include <ATen/ops/linalg_svd.h>
#include <ATen/ops/linalg_vector_norm.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cctype>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "loadstone/core/atomic_file.h"
#include "loadstone/core/error.h"
#include "loadstone/embeddings/embedding.h"
#include "loadstone/embeddings/neighbours.h"
#include "loadstone/experiment/runner.h"

namespace loadstone {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using Texts = std::vector<std::string>;

// Names of the run's models, in order.
Texts models_of(const fs::path& run_folder) {
  const json record = RunDirectory::open_existing(run_folder).record();
  Texts out;
  if (record.value("study", "") == "embeddings" && record.contains("resolved"))
    for (const json& model : record["resolved"].at("model")) out.push_back(model.at("name"));
  return out;
}

// File of each model.
std::map<std::string, fs::path> files_of(const fs::path& run_folder) {
  std::map<std::string, fs::path> out;
  const fs::path folder = run_folder / "embeddings";
  if (!fs::exists(folder))
    throw usage_error(
        fmt::format("{} has no embeddings: run an experiment with study = \"embeddings\", or `loadstone "
                    "report` if it was interrupted",
                    run_folder.string()));
  for (const auto& entry : fs::directory_iterator(folder))
    if (entry.path().extension() == ".parquet")
      out.emplace(read_parquet_metadata(entry.path()).at("model"), entry.path());
  return out;
}

std::string lower(std::string text) {
  for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return text;
}

Date chosen_date(const Table& table, const std::string& date) {
  const auto& dates = table.dates("date");
  const std::set<Date> all(dates.begin(), dates.end());
  if (date.empty()) return *all.rbegin();
  const Date wanted = Date::parse(date);
  if (all.contains(wanted)) return wanted;
  throw usage_error(fmt::format("there are no vectors of {}; there are of {} dates from {} to {}", date, all.size(),
                                all.begin()->text(), all.rbegin()->text()));
}

SavedVectors rows_of(const Table& table, const std::string& kind, Date date) {
  const auto& vector = table.get<DoubleVectors>("vector");
  SavedVectors out{.kind = kind, .date = date};
  std::vector<double> values;
  std::vector<size_t> rows;
  for (size_t i = 0; i < table.rows(); ++i)
    if (table.texts("kind")[i] == kind && table.dates("date")[i] == date) rows.push_back(i);
  for (const size_t i : rows) {
    out.keys.push_back(table.texts("key")[i]);
    out.known_at = table.dates("known_at")[i];
    const auto from = vector.values.begin() + static_cast<std::ptrdiff_t>(i) * vector.width;
    values.insert(values.end(), from, from + vector.width);
  }
  for (const auto& [name, column] : table.columns()) {
    const auto* texts = std::get_if<Texts>(&column);
    if (texts == nullptr || name == "kind" || name == "key") continue;
    Texts label;
    for (const size_t i : rows) label.push_back((*texts)[i]);
    if (std::ranges::any_of(label, [](const std::string& text) { return !text.empty(); }))
      out.labels.emplace_back(name, std::move(label));
  }
  out.X = at::from_blob(values.data(), {static_cast<int64_t>(rows.size()), vector.width}, at::kDouble).clone();
  return out;
}

std::string plain(std::string text, char instead) {
  for (char& c : text)
    if (std::isspace(static_cast<unsigned char>(c)) != 0) c = instead;
  return text;
}

// Names of the vectors at these positions, for messages.
std::string listed(const SavedVectors& vectors, const std::vector<int64_t>& positions) {
  Texts out;
  for (const int64_t i : positions) {
    if (out.size() == 10) return fmt::format("{}, …", fmt::join(out, ", "));
    out.push_back(vectors.keys[i]);
    if (!vectors.labels.empty()) out.back() += fmt::format(" ({})", vectors.labels[0].second[i]);
  }
  return fmt::format("{}", fmt::join(out, ", "));
}

double length(const at::Tensor& x) { return at::linalg_vector_norm(x).item<double>(); }

void check_directions(const SavedVectors& vectors, int64_t position) {
  const int64_t found = vectors.empty ? 0 : dimensions(vectors.X);
  const std::string what = fmt::format("vectors of {}s by {}, {},", vectors.kind, vectors.model, vectors.date.text());
  const char* instead = "nothing is nearer than anything else. Take another model, or smaller penalties on vectors";
  if (found == 0)
    throw data_error(
        fmt::format("{} are all the same, but for what the fit cannot tell from nothing: {}", what, instead));
  if (found == 1) throw data_error(fmt::format("{} lie on a line, where a cosine is 1 or -1: {}", what, instead));
  const at::Tensor own = vectors.X[position];
  if (length(own - vectors.X.mean(0)) <= 1e-12 * length(own))
    throw data_error(fmt::format("{}: that of {} is their mean, so it has no direction", what, vectors.keys[position]));
}

}  // namespace

Texts saved_models(const fs::path& run_folder) {
  Texts out = models_of(run_folder);
  const auto files = files_of(run_folder);
  std::erase_if(out, [&](const std::string& name) { return !files.contains(name); });
  return out;
}

SavedVectors read_saved(const fs::path& run_folder, const std::string& model, const std::string& kind,
                        const std::string& date) {
  const Texts names = saved_models(run_folder);
  const auto files = files_of(run_folder);
  Texts candidates = names;
  if (!model.empty()) {
    if (!files.contains(model)) throw unknown_name("model", model, "the run", names);
    candidates = {model};
  }
  for (const std::string& name : candidates) {
    const Table table = read_parquet(files.at(name));
    const auto& kinds = table.texts("kind");
    const bool of_holdings = std::ranges::find(kinds, "investor") != kinds.end();
    if (std::ranges::find(kinds, kind) == kinds.end() || (model.empty() && !of_holdings && names.size() > 1)) continue;
    SavedVectors out = rows_of(table, kind, chosen_date(table, date));
    out.model = name;
    if (const auto found = table.metadata.find("empty"); kind == "asset" && found != table.metadata.end()) {
      const auto dates = json::parse(found->second).get<Texts>();
      out.empty = std::ranges::find(dates, out.date.text()) != dates.end();
    }
    return out;
  }
  throw usage_error(fmt::format("no vectors of kind `{}` in {}. Kinds are asset and investor; models: {}", kind,
                                model.empty() ? "the run" : "`" + model + "`", fmt::join(names, ", ")));
}

int64_t find_name(const SavedVectors& vectors, const std::string& name) {
  const auto key = std::ranges::find(vectors.keys, name);
  if (key != vectors.keys.end()) return key - vectors.keys.begin();
  std::vector<int64_t> equal, starting;
  const auto look = [&](const Texts& texts) {
    for (size_t i = 0; i < texts.size(); ++i) {
      if (lower(texts[i]) == lower(name)) equal.push_back(static_cast<int64_t>(i));
      if (lower(texts[i]).starts_with(lower(name))) starting.push_back(static_cast<int64_t>(i));
    }
  };
  look(vectors.keys);
  for (const auto& [label, texts] : vectors.labels) look(texts);
  for (std::vector<int64_t>* found : {&equal, &starting}) {
    std::ranges::sort(*found);
    found->erase(std::unique(found->begin(), found->end()), found->end());
    if (found->size() == 1) return found->front();
    if (!found->empty())
      throw usage_error(fmt::format("`{}` may be any of {}: give one key", name, listed(vectors, *found)));
  }
  Texts names = vectors.keys;
  for (const auto& [label, texts] : vectors.labels) names.insert(names.end(), texts.begin(), texts.end());
  const std::string near = nearest_name(name, names);
  throw usage_error(fmt::format("`{}` is no key and no label among the {} {}s of {} at {}.{}", name,
                                vectors.keys.size(), vectors.kind, vectors.model, vectors.date.text(),
                                near.empty() ? "" : fmt::format(" Nearest: `{}`.", near)));
}

std::vector<Similar> most_similar(const SavedVectors& vectors, int64_t position, int64_t k) {
  check_directions(vectors, position);
  const at::Tensor unit = directions(vectors.X);
  at::Tensor cosine = unit.mv(unit[position]);
  cosine[position].fill_(-2.0);  // not its own neighbour
  const int64_t most = std::min<int64_t>(k, static_cast<int64_t>(vectors.keys.size()) - 1);
  const at::Tensor near = nearest(cosine.unsqueeze(0), most)[0];
  std::vector<Similar> out;
  for (int64_t i = 0; i < most; ++i) {
    const int64_t at = near[i].item<int64_t>();
    out.push_back({at, cosine[at].item<double>()});
  }
  return out;
}

at::Tensor map_of(const at::Tensor& X) {
  const at::Tensor centred = X - X.mean(0);
  const auto [U, S, Vt] = at::linalg_svd(centred, false);
  const int64_t K = std::min<int64_t>(2, X.size(1));
  at::Tensor out = X.new_zeros({X.size(0), 2});
  at::Tensor components = U.slice(1, 0, K) * S.slice(0, 0, K);
  fix_signs(components, {});
  out.slice(1, 0, K).copy_(components);
  return out;
}

void export_word2vec(const SavedVectors& vectors, const fs::path& folder) {
  std::string text = fmt::format("{} {}\n", vectors.keys.size(), vectors.X.size(1));
  std::set<std::string> taken;
  const double* x = vectors.X.const_data_ptr<double>();
  for (const std::string& key : vectors.keys) {
    const std::string word = plain(key, '_');
    if (!taken.insert(word).second)
      throw data_error(fmt::format("two keys are `{}` in word2vec's format, where blanks become `_`", word));
    text += word;
    for (int64_t k = 0; k < vectors.X.size(1); ++k) text += fmt::format(" {}", *x++);
    text += '\n';
  }
  write_atomically(folder / fmt::format("{}s.word2vec.txt", vectors.kind), text);
}

void export_projector(const SavedVectors& vectors, const fs::path& folder) {
  std::string rows, names = "key";
  for (const auto& [label, texts] : vectors.labels) names += "\t" + plain(label, ' ');
  names += '\n';
  const int64_t K = vectors.X.size(1);
  for (size_t i = 0; i < vectors.keys.size(); ++i) {
    const double* x = vectors.X.const_data_ptr<double>() + static_cast<int64_t>(i) * K;
    rows += fmt::format("{}\n", fmt::join(x, x + K, "\t"));
    names += plain(vectors.keys[i], ' ');
    for (const auto& [label, texts] : vectors.labels) names += "\t" + plain(texts[i], ' ');
    names += '\n';
  }
  write_atomically(folder / "vectors.tsv", rows);
  write_atomically(folder / "metadata.tsv", names);
}

void export_atlas(const SavedVectors& vectors, const fs::path& folder) {
  const at::Tensor map = map_of(vectors.X).contiguous(), X = vectors.X.to(at::kFloat).contiguous();
  std::vector<double> x, y;
  for (int64_t i = 0; i < map.size(0); ++i) {
    x.push_back(map.const_data_ptr<double>()[2 * i]);
    y.push_back(map.const_data_ptr<double>()[2 * i + 1]);
  }
  Table out;
  out.add("key", vectors.keys);
  for (const auto& [label, texts] : vectors.labels) out.add(label, texts);
  out.add("x", std::move(x));
  out.add("y", std::move(y));
  out.add("vector", FloatVectors{static_cast<int>(X.size(1)),
                                 {X.const_data_ptr<float>(), X.const_data_ptr<float>() + X.numel()}});
  write_parquet(out, folder / fmt::format("{}s.parquet", vectors.kind));
}

}  // namespace loadstone
