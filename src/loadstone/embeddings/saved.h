#pragma once
// The vectors that a run has saved (embeddings/<model>.parquet): looked up, compared, and written in the formats of
// other programs.

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "loadstone/core/date.h"
#include "loadstone/data/table.h"

namespace loadstone {

// Vectors of one kind at one date.
struct SavedVectors {
  std::string model, kind;
  Date date, known_at;
  std::vector<std::string> keys;                                         // (n)
  std::vector<std::pair<std::string, std::vector<std::string>>> labels;  // name, (n) values
  at::Tensor X;                                                          // (n, K) double
  bool empty = false;  // of assets: they add nothing to what they are fitted on, dimensions() of neighbours.h
};

// Names of the models with saved vectors, in the order of the run's record. Throws Error(usage) if the folder is no run
// or its study makes no embeddings.
std::vector<std::string> saved_models(const std::filesystem::path& run_folder);

// `kind`: asset or investor. `model` empty: the first that has vectors of that kind fitted on holdings. `date` empty:
// the newest. Throws Error(usage) that names the models, kinds or dates there are.
SavedVectors read_saved(const std::filesystem::path& run_folder, const std::string& model, const std::string& kind,
                        const std::string& date);

// Position of the name: a key, or else the one name with a label that equals it or alone starts with it, case aside.
// Throws Error(usage) with the nearest or the ambiguous names.
int64_t find_name(const SavedVectors& vectors, const std::string& name);

struct Similar {
  int64_t position = 0;
  double cosine = 0;  // of vectors less the mean of all
};
// Throws Error(data) if nothing is nearer than anything else: vectors are all the same, on a line, or this one the
// mean.
std::vector<Similar> most_similar(const SavedVectors& vectors, int64_t position, int64_t k);

// (n, 2) double: the first two principal components of the vectors, largest entry of each positive.
at::Tensor map_of(const at::Tensor& X);

// word2vec's text format, which gensim reads: blanks in keys become `_`; throws Error(data) if two keys then are equal.
void export_word2vec(const SavedVectors& vectors, const std::filesystem::path& folder);
// vectors.tsv and metadata.tsv for the Embedding Projector.
void export_projector(const SavedVectors& vectors, const std::filesystem::path& folder);
// One Parquet file for embedding-atlas: key, labels, x, y, vector.
void export_atlas(const SavedVectors& vectors, const std::filesystem::path& folder);

}  // namespace loadstone
