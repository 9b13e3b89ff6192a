// The command domain check.
#include "cli/domain_check.h"

#include <cerrno>
#include <cstring>
#include <fstream>
#include <iostream>
#include <memory>
#include <optional>
#include <ostream>
#include <string_view>

#include "cli/domain_diff.h"
#include "cli/domain_infer.h"
#include "domain/domain.h"
#include "domain/strict_json.h"

namespace rankloop::cli {
namespace {

// One byte more than a domain file may have: enough to see that it is too large, whatever the file is.
constexpr std::size_t kMostRead = (1 << 20) + 1;

constexpr std::size_t kMostFaults = 100;

std::optional<std::string> read_text(const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  if (!in) return std::nullopt;
  std::string text(kMostRead, '\0');
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (in.bad() || (in.gcount() == 0 && !in.eof())) return std::nullopt;
  text.resize(static_cast<std::size_t>(in.gcount()));
  return text;
}

std::string quoted(std::string_view text) {
  std::string out;
  append_json_string(out, text);
  return out;
}

void print_faults(const std::string& file, const DomainCheck& check, std::ostream& out) {
  for (const DomainFault& fault : check.faults) {
    out << file << ':' << fault.line << ':' << fault.column << ": " << fault.message << '\n';
  }
}

void print_schema(std::string_view side, const Noun& noun, const Schema& schema, std::ostream& out) {
  out << "  " << side << ' ' << noun.one << " (" << noun.many << "): " << schema.fields().size()
      << " fields, " << schema.derived().size() << " derived, " << schema.checks().size() << " checks\n";
}

void print_summary(const std::string& file, const Domain& domain, std::ostream& out) {
  out << file << ": the domain " << domain.name << " is good\n";
  print_schema("request", domain.request, domain.requests, out);
  print_schema("item", domain.item, domain.items, out);
  if (const std::size_t said = domain.candidate_fields.fields().size(); said > 0)
    out << "  candidate: " << said << " fields, " << domain.candidate_derived().size() << " derived\n";
  if (const auto stored = domain.person.fields(); !stored.empty()) {
    out << "  stored of persons:";
    for (const Field& field : stored) out << ' ' << field.name;
    out << '\n';
  }
  if (domain.session) out << "  sessions are named by " << domain.requests.words()[*domain.session] << '\n';
  if (domain.item_id_type == ItemIdType::kText)
    out << "  items' ids are texts: " << domain.item_id_field << '\n';
  out << "  " << domain.features.size() << " features, " << domain.crosses.size() << " crosses, "
      << domain.rules.size() << " rules\n";
  for (const Rule& rule : domain.rules) out << "  rule: " << rule.text << '\n';
  for (const Wish& wish : domain.wishes) out << "  wish " << wish.name << ": " << described(wish) << '\n';
  out << "  fingerprint " << domain.fingerprint << '\n';
  out << "  feature fingerprint " << domain.feature_fingerprint << '\n';
}

void print_schema_json(std::string_view side, const Noun& noun, const Schema& schema, std::ostream& out) {
  out << ',' << quoted(side) << ":{\"noun\":" << quoted(noun.one) << ",\"plural\":" << quoted(noun.many)
      << ",\"fields\":" << schema.fields().size() << ",\"derived\":" << schema.derived().size()
      << ",\"checks\":" << schema.checks().size() << '}';
}

void print_json(const std::string& file, const DomainCheck& check, std::ostream& out) {
  out << "{\"file\":" << quoted(file) << ",\"good\":" << (check.domain ? "true" : "false") << ",\"faults\":[";
  for (std::size_t i = 0; i < check.faults.size(); ++i) {
    const DomainFault& fault = check.faults[i];
    out << (i > 0 ? "," : "") << "{\"line\":" << fault.line << ",\"column\":" << fault.column
        << ",\"message\":" << quoted(fault.message) << '}';
  }
  out << ']';
  if (check.domain) {
    const Domain& domain = *check.domain;
    out << ",\"name\":" << quoted(domain.name);
    print_schema_json("request", domain.request, domain.requests, out);
    print_schema_json("item", domain.item, domain.items, out);
    out << ",\"candidate\":{\"fields\":" << domain.candidate_fields.fields().size()
        << ",\"derived\":" << domain.candidate_derived().size() << '}';
    out << ",\"person\":{\"fields\":" << domain.person.fields().size() << '}';
    if (domain.session)
      out << ",\"session\":{\"key\":" << quoted(domain.requests.words()[*domain.session]) << '}';
    out << ",\"features\":" << domain.features.size() << ",\"crosses\":" << domain.crosses.size()
        << ",\"rules\":" << domain.rules.size() << ",\"wishes\":" << domain.wishes.size()
        << ",\"fingerprint\":" << quoted(domain.fingerprint)
        << ",\"feature_fingerprint\":" << quoted(domain.feature_fingerprint);
  }
  out << "}\n";
}

DomainCheck checked(const std::string& file) {
  const std::optional<std::string> text = read_text(file);
  DomainCheck check;
  if (text)
    check = read_domain(*text, file);
  else
    check.faults.push_back({1, 1, std::string{"the file cannot be read: "} + std::strerror(errno)});
  if (check.faults.size() > kMostFaults) {
    const std::size_t untold = check.faults.size() - kMostFaults;
    check.faults.resize(kMostFaults + 1);
    check.faults.back().message = std::to_string(untold) + " more faults follow from here on";
  }
  return check;
}

}  // namespace

std::shared_ptr<const Domain> good_domain(const std::string& file, bool json, std::ostream& out) {
  DomainCheck check = checked(file);
  if (!check.domain && json) print_json(file, check, out);
  if (!check.domain && !json) print_faults(file, check, out);
  return check.domain;
}

int domain_check(const std::string& file, bool json, std::ostream& out) {
  const DomainCheck check = checked(file);
  if (json)
    print_json(file, check, out);
  else if (check.domain)
    print_summary(file, *check.domain, out);
  else
    print_faults(file, check, out);
  return check.domain ? 0 : 1;
}

void add_domain(CLI::App& app, CommandResult& result) {
  struct Options {
    std::string file;
    bool json = false;
  };
  auto options = std::make_shared<Options>();
  CLI::App* domain = app.add_subcommand("domain", "Make and check domain files");
  domain->require_subcommand(1);
  domain->footer(
      "Examples:\n"
      "  rankloop domain infer films.csv --out films.toml\n"
      "  rankloop domain check domain/flights.toml");
  add_domain_infer(*domain, result);
  CLI::App* check = domain->add_subcommand("check", "Explain every fault of a domain file with its line");
  check->add_option("file", options->file, "The domain file")->type_name("FILE")->required();
  check->add_flag("--json", options->json, "One JSON object");
  check->footer("Example:\n  rankloop domain check domain/flights.toml");
  add_domain_diff(*domain, result);
  check->callback(
      [options, &result] { result.exit_code = domain_check(options->file, options->json, std::cout); });
}

}  // namespace rankloop::cli
