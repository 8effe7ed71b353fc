// Feeds every file of a corpus to a fuzz target: what the fuzzers once found stays found, with any
// compiler and under any sanitizer. An empty corpus proves nothing, so it is a failure.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

using Path = std::filesystem::path;

/// Sorted, so that a crash comes at the same place on every machine.
std::vector<Path> files_in(const Path& corpus) {
  std::vector<Path> files;
  for (const auto& entry : std::filesystem::directory_iterator(corpus)) {
    if (entry.is_regular_file()) {
      files.push_back(entry.path());
    }
  }
  std::sort(files.begin(), files.end());
  return files;
}

void feed(const Path& file) {
  std::cout << file.filename().string() << std::endl;  // flushed: the last line names the culprit
  std::ifstream stream(file, std::ios::binary);
  const std::vector<char> bytes{std::istreambuf_iterator<char>(stream), {}};
  const std::vector<std::uint8_t> input(bytes.begin(), bytes.end());
  LLVMFuzzerTestOneInput(input.data(), input.size());
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2 || !std::filesystem::is_directory(argv[1])) {
    std::cerr << "usage: " << argv[0] << " CORPUS_DIRECTORY\n";
    return 2;
  }
  const auto files = files_in(argv[1]);
  std::for_each(files.begin(), files.end(), feed);
  std::cout << files.size() << " inputs\n";
  return files.empty() ? 1 : 0;
}
