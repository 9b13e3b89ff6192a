// gzip and Zstandard, recognised by how the bytes begin and unpacked as they are read.
#pragma once

#include <cstdint>
#include <limits>
#include <memory>
#include <string_view>

#include "error/result.h"
#include "tables/byte_source.h"

namespace rankloop::tables {

enum class Compression { kNone, kGzip, kZstandard };
std::string_view name_of(Compression compression);  // "none", "gzip", "zstd"

// Bytes that begin so are packed so; kInvalidArgument: they are of a kind that is not read (Parquet, a zip
// archive or spreadsheet, bzip2, xz), which the message names. Eight bytes are enough to tell.
Result<Compression> compression_of(std::string_view beginning);

// How much may come out of what goes in. A little text is free; beyond, a packed byte stands for so many at
// most.
inline constexpr std::uint64_t kFreeText = 64U << 20;
inline constexpr std::uint64_t kMostTextForAByte = 250;

// What was packed, streamed: 64 KB of it are held at a time, and the window that it was packed with (gzip:
// 32 KB; zstd: up to 128 MB, its own bound). Files that were packed one after another into one are read as
// one. Reading says kInvalidArgument when the bytes are damaged, end early, or become more text than
// `most` or the bounds above allow.
std::unique_ptr<ByteSource> unpacked(Compression how, std::unique_ptr<ByteSource> packed,
                                     std::uint64_t most = std::numeric_limits<std::uint64_t>::max());

}  // namespace rankloop::tables
