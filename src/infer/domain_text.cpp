// Writes the TOML, with a comment for every column.
#include "infer/domain_text.h"

#include "domain/field_value.h"
#include "domain/strict_json.h"
#include "infer/column_name.h"

namespace rankloop::infer {
namespace {

constexpr std::string_view kLine =
    "# "
    "--------------------------------------------------------------------------------------------------------"
    "-------\n";

// A string of TOML; JSON's own escapes are TOML's too, but for one character.
std::string quoted(std::string_view text) {
  std::string json;
  append_json_string(json, text);
  std::string out;
  for (const char c : json) out += c == '\x7f' ? std::string{"\\u007f"} : std::string(1, c);
  return out;
}

// What may stand in a comment.
std::string plain(std::string_view text) {
  std::string out{text};
  for (char& c : out) {
    if (static_cast<unsigned char>(c) < ' ' || c == '\x7f') c = ' ';
  }
  return out;
}

class Writer {
 public:
  Writer(const Draft& draft, const Inferred& inferred, const Sources& sources)
      : draft_(draft), inferred_(inferred), sources_(sources) {}

  std::string write() {
    write_head();
    text_ += kLine;
    write_side("request", draft_.requests);
    text_ += kLine;
    write_side("item", draft_.items);
    text_ += kLine;
    write_model();
    write_crosses();
    write_rules();
    return std::move(text_);
  }

 private:
  void comment(const std::string& words) {
    constexpr std::size_t kWidth = 110;
    const std::string line = plain(words);
    std::string_view rest = line;
    while (rest.size() > kWidth) {
      const std::size_t blank = rest.rfind(' ', kWidth);
      if (blank == std::string_view::npos || blank == 0) break;
      text_ += "# " + std::string{rest.substr(0, blank)} + "\n";
      rest.remove_prefix(blank + 1);
    }
    text_ += "# " + std::string{rest} + "\n";
  }
  void key(std::string_view name, const std::string& value) {
    text_ += std::string{name} + " = " + value + "\n";
  }

  void comment_on(const char* which, const SourceTable& table, const TableFacts& facts) {
    const bool whole = facts.whole_file;
    comment(std::string{which} + ": " + shortened(table.file, 80) + ", " + (whole ? "all " : "the first ") +
            std::to_string(facts.rows) + " rows" +
            (whole ? "" : ", so nothing is required or closed by what they show"));
    if (facts.bad_rows > 0) {
      comment(std::to_string(facts.bad_rows) + " further rows cannot be read, the first at line " +
              std::to_string(facts.first_bad_line) + ": import with --skip-bad FILE");
    }
  }

  void write_head() {
    comment(
        "A first domain file, made by looking at tables. Every column has a line of what was seen, and of "
        "what is "
        "not sure. Read it, change it, and check it with: rankloop domain check FILE");
    comment_on("items", sources_.items, inferred_.items);
    if (inferred_.history) comment_on("history", *sources_.history, *inferred_.history);
    if (inferred_.requests) comment_on("requests", *sources_.requests, *inferred_.requests);
    for (const std::string& doubt : draft_.doubts) comment("- " + doubt);
    text_ += "\n[domain]\n";
    key("name", quoted(draft_.name));
    text_ += "\n";
  }

  void write_side(const std::string& which, const SideDraft& side) {
    text_ += "[" + which + "]\n";
    key("noun", quoted(side.noun));
    key("plural", quoted(side.many));
    if (which == "item") {
      comment(draft_.id_comment);
      write_id();
    }
    text_ += "\n";
    for (const FieldDraft& field : side.fields) write_column(which, field);
    for (const DerivedDraft& derived : side.derived) write_derived(which, derived);
  }

  void write_id() {
    std::string id = quoted(draft_.id);
    if (draft_.id_is_text || !draft_.id_column.empty()) {
      id = "{field = " + id + (draft_.id_is_text ? ", type = \"string\"" : "") +
           (draft_.id_column.empty() ? "" : ", column = " + quoted(draft_.id_column)) + "}";
    }
    key("id", id);
  }

  void write_column(const std::string& which, const FieldDraft& column) {
    const ColumnReport& report = column.report;
    const std::string of =
        report.table == "items" || report.table == "requests" ? "" : " of the " + report.table;
    const std::string name =
        report.column.empty() ? "(a column without a name)" : shortened(report.column, 80);
    comment((report.column.empty() && column.is_field() ? report.field : name) + of + ": " +
            (report.seen.empty() ? "nothing seen" : report.seen));
    for (const std::string& doubt : report.doubts) comment("  " + doubt);
    if (!column.is_field()) {
      comment("  " + std::string{report.role == "ignored"
                                     ? "no field"
                                     : "no field: it is the " + report.role + " of the " +
                                           (which == "item" ? "item" : "history")});
      text_ += "\n";
      return;
    }
    if (!column.type.why_not.empty()) comment("  no feature: " + column.type.why_not);
    write_field(which, column.type.field, column.column);
  }

  void write_field(const std::string& which, const Field& field, const std::string& column) {
    text_ += "[[" + which + ".field]]\n";
    key("name", quoted(field.name));
    if (!column.empty()) key("column", quoted(column));
    key("type", quoted(name_of(field.type)));
    if (field.minimum) key("minimum", number_text(*field.minimum));
    if (field.maximum) key("maximum", number_text(*field.maximum));
    if (!field.values.empty()) key("values", list(field.values));
    if (field.type == FieldType::kVector) key("size", std::to_string(field.size));
    if (field.type == FieldType::kTags && field.separator != ";") key("separator", quoted(field.separator));
    if (field.epoch != Epoch::kNone)
      key("epoch", field.epoch == Epoch::kSeconds ? "\"seconds\"" : "\"milliseconds\"");
    if (field.preset_now)
      key("default", "\"now\"");
    else if (!field.required)
      key("required", "false");
    text_ += "\n";
  }

  static std::string list(const std::vector<std::string>& words) {
    std::string text = "[";
    for (const std::string& word : words) text += (text.size() > 1 ? ", " : "") + quoted(word);
    return text + "]";
  }

  void write_derived(const std::string& which, const DerivedDraft& derived) {
    comment(derived.why);
    text_ += "[[" + which + ".derived]]\n";
    key("name", quoted(derived.name));
    key("how", quoted(derived.how));
    key("of", quoted(derived.of));
    if (!derived.more.empty()) text_ += derived.more + "\n";
    key("stored", "false");
    text_ += "\n";
  }

  void write_model() {
    text_ += "[model]\nfeatures = [\n";
    for (const std::string& feature : draft_.features) text_ += "  " + quoted(feature) + ",\n";
    text_ += "]\n\n";
  }

  void write_crosses() {
    for (const CrossDraft& cross : draft_.crosses) {
      text_ += "[[cross]]\n";
      key("name", quoted(cross.name));
      key("how", quoted(cross.how));
      key("request", quoted(cross.request));
      key("item", quoted(cross.item));
      text_ += "\n";
    }
  }

  void write_rules() {
    if (draft_.rules.empty()) return;
    comment(
        "What may be shown at all is not guessed. Rules that may be meant; take the marks away from those "
        "that are:");
    for (const std::string& must : draft_.rules) {
      const bool closed = must.find('"') != std::string::npos;  // a remark follows
      text_ += "#\n# [[rule]]\n# must = \"" + must + (closed ? "" : "\"") + "\n# absent = \"passes\"\n";
    }
  }

  const Draft& draft_;
  const Inferred& inferred_;
  const Sources& sources_;
  std::string text_;
};

}  // namespace

std::string text_of(const Draft& draft, const Inferred& inferred, const Sources& sources) {
  return Writer(draft, inferred, sources).write();
}

}  // namespace rankloop::infer
