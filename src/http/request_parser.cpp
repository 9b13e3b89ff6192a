// Feeds Beast's parser and fills the Request.
#include "http/request_parser.h"

#include <algorithm>
#include <new>

#include <boost/beast/http/error.hpp>

#include "http/ascii.h"

namespace rankloop::http {

namespace beast = boost::beast;

namespace {
constexpr std::size_t kFirstReserve = 64U << 10;  // of a body's declared size; what comes decides about more
}

RequestParser::RequestParser(Request& request, std::size_t max_head, BodyBudget& budget)
    : request_(request), budget_(budget), max_head_(max_head) {
  // The bounds are ours. Beast's of the head counts the request line with the fields or apart from them, as
  // the bytes happen to arrive; it only has to stop what is far beyond. Its bound of the body does not know
  // the route.
  header_limit(static_cast<std::uint32_t>(2 * max_head));
  body_limit(boost::none);
}

RequestParser::~RequestParser() {
  budget_.give_back(taken_);
}

std::size_t RequestParser::feed(const char* bytes, std::size_t size) {
  Error error;
  const bool in_head = !head_done_;
  std::size_t used = size;
  try {
    used = put(boost::asio::const_buffer(bytes, size), error);
  } catch (const std::bad_alloc&) {
    std::string().swap(request_.body);
    fault_ = ReadFault::kNoMemory;
  }
  if (fault_ != ReadFault::kNone) return used;
  if (error && error != beast::http::error::need_more) {
    const bool too_large = in_head && error == beast::http::error::header_limit;
    fault_ = too_large ? ReadFault::kHeadTooLarge : ReadFault::kMalformed;
  } else if (in_head) {
    head_size_ += used;
    // What is left over belongs to a head that has not ended yet.
    const std::size_t left_over = head_done_ ? 0 : size - used;
    if (head_size_ + left_over > max_head_) fault_ = ReadFault::kHeadTooLarge;
  }
  return used;
}

void RequestParser::read_body(std::size_t max_body, bool discard) {
  max_body_ = max_body;
  discard_ = discard;
  eager(true);
}

void RequestParser::give_back(std::size_t bytes) {
  budget_.give_back(bytes);
  taken_ -= bytes;
}

void RequestParser::refuse(ReadFault fault, Error& error) {
  fault_ = fault;
  error = beast::http::error::body_limit;  // any error stops the parser
}

void RequestParser::on_request_impl(beast::http::verb, Text method, Text target, int version, Error&) {
  method_size_ = method.size();
  target_size_ = target.size();
  version_ = version;
  head_.append(method.data(), method.size());
  head_.append(target.data(), target.size());
}

void RequestParser::on_field_impl(beast::http::field field, Text name, Text value, Error&) {
  if (head_done_) return;  // a trailer: nothing here uses one
  head_.append(name.data(), name.size());
  head_.append(value.data(), value.size());
  if (field == beast::http::field::host) ++host_fields_;
  if (field == beast::http::field::content_length) {
    // A list of equal lengths is one length to some and none to others.
    length_fields_ += value.find(',') == Text::npos ? 1 : 2;
  }
  if (field == beast::http::field::transfer_encoding) {
    ++coding_fields_;
    chunked_only_ = chunked_only_ && equal_ignoring_case(trim({value.data(), value.size()}), "chunked");
  }
  fields_.push_back({name.size(), value.size()});
}

// A server and a proxy before it that disagree about where a body ends see different requests behind it.
ReadFault RequestParser::framing_fault() const {
  if (length_fields_ > 1) return ReadFault::kFraming;
  if (coding_fields_ == 0) return ReadFault::kNone;
  if (length_fields_ > 0 || coding_fields_ > 1 || version_ < 11) return ReadFault::kFraming;
  return chunked_only_ ? ReadFault::kNone : ReadFault::kUnknownCoding;
}

// Only now does the head stand still, so only now views into it may be made.
void RequestParser::on_header_impl(Error& error) {
  head_done_ = true;
  if (const ReadFault framing = framing_fault(); framing != ReadFault::kNone) return refuse(framing, error);
  std::string_view rest = std::string_view(head_).substr(method_size_ + target_size_);
  request_.headers.reserve(fields_.size());
  for (const FieldSize& field : fields_) {
    request_.headers.emplace_back(rest.substr(0, field.name), rest.substr(field.name, field.value));
    rest.remove_prefix(field.name + field.value);
  }
  if (const auto declared = content_length()) declared_ = *declared;
}

void RequestParser::on_body_init_impl(const boost::optional<std::uint64_t>& size, Error&) {
  if (size && !discard_) request_.body.reserve(std::min<std::size_t>(*size, kFirstReserve));
}

std::size_t RequestParser::on_body_impl(Text body, Error& error) {
  if (body.size() > max_body_ - std::min(max_body_, body_size_)) {
    refuse(ReadFault::kBodyTooLarge, error);
    return 0;
  }
  body_size_ += body.size();
  if (discard_) return body.size();
  if (!budget_.take(body.size())) {
    refuse(ReadFault::kNoRoom, error);
    return 0;
  }
  taken_ += body.size();
  request_.body.append(body.data(), body.size());
  return body.size();
}

// A chunk announces its size: refuse it before it comes.
void RequestParser::on_chunk_header_impl(std::uint64_t size, Text, Error& error) {
  if (size > max_body_ - std::min(max_body_, body_size_)) refuse(ReadFault::kBodyTooLarge, error);
}

std::size_t RequestParser::on_chunk_body_impl(std::uint64_t, Text body, Error& error) {
  return on_body_impl(body, error);
}

}  // namespace rankloop::http
