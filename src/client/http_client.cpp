// Requests over libcurl, and what their faults mean.
#include "client/http_client.h"

#include <algorithm>
#include <array>
#include <system_error>
#include <utility>

#include "client/curl.h"

namespace rankloop::client {

class HttpClient::Transfer {
 public:
  Result<Answer> operator()(const ServerUrl& server, const std::string& token, const Call& call,
                            std::chrono::milliseconds deadline);

 private:
  void prepare(const ServerUrl& server, const Call& call, std::chrono::milliseconds deadline);
  void prepare_body(const Call& call);
  Error fault(const ServerUrl& server, CURLcode code) const;
  static std::size_t give(char* room, std::size_t size, std::size_t count, void* transfer);
  std::size_t upload(std::span<char> room);
  static std::size_t take(const char* bytes, std::size_t size, std::size_t count, void* transfer);

  CurlHandle curl_;
  // Of the request that is under way.
  std::string_view unsent_;
  const Upload* upload_ = nullptr;  // none: unsent_
  std::uint64_t sent_ = 0;          // of the upload
  Status uploaded_;
  std::string received_;
  std::size_t most_bytes_ = 0;
  std::array<char, CURL_ERROR_SIZE> words_{};
};

Result<Answer> HttpClient::Transfer::operator()(const ServerUrl& server, const std::string& token,
                                                const Call& call, std::chrono::milliseconds deadline) {
  CurlHeaders headers;
  headers.add("Accept: application/json");
  headers.add("Expect:");  // a body is sent at once
  if (!token.empty()) headers.add("Authorization: Bearer " + token);
  if (!call.content_type.empty()) headers.add("Content-Type: " + std::string{call.content_type});
  prepare(server, call, deadline);
  curl_.set(CURLOPT_HTTPHEADER, headers.get());
  const CURLcode code = curl_easy_perform(curl_.get());
  if (!uploaded_) return uploaded_.error();
  if (code != CURLE_OK) return fault(server, code);
  long status = 0;
  curl_easy_getinfo(curl_.get(), CURLINFO_RESPONSE_CODE, &status);
  return Answer{static_cast<int>(status), std::move(received_)};
}

void HttpClient::Transfer::prepare(const ServerUrl& server, const Call& call,
                                   std::chrono::milliseconds deadline) {
  received_.clear();
  most_bytes_ = call.most_bytes;
  words_.front() = '\0';
  curl_easy_reset(curl_.get());  // the connection stays
  curl_.set(CURLOPT_ERRORBUFFER, words_.data());
  curl_.set(CURLOPT_URL, (server.text() + std::string{call.path}).c_str());
  curl_.set(CURLOPT_PATH_AS_IS, 1L);
  curl_.set(CURLOPT_PROTOCOLS_STR, "http");
  curl_.set(CURLOPT_PROXY, "");  // whatever the environment says
  curl_.set(CURLOPT_NOSIGNAL, 1L);
  curl_.set(CURLOPT_TIMEOUT_MS, static_cast<long>(std::max<std::int64_t>(deadline.count(), 1)));
  curl_.set(CURLOPT_MAXFILESIZE_LARGE, static_cast<curl_off_t>(call.most_bytes));
  curl_.set(CURLOPT_WRITEFUNCTION, take);
  curl_.set(CURLOPT_WRITEDATA, this);
  prepare_body(call);
  curl_.set(CURLOPT_CUSTOMREQUEST, std::string{call.method}.c_str());
}

// curl sends a request again when a kept connection ends before its answer begins: it cannot know whether the
// server has done what it asks. What is read by a function cannot be read again, so a body is sent once; what
// has none and may change something gets a connection of its own.
void HttpClient::Transfer::prepare_body(const Call& call) {
  unsent_ = call.body;
  upload_ = call.upload;
  sent_ = 0;
  uploaded_ = {};
  if (call.content_type.empty()) {
    curl_.set(CURLOPT_FRESH_CONNECT, call.method == "GET" ? 0L : 1L);
    return;
  }
  curl_.set(CURLOPT_POST, 1L);
  curl_.set(CURLOPT_POSTFIELDSIZE_LARGE,
            static_cast<curl_off_t>(upload_ != nullptr ? upload_->size : call.body.size()));
  curl_.set(CURLOPT_READFUNCTION, give);
  curl_.set(CURLOPT_READDATA, this);
}

std::size_t HttpClient::Transfer::give(char* room, std::size_t size, std::size_t count, void* transfer) {
  auto& self = *static_cast<Transfer*>(transfer);
  if (self.upload_ != nullptr) return self.upload({room, size * count});
  std::string_view& unsent = self.unsent_;
  const std::size_t bytes = unsent.copy(room, size * count);
  unsent.remove_prefix(bytes);
  return bytes;
}

std::size_t HttpClient::Transfer::upload(std::span<char> room) {
  const std::uint64_t left = upload_->size - sent_;
  if (left == 0) return 0;
  auto bytes = upload_->read(room.first(std::min<std::uint64_t>(room.size(), left)));
  if (bytes && *bytes == 0) {
    bytes = Error{ErrorCode::kUnavailable, "what is sent ends after " + std::to_string(sent_) + " of " +
                                               std::to_string(upload_->size) + " bytes"};
  }
  if (bytes) return sent_ += *bytes, *bytes;
  uploaded_ = bytes.error();
  return CURL_READFUNC_ABORT;
}

std::size_t HttpClient::Transfer::take(const char* bytes, std::size_t size, std::size_t count,
                                       void* transfer) {
  auto& self = *static_cast<Transfer*>(transfer);
  if (size * count > self.most_bytes_ - self.received_.size()) return CURL_WRITEFUNC_ERROR;
  self.received_.append(bytes, size * count);
  return size * count;
}

Error HttpClient::Transfer::fault(const ServerUrl& server, CURLcode code) const {
  const auto unavailable = [&server](const std::string& reason) {
    return Error{ErrorCode::kUnavailable, "cannot reach " + server.text() + ": " + reason};
  };
  const auto unreadable = [&server](const std::string& reason) {
    return Error{ErrorCode::kInternal, "http://" + server.authority + ": " + reason};
  };
  long system = 0;
  curl_easy_getinfo(curl_.get(), CURLINFO_OS_ERRNO, &system);
  switch (code) {
    case CURLE_OPERATION_TIMEDOUT:
      return {ErrorCode::kDeadlineExceeded, "no answer from http://" + server.authority};
    case CURLE_GOT_NOTHING:
    case CURLE_PARTIAL_FILE:
    case CURLE_SEND_FAIL_REWIND:
      return unavailable("the connection was closed");
    case CURLE_COULDNT_CONNECT:
    case CURLE_SEND_ERROR:
    case CURLE_RECV_ERROR:
      if (system != 0) return unavailable(std::generic_category().message(static_cast<int>(system)));
      break;
    case CURLE_FILESIZE_EXCEEDED:
    case CURLE_WRITE_ERROR:
      return unreadable("the answer is longer than " + std::to_string(most_bytes_) + " bytes");
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_WEIRD_SERVER_REPLY:
      return unreadable("the answer is not HTTP/1.1");
    default:
      break;
  }
  return unavailable(words_.front() == '\0' ? curl_easy_strerror(code) : words_.data());
}

HttpClient::HttpClient(ServerUrl server, std::string token)
    : server_(std::move(server)), token_(std::move(token)), transfer_(std::make_unique<Transfer>()) {}

Result<HttpClient> HttpClient::of(std::string_view url, std::string token) {
  Result<ServerUrl> server = parse_server_url(url);
  if (!server) return server.error();
  return HttpClient{*std::move(server), std::move(token)};
}

HttpClient::HttpClient(HttpClient&&) noexcept = default;
HttpClient& HttpClient::operator=(HttpClient&&) noexcept = default;
HttpClient::~HttpClient() = default;

Result<Answer> HttpClient::ask(const Call& call, std::chrono::milliseconds deadline) {
  return (*transfer_)(server_, token_, call, deadline);
}

}  // namespace rankloop::client
