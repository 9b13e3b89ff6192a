// Owners of libcurl's handles. None of them is thread-safe.
#pragma once

#include <memory>
#include <string>

#include <curl/curl.h>

namespace rankloop::client {

// The library is set up while any of these lives; that is counted, on any thread (since curl 7.84).
class CurlLibrary {
 public:
  CurlLibrary() { curl_global_init(CURL_GLOBAL_DEFAULT); }
  ~CurlLibrary() { curl_global_cleanup(); }
  CurlLibrary(const CurlLibrary&) = delete;
  CurlLibrary& operator=(const CurlLibrary&) = delete;
};

// One transfer after another; connections are kept between them.
class CurlHandle {
 public:
  CURL* get() const { return handle_.get(); }
  template <class Value>
  void set(CURLoption option, Value value) {
    curl_easy_setopt(handle_.get(), option, value);
  }

 private:
  struct Free {
    void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
  };
  CurlLibrary library_;  // outlives the handle
  std::unique_ptr<CURL, Free> handle_{curl_easy_init()};
};

// Header lines; they must outlive the transfers that send them.
class CurlHeaders {
 public:
  void add(const std::string& line) { list_.reset(curl_slist_append(list_.release(), line.c_str())); }
  curl_slist* get() const { return list_.get(); }

 private:
  struct Free {
    void operator()(curl_slist* list) const { curl_slist_free_all(list); }
  };
  std::unique_ptr<curl_slist, Free> list_;
};

}  // namespace rankloop::client
