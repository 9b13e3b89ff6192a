// What a SQLite store's log has that cannot be taken over.
//
// SQLite reads a log up to the first frame that does not fit and forgets the rest without a word. After a
// crash that rest is a commit under way, which nobody was told of; where whole commits stand behind the gap,
// the log was damaged, and what they had was answered.
//
// The format: https://www.sqlite.org/fileformat2.html#the_write_ahead_log
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "error/result.h"

namespace rankloop::storage {

struct LogDamage {
  std::int64_t frame = 0;         // the first that does not fit, from 1; 0: the head of the log
  std::int64_t lost_frames = 0;   // whole ones behind it
  std::int64_t lost_commits = 0;  // that they end; each had the writes of one moment
  std::uint32_t salt = 0;         // the log's own number
};

// Reads "FILE-wal" of the store in `file`, which no process may be using, and changes nothing. Nothing when
// all that was committed can be taken over; kUnavailable: it cannot be read.
Result<std::optional<LogDamage>> find_log_damage(const std::string& file);

// "the log 'data/rankloop.db-wal' is damaged at frame 17: 41 frames behind it, with the writes of 12 commits,
// ..."
std::string in_words(const LogDamage& damage, const std::string& file);

}  // namespace rankloop::storage
