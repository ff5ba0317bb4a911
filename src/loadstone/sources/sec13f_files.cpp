#include "loadstone/sources/sec13f_files.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "loadstone/core/error.h"
#include "loadstone/sources/zip_archive.h"

namespace loadstone {
namespace {

namespace fs = std::filesystem;
constexpr std::string_view submissions = "SUBMISSION.tsv";

bool is_archive(const fs::path& path) { return path.extension() == ".zip"; }

void add_archive(const fs::path& path, std::vector<DataSet13F>& out) {
  for (const std::string& member : ZipArchive(path).names()) {
    const size_t slash = member.rfind('/');
    const std::string folder = slash == std::string::npos ? "" : member.substr(0, slash + 1);
    if (member == folder + std::string(submissions)) out.push_back({path, folder});
  }
}

void add_folder(const fs::path& path, std::vector<DataSet13F>& out) {
  if (fs::exists(path / submissions)) {
    out.push_back({path, ""});
    return;
  }
  for (const auto& entry : fs::directory_iterator(path)) {
    if (entry.is_directory()) add_folder(entry.path(), out);
    if (is_archive(entry.path())) add_archive(entry.path(), out);
  }
}

}  // namespace

std::string DataSet13F::name(std::string_view file) const { return (place.filename() / folder / file).string(); }

std::optional<FileBytes> DataSet13F::table(std::string_view file) const {
  if (!is_archive(place)) {
    if (!fs::exists(place / file)) return {};
    return map_file(place / file);
  }
  const ZipArchive archive(place);
  const std::vector<std::string> names = archive.names();
  const std::string member = folder + std::string(file);
  if (std::find(names.begin(), names.end(), member) == names.end()) return {};
  return archive.read(member);
}

FileBytes DataSet13F::required_table(std::string_view file) const {
  if (auto bytes = table(file)) return *bytes;
  throw data_error(fmt::format(
      "there is no {}: a Form 13F data set has SUBMISSION.tsv, COVERPAGE.tsv and INFOTABLE.tsv", name(file)));
}

std::vector<DataSet13F> data_sets_13f(const std::vector<std::string>& paths, const fs::path& base) {
  std::vector<DataSet13F> out;
  for (const std::string& path : paths) {
    const fs::path place = base / path;
    if (!fs::exists(place)) throw data_error(fmt::format("there is no folder or archive {}", place.string()));
    const size_t before = out.size();
    if (fs::is_directory(place))
      add_folder(place, out);
    else
      add_archive(place, out);
    if (out.size() == before)
      throw data_error(
          fmt::format("{} holds no {}: name a folder or .zip archive of SEC Form 13F data sets, or a folder of these",
                      place.string(), submissions));
  }
  std::sort(out.begin(), out.end(),
            [](const auto& a, const auto& b) { return std::tie(a.place, a.folder) < std::tie(b.place, b.folder); });
  return out;
}

}  // namespace loadstone
