// The commands `similar` and `export`: the vectors that a run has saved.

#include <fmt/format.h>

#include <cstdio>
#include <map>

#include "cli/commands.h"
#include "cli/text_table.h"
#include "loadstone/core/error.h"
#include "loadstone/embeddings/saved.h"
#include "loadstone/experiment/row_table.h"

namespace loadstone::cli {

int similar(const SavedArguments& which, const std::string& name, int k) {
  const SavedVectors vectors = read_saved(which.run, which.model, which.kind, which.date);
  const int64_t position = find_name(vectors, name);
  std::vector<std::string> columns{"nearest"};
  for (const auto& [label, texts] : vectors.labels) columns.push_back(label);
  const auto described = [&](int64_t i) {
    std::vector<std::string> out{vectors.keys[i]};
    for (const auto& [label, texts] : vectors.labels) out.push_back(texts[i]);
    return out;
  };
  RowTable rows(columns, {"cosine"});
  rows.add(described(position), {1.0});
  for (const Similar& one : most_similar(vectors, position, k)) rows.add(described(one.position), {one.cosine});
  const std::string title = fmt::format("{}s like {}, by {}, {}", which.kind == "asset" ? "Asset" : "Investor",
                                        vectors.keys[position], vectors.model, vectors.date.text());
  const ReportTable table{"similar", title, "", rows.table(), {{"cosine", "0.000"}}, {}};
  fmt::print("{}", text_table(table));
  return 0;
}

int export_vectors(const SavedArguments& which, const std::string& format, const std::filesystem::path& out) {
  using Export = void (*)(const SavedVectors&, const std::filesystem::path&);
  const std::map<std::string, Export> formats{
      {"word2vec", export_word2vec}, {"projector", export_projector}, {"atlas", export_atlas}};
  if (!formats.contains(format)) throw unknown_name("format", format, "export", {"word2vec", "projector", "atlas"});
  if (std::filesystem::exists(out) && !std::filesystem::is_directory(out))
    throw usage_error(fmt::format("--out {} is a file: needed is a folder to write to", out.string()));
  const SavedVectors vectors = read_saved(which.run, which.model, which.kind, which.date);
  std::filesystem::create_directories(out);
  formats.at(format)(vectors, out);
  fmt::print("{} {}s of {}, {}: {}\n", vectors.keys.size(), which.kind, vectors.model, vectors.date.text(),
             out.string());
  return 0;
}

}  // namespace loadstone::cli
