#include "tests/simulation/registrar.hpp"

#include <algorithm>
#include <array>
#include <string_view>

namespace careline::simulation {

void registrar::saw(const event_record&, const event& e) {
  if (const auto* x = std::get_if<reception::contact_opened>(&e))
    newest_ = x->contact.text();
}

void registrar::work() {
  if (all_.is_calm || !all_.draw.one_in(8))
    return;
  switch (all_.draw.below(3)) {
    case 0: return about_records();
    case 1: return about_contacts();
    default: return about_rights();
  }
}

std::string registrar::party() {
  return "person-" + std::to_string(all_.draw.below(6));
}

std::string registrar::contact() {
  return newest_.empty() || all_.draw.one_in(3) ? "nobodys-" + std::to_string(all_.draw.below(3))
                                                : newest_;
}

void registrar::about_records() {
  auto& draw = all_.draw;
  const std::string digit = std::to_string(draw.below(3));
  value::map fields{{"name", "张三"}};
  if (draw.one_in(2))
    fields.emplace_back("phone", "1381234567" + digit);
  if (draw.one_in(12))
    fields.emplace_back("birthday", "1990-03-07");  // nobody needs it for this
  switch (draw.below(6)) {
    case 0:
    case 1: {
      value::map data{{"purpose", "consult"}, {"fields", fields}, {"read_back", true}};
      if (!draw.one_in(3))
        data.emplace_back("party", party());
      if (draw.one_in(3))
        data.emplace_back("contact", contact());
      return ask("customer.register", std::move(data));
    }
    case 2:
      return ask("customer.amend", {{"party", party()},
                                    {"purpose", "consult"},
                                    {"fields", fields},
                                    {"read_back", true},
                                    {"contact", contact()}});
    case 3:
      return ask("customer.find", {{"purpose", "dial"}, {"phone", "1381234567" + digit}});
    case 4:
      return ask("customer.merge", {{"party", party()}, {"into", party()}, {"reason", "same"}});
    default: return ask("customer.split", {{"party", party()}, {"reason", "mistake"}});
  }
}

void registrar::about_contacts() {
  auto& draw = all_.draw;
  switch (draw.below(4)) {
    case 0: return ask("customer.link", {{"party", party()}, {"contact", contact()}});
    case 1: return ask("customer.unlink", {{"party", party()}, {"contact", contact()}});
    default:
      return ask("identity.verify", {{"party", party()},
                                     {"contact", contact()},
                                     {"level", draw.between(1, 3)},
                                     {"method", draw.one_in(2) ? "sms_code" : "document_seen"},
                                     {"passed", !draw.one_in(3)}});
  }
}

void registrar::about_rights() {
  auto& draw = all_.draw;
  constexpr std::array kinds{"access", "copy", "correction", "erasure", "withdrawal"};
  const auto right = "right-" + std::to_string(draw.between(1, 6));
  switch (draw.below(7)) {
    case 0:
      return ask("consent.give", {{"party", party()},
                                  {"purpose", draw.one_in(2) ? "care" : "disclose:courier"},
                                  {"channel", "phone"},
                                  {"proof", "recording-" + std::to_string(draw.below(9))}});
    case 1: return ask("consent.withdraw", {{"party", party()}, {"purpose", "care"}});
    case 2:
      return ask("right.request", {{"party", party()},
                                   {"kind", kinds.at(draw.below(kinds.size()))},
                                   {"contact", contact()}});
    case 3: return ask("right.fulfil", {{"right", right}, {"proof", "letter"}});
    case 4: return ask("right.refuse", {{"right", right}, {"reason", "given_before"}});
    case 5:
      if (draw.one_in(5))
        return ask("customer.erase", {{"party", party()}, {"reason", "asked_for"}});
      [[fallthrough]];
    default: {
      value::map data{{"party", party()}, {"fields", value::list{"name"}}, {"purpose", "dial"}};
      if (draw.one_in(3))
        data.emplace_back("third_party", "courier");
      return ask("customer.reveal", std::move(data));
    }
  }
}

bool is_trace_of_refusal(std::string_view event_type) {
  constexpr std::array<std::string_view, 4> traces{
      "customer.field_refused", "customer.field_rejected", "customer.reveal_limited",
      "customer.disclosure_denied"};
  return std::find(traces.begin(), traces.end(), event_type) != traces.end();
}

} // namespace careline::simulation
