// The pages that come from the binary, asked for over a socket.
#include "http/routes/docs.h"

#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "embedded_assets.h"
#include "http/gzip.h"
#include "http/server.h"
#include "telemetry/log.h"
#include "telemetry/metrics.h"
#include "unit/http/raw_client.h"

namespace rankloop {
namespace {

using testing::Answer;

class Docs : public ::testing::Test {
 protected:
  Docs() {
    http::ServerOptions options;
    options.port = 0;
    options.token = "a-secret-of-16-letters";  // the pages answer without it
    server_ = std::move(http::make_server(options, metrics_.http, logger_)).value();
    std::vector<http::Route> routes;
    http::add_docs_routes(routes, R"({"openapi":"3.1.0"})", "1.2.3");
    server_->serve(std::move(routes), nullptr);
    thread_ = std::thread([this] { server_->run(); });
  }
  ~Docs() override {
    server_->stop();
    thread_.join();
  }

  Answer get(const std::string& path, const std::string& headers = {}) {
    testing::RawClient client(server_->port());
    client.send("GET " + path + " HTTP/1.1\r\nHost: localhost\r\n" + headers + "\r\n");
    return client.read();
  }

  telemetry::Metrics metrics_;
  telemetry::Logger logger_{telemetry::LogLevel::kOff, telemetry::LogFormat::kText};
  std::unique_ptr<http::Server> server_;
  std::thread thread_;
};

TEST_F(Docs, NamesTheProgramToClientsOfJson) {
  const Answer answer = get("/", "Accept: application/json\r\n");
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.body, R"({"name":"rankloop","version":"1.2.3"})");
}

TEST_F(Docs, RevalidatesTheDescription) {
  const Answer first = get("/openapi.json");
  EXPECT_EQ(first.body, R"({"openapi":"3.1.0"})");
  const Answer again = get("/openapi.json", "If-None-Match: " + first.header("ETag") + "\r\n");
  EXPECT_EQ(again.status, 304);
  EXPECT_TRUE(again.body.empty());
}

// Every page and asset that was built in answers, loads nothing from elsewhere, and is the same with and
// without gzip.
TEST_F(Docs, ServesWhatWasBuiltIn) {
  for (const EmbeddedFile& file : embedded_assets()) {
    std::string name(file.path);
    const bool compressed = name.ends_with(".gz");
    if (compressed) name.resize(name.size() - 3);
    std::string path = "/docs/" + name;
    if (name == "index.html") path = "/";
    if (name == "docs.html" || name == "redoc.html") path = "/" + name.substr(0, name.find('.'));
    const Answer plain = get(path);
    EXPECT_EQ(plain.status, 200) << path;
    EXPECT_EQ(plain.body, compressed ? http::gunzip(file.bytes) : std::string(file.bytes)) << path;
    EXPECT_EQ(plain.header("X-Content-Type-Options"), "nosniff") << path;
    if (name.ends_with(".html")) {
      EXPECT_TRUE(plain.header("Content-Security-Policy").starts_with("default-src 'self'")) << path;
      EXPECT_EQ(plain.body.find("http://"), std::string::npos) << path;
      EXPECT_EQ(plain.body.find("https://"), std::string::npos) << path;
    }
    const Answer packed = get(path, "Accept-Encoding: gzip, br\r\n");
    EXPECT_EQ(packed.header("Content-Encoding"), compressed ? "gzip" : "") << path;
    EXPECT_EQ(packed.body, file.bytes) << path;
  }
}

}  // namespace
}  // namespace rankloop
