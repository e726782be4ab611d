#include <catch2/catch.hpp>

#include "actors/registration/rules/documents.hpp"
#include "identity_data.hpp"
#include "messages/fields.hpp"

using namespace careline;
using namespace careline::registration;

namespace {

using kind = document_kind;

/// The number as it is stored with its warnings, or the code of the refusal.
std::string said(kind of, std::string_view typed) {
  const auto d = read_document(of, typed, a_day);
  if (!d)
    return std::string{d.error().code};
  CHECK(d->kind == of);
  std::string out = d->number;
  for (const auto warning : d->warnings)
    out += ' ' + std::string{warning};
  return out;
}

const std::string no_form = "registration.document_form";

} // namespace

TEST_CASE("each document has one row: a word, a title and a check that refuses with a sentence",
          "[R2.2.1]") {
  std::size_t at = 0;
  for (const auto& row : document_rows()) {
    CHECK(static_cast<std::size_t>(row.kind) == at++);
    CHECK(word_of(row.kind) != "?");
    CHECK_FALSE(row.title.empty());
    for (const std::string nothing : {"", " ", "-", "?", "身份证"}) {
      const auto d = row.read(nothing, a_day, {});
      REQUIRE_FALSE(d);
      CHECK(d.error().code.starts_with("registration."));
      CHECK(d.error().sentence.ends_with("."));
    }
  }
  CHECK(at == names(kind{}).size());
}

TEST_CASE("a resident ID is read with all that it says", "[R2.2.1][R2.3.1]") {
  CHECK(said(kind::resident_id, "110105 19491231 002x") == "11010519491231002X");
  CHECK(said(kind::resident_id, "110105491231002") == "11010519491231002X oldForm");
  CHECK(said(kind::resident_id, "110105194912310021") == "registration.id_number_check_digit");
  const auto d = read_document(kind::resident_id, "11010519491231002X", a_day);
  REQUIRE(d->person);
  CHECK(d->person->born == std::chrono::year{1949} / 12 / 31);
}

TEST_CASE("permits of Hong Kong, Macau and Taiwan by their letters and digits", "[R2.3.1]") {
  CHECK(said(kind::hong_kong_macau_permit, "h12345678") == "H12345678");
  CHECK(said(kind::hong_kong_macau_permit, "Ｍ１２３４５６７８") == "M12345678");
  for (const std::string wrong : {"12345678", "C12345678", "H1234567", "H123456789", "H1234567A"})
    CHECK(said(kind::hong_kong_macau_permit, wrong) == no_form);
  CHECK(said(kind::taiwan_permit, "1234 5678") == "12345678");
  for (const std::string wrong : {"1234567", "123456789", "T1234567"})
    CHECK(said(kind::taiwan_permit, wrong) == no_form);
}

TEST_CASE("passports of any country, cards of the army and household books", "[R2.3.1]") {
  CHECK(said(kind::passport, "e12345678") == "E12345678");
  CHECK(said(kind::passport, "EA1234567") == "EA1234567");
  for (const std::string wrong : {"E123", "E1234567890", "PASSPORT", "E1234*678"})
    CHECK(said(kind::passport, wrong) == no_form);
  CHECK(said(kind::military_id, "军字第 1234567 号") == "军字第1234567号");
  CHECK(said(kind::military_id, "士字第２００１９８８") == "士字第2001988号");
  for (const std::string wrong : {"军字第123号", "军字第123456789号", "字第1234567号", "1234567",
                                  "军字1234567号", "A字第1234567号", "号"})
    CHECK(said(kind::military_id, wrong) == no_form);
  CHECK(said(kind::household_book, "012345678") == "012345678");
  for (const std::string wrong : {"12", "0123456789012345678901"})
    CHECK(said(kind::household_book, wrong) == no_form);
}

TEST_CASE("every organisation's code that is in use is read", "[R2.3.1]") {
  const int rows = each_row("uscc_valid.csv", [&](const cells& row) {
    CHECK(said(kind::credit_code, row[0]) == row[0]);
  });
  CHECK((rows == 0 || rows == 29));
}

TEST_CASE("an organisation's code with one character mistyped is never taken", "[R2.3.1]") {
  const std::string right = "9162010567592034XQ";
  CHECK(said(kind::credit_code, "9162 0105 6759 2034 xq") == right);
  for (std::size_t at = 0; at < right.size(); ++at)
    for (const char c : std::string_view{"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"})
      if (c != right[at]) {
        auto wrong = right;
        wrong[at] = c;
        if (read_credit_code(wrong))
          FAIL_CHECK(wrong << " was taken");
      }
}

TEST_CASE("what is wrong with an organisation's code has a name") {
  CHECK(said(kind::credit_code, "9162010567592034X") == "registration.credit_code_length");
  CHECK(said(kind::credit_code, "9162O10567592034XQ") == "registration.credit_code_characters");
  CHECK(said(kind::credit_code, "91A2010567592034XQ") == "registration.credit_code_characters");
  CHECK(said(kind::credit_code, "9162010567592034X0") == "registration.credit_code_check");
}

TEST_CASE("an organisation's code whose inner check fails is taken with a warning") {
  std::string code = "9162010567592034";
  code += '1'; // the inner check is X
  code += credit_code_check(code);
  CHECK(said(kind::credit_code, code) == code + " organisationCode");
}
