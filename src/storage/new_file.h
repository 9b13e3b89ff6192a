// A file that is written beside its place and takes its name only when it is complete and on the disk.
//
// Used by one thread. Errors are kUnavailable with the system's reason, unless a comment says more.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include <sys/types.h>

#include "error/result.h"

namespace rankloop::storage {

class NewFile {
 public:
  // Makes `made`, empty and for its user alone; what a killed process left there goes. kFailedPrecondition:
  // another process is writing it.
  static Result<std::unique_ptr<NewFile>> make(const std::string& made);
  // Removes what did not take its name.
  ~NewFile();
  NewFile(const NewFile&) = delete;
  NewFile& operator=(const NewFile&) = delete;

  const std::string& path() const { return path_; }
  Status write(std::string_view bytes);
  // Who may do what with it: nobody but its user may until then.
  Status allow(::mode_t permissions);
  Status flush();
  // kAlreadyExists: there is such a file, and it is not to be replaced.
  Status take_name(const std::string& name, bool replace);

 private:
  NewFile(std::string path, int descriptor) : path_(std::move(path)), descriptor_(descriptor) {}

  std::string path_;  // empty once it has its name
  const int descriptor_;
};

// Puts a folder's names on the disk, so that a crash does not take them back.
Status flush_folder_of(const std::string& file);
// The system's reason for what has just failed: "cannot write 'x': No space left on device".
Error refused_by_system(const std::string& what, const std::string& file);

}  // namespace rankloop::storage
