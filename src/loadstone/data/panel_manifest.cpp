#include "loadstone/data/panel_manifest.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "loadstone/core/atomic_file.h"
#include "loadstone/core/error.h"
#include "loadstone/core/hash.h"

namespace loadstone {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
constexpr int format_version = 1;

json texts(const std::vector<Date>& dates) {
  json out = json::array();
  for (const Date date : dates) out.push_back(date.text());
  return out;
}

std::vector<Date> dates(const json& texts) {
  std::vector<Date> out;
  for (const json& text : texts) out.push_back(Date::parse(text.get<std::string>()));
  return out;
}

json to_json(const StoreFile& f) {
  return {{"name", f.name},   {"hash", f.hash}, {"bytes", f.bytes},  {"first", f.first},
          {"dates", f.count}, {"base", f.base}, {"blocks", f.blocks}};
}

StoreFile file_from(const json& j) {
  return {j.at("name"), j.at("hash"), j.at("bytes"), j.at("first"), j.at("dates"), j.at("base"), j.at("blocks")};
}

Manifest manifest_from(const json& j) {
  if (j.at("format") != format_version)
    throw data_error(fmt::format("its format is {}, this program reads {}; ingest the source again",
                                 j.at("format").dump(), format_version));
  Manifest m;
  m.info = {parse_frequency(j.at("frequency").get<std::string>()), j.at("source"), j.at("timing"), j.at("blocks"),
            j.at("notes")};
  m.dates = dates(j.at("dates"));
  m.return_ends = dates(j.at("return_ends"));
  j.at("rows").get_to(m.rows);
  j.at("assets").get_to(m.assets);
  for (const json& file : j.at("files")) m.files.push_back(file_from(file));
  m.late_rows = j.at("late_rows");
  return m;
}

// Every date has one base file and each block once; files stay in the folder.
void check_consistency(const Manifest& m) {
  const size_t T = m.dates.size();
  if (m.return_ends.size() != T || m.rows.size() != T) throw data_error("its calendar has columns of different length");
  if (std::adjacent_find(m.dates.begin(), m.dates.end(), std::greater_equal<>()) != m.dates.end())
    throw data_error("its dates do not increase");
  std::vector<size_t> base(T, 0), blocks(T, 0);
  for (const StoreFile& file : m.files) {
    if (file.first > T || file.count > T - file.first || file.name.find('/') != std::string::npos)
      throw data_error(fmt::format("its file `{}` does not fit the calendar or the folder", file.name));
    for (size_t i = file.first; i < file.first + file.count; ++i) base[i] += file.base, blocks[i] += file.blocks.size();
    for (const std::string& block : file.blocks)
      if (!m.info.blocks.contains(block))
        throw data_error(fmt::format("its file `{}` has an unlisted block", file.name));
  }
  for (size_t i = 0; i < T; ++i)
    if (base[i] != 1 || blocks[i] != m.info.blocks.size() || m.rows[i] < 0)
      throw data_error(fmt::format("its files do not cover {} once", m.dates[i].text()));
}

bool has_data_files(const fs::path& store) {
  const auto is_data = [](const fs::directory_entry& entry) { return entry.path().extension() == ".arrow"; };
  return fs::is_directory(store) && std::any_of(fs::directory_iterator(store), fs::directory_iterator(), is_data);
}

}  // namespace

fs::path manifest_path(const fs::path& store) { return store / "manifest.json"; }

Manifest read_manifest(const fs::path& store) {
  const fs::path path = manifest_path(store);
  if (!fs::exists(path)) {
    if (has_data_files(store))
      throw data_error(
          fmt::format("{} is an incomplete panel store: writing it was interrupted before its manifest. "
                      "Remove the folder and ingest the source again.",
                      store.string()));
    throw data_error(fmt::format("{} is no panel store: it has no manifest.json. Make one with `loadstone ingest`.",
                                 store.string()));
  }
  try {
    const std::string text = read_file(path);
    Manifest manifest = manifest_from(json::parse(text));
    check_consistency(manifest);
    manifest.hash = hash_text(text);
    return manifest;
  } catch (const std::exception& failure) {
    throw data_error(fmt::format("{} cannot be used: {}", path.string(), failure.what()));
  }
}

void write_manifest(const fs::path& store, const Manifest& m) {
  json files = json::array();
  for (const StoreFile& file : m.files) files.push_back(to_json(file));
  const json j = {{"format", format_version}, {"frequency", name(m.info.frequency)},
                  {"source", m.info.source},  {"timing", m.info.timing},
                  {"notes", m.info.notes},    {"blocks", m.info.blocks},
                  {"dates", texts(m.dates)},  {"return_ends", texts(m.return_ends)},
                  {"rows", m.rows},           {"assets", m.assets},
                  {"files", files},           {"late_rows", m.late_rows}};
  std::string text;
  try {
    text = j.dump(1);
  } catch (const json::type_error&) {
    throw data_error(fmt::format("a name in {} is not UTF-8: convert the source to UTF-8 first", store.string()));
  }
  write_atomically(manifest_path(store), text + '\n');
}

}  // namespace loadstone
