// Archives put together byte by byte; tests/python/test_sec13f.py reads those that Python's zipfile makes.
#include "loadstone/sources/zip_archive.h"

#include <gmock/gmock.h>
#include <zlib.h>

#include <fstream>

#include "loadstone/core/random.h"
#include "loadstone/sources/test_folder.h"

namespace loadstone {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::string little(uint64_t value, int bytes) {
  std::string out;
  for (int k = 0; k < bytes; ++k) out += static_cast<char>(value >> (8 * k) & 0xFF);
  return out;
}

std::string deflate_all(const std::string& text) {
  z_stream stream{};
  EXPECT_EQ(deflateInit2(&stream, 6, Z_DEFLATED, -MAX_WBITS, 8, Z_DEFAULT_STRATEGY), Z_OK);
  std::string out(text.size() + 100, '\0'), in = text;
  stream.next_in = reinterpret_cast<Bytef*>(in.data()), stream.avail_in = static_cast<uInt>(in.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data()), stream.avail_out = static_cast<uInt>(out.size());
  EXPECT_EQ(deflate(&stream, Z_FINISH), Z_STREAM_END);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

struct TestMember {
  std::string name, text;
  int method = 8, flags = 0;
};

std::string archive_of(const std::vector<TestMember>& members, const std::string& comment = "") {
  std::string out, directory;
  for (const TestMember& m : members) {
    const std::string packed = m.method == 8 ? deflate_all(m.text) : m.text;
    const uLong crc = crc32(0, reinterpret_cast<const Bytef*>(m.text.data()), static_cast<uInt>(m.text.size()));
    const std::string sizes = little(crc, 4) + little(packed.size(), 4) + little(m.text.size(), 4);
    const std::string kind = little(20, 2) + little(m.flags, 2) + little(m.method, 2) + little(0, 4);
    directory += "PK\x01\x02" + little(20, 2) + kind + sizes + little(m.name.size(), 2) + little(3, 2) + little(2, 2) +
                 little(0, 8) + little(out.size(), 4) + m.name + "abc" + "de";
    out += "PK\x03\x04" + kind + sizes + little(m.name.size(), 2) + little(4, 2) + m.name + "wxyz" + packed;
  }
  const std::string counts = little(0, 4) + little(members.size(), 2) + little(members.size(), 2);
  return out + directory + "PK\x05\x06" + counts + little(directory.size(), 4) + little(out.size(), 4) +
         little(comment.size(), 2) + comment;
}

class Zip : public TestFolder {
 protected:
  ZipArchive open(const std::string& bytes) {
    std::ofstream(folder_ / "a.zip", std::ios::binary) << bytes;  // write() would wait for the disk
    return ZipArchive(folder_ / "a.zip");
  }
};

TEST_F(Zip, members_stored_and_deflated) {
  Stream random(1, "zip_archive_test");
  std::string large;
  for (int k = 0; k < 200'000; ++k) large += static_cast<char>('a' + random.below(k % 7 + 1));
  const ZipArchive archive = open(
      archive_of({{"one.tsv", large}, {"f\\two.tsv", "stored", 0}, {"f/empty", "", 0}, {"none", ""}}, "a comment"));
  EXPECT_THAT(archive.names(), ElementsAre("one.tsv", "f/two.tsv", "f/empty", "none"));
  EXPECT_EQ(archive.read("one.tsv").text, large);
  EXPECT_EQ(archive.read("f/two.tsv").text, "stored");
  EXPECT_EQ(archive.read("f/empty").text, "");
  EXPECT_EQ(archive.read("none").text, "");
  EXPECT_THAT(failure([&] { (void)archive.read("three"); }), HasSubstr("has no member three"));
  EXPECT_THAT(open(archive_of({})).names(), ElementsAre());
}

TEST_F(Zip, what_is_not_read_is_named) {
  EXPECT_THAT(failure([&] { (void)open(archive_of({{"m", "text", 8, 1}})).read("m"); }), HasSubstr("m is encrypted"));
  EXPECT_THAT(failure([&] {
                (void)open(archive_of({{"m", "text", 12}})).read("m");
              }),
              HasSubstr("packed by method 12, which is not read: unpack it"));
  std::string zip64 = archive_of({{"m", "text"}});
  zip64.replace(zip64.size() - 12, 2, "\xFF\xFF");
  EXPECT_THAT(failure([&] { open(zip64); }), HasSubstr("ZIP64"));
  for (const char* text : {"", "no archive", "PK\x05\x06"})
    EXPECT_THAT(failure([&] { open(text); }), HasSubstr("is not a whole .zip archive"));
}

// Every cut and every changed byte is noticed, or changes nothing that is read.
TEST_F(Zip, damage_is_noticed) {
  const std::string text(300, 'x');
  const std::string whole = archive_of({{"m", text + "tail"}, {"n", "stored text", 0}});
  const auto read = [&](const std::string& bytes) {
    const ZipArchive archive = open(bytes);
    for (const std::string& name : archive.names()) {
      const FileBytes out = archive.read(name);
      EXPECT_TRUE(out.text == text + "tail" || out.text == "stored text") << out.text;
    }
  };
  read(whole);
  for (size_t length = 0; length < whole.size(); ++length)
    EXPECT_NE(failure([&] { read(whole.substr(0, length)); }), "no error") << length;
  int noticed = 0;
  for (size_t k = 0; k < whole.size(); ++k)
    for (const int bit : {1, 128}) {
      std::string bytes = whole;
      bytes[k] = static_cast<char>(bytes[k] ^ bit);
      noticed += failure([&] { read(bytes); }) != "no error" ? 1 : 0;
    }
  EXPECT_GT(noticed, static_cast<int>(whole.size()) / 2);
}

}  // namespace
}  // namespace loadstone
