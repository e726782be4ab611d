#define BOOST_DISABLE_ASSERTS  // as for all of gateway/http
#include "gateway/http/parsing.hpp"

#include <array>
#include <boost/asio/buffer.hpp>
#include <optional>
#include <vector>

#include "gateway/http/people_routes.hpp"
#include "gateway/http/static_files.hpp"
#include "messages/json.hpp"
#include "messages/owners.hpp"
#include "messages/queries.hpp"
#include "messages/vocabulary.hpp"
#include "tests/fuzz/promises.hpp"

// A connection's bytes: requests one behind the other, their parts, and what is answered.
//
// Input: the bytes as they come from the other side, until it closes.

namespace careline::gateway::http {

/// In place of the built page, so that the fuzzer needs none.
std::span<const static_file> static_files() noexcept {
  static constexpr std::array<static_file, 2> files{
      static_file{"/index.html", "text/html", "\"1a\"", false, "<html>", ""},
      static_file{"/assets/a.js", "text/javascript", "\"2b\"", true, "a();", "packed"}};
  return files;
}

} // namespace careline::gateway::http

namespace {

using namespace careline;
using namespace careline::gateway::http;
using fuzz::hold;

http_options options() {
  http_options o;
  o.metrics = [] { return std::string{"careline_up 1\n"}; };
  o.readiness = [](bool verbose, bool& ready) {
    ready = true;
    return std::string{verbose ? "log: ok" : ""};
  };
  o.whole_board = [] { return board_frame{7, true, R"({"at":7})"}; };
  o.now = [] { return from_ms(1'772'413'200'000); };
  return o;
}

/// No line of a header ends where nobody ended it.
void hold_headers(const plain_answer& said) {
  hold(said.status >= 200 && said.status <= 599, "an answer has a status");
  for (const auto& [name, text] : said.headers)
    hold(text.find_first_of(std::string_view{"\r\n\0", 3}) == text.npos, "a header is one line");
}

/// A refusal says what it is.
void hold_answer(const plain_answer& said) {
  hold_headers(said);
  if (said.status < 400)
    return;
  hold(said.type == "application/problem+json", "a refusal is a problem");
  const auto body = from_json(said.body);
  hold(body && !body->text_or("type").empty() && !body->text_or("title").empty(),
       "a refusal has a code and a sentence");
  hold(body->int_or("status", 0) == said.status, "a refusal says its status");
}

/// One person with a session and a program with a key, who may do what is about contacts.
class one_of_each final : public gateway::people_keeper {
public:
  answer<gateway::visitor> visitor_of(const gateway::credential& shown) override {
    if (shown.token != "right" && shown.api_key != "clk_00000001_right")
      return no(because("security.sign_in_needed"));
    gateway::visitor who;
    who.client = client_id{shown.api_key.empty() ? "li" : "shop"};
    who.roles = {"agents"};
    return who;
  }
  bool may_send(const gateway::visitor&, std::string_view type) const override {
    return type.starts_with("contact.");
  }
  bool may_see(const gateway::visitor&, std::string_view) const override { return false; }
  void sign_in(gateway::sign_in_request,
               std::function<void(answer<gateway::signed_in>)>) override {}
  void sign_out(const gateway::credential&) override {}
  std::string page_token(const gateway::credential&) const override { return "own"; }
  void note_refused(const client_id&, std::string_view, std::string_view,
                    const std::string&) override {}
};

/// With people nothing but health and files is told to nobody, and nothing changes but by a page
/// of the session's own or by a key.
std::string answered_with_people(const request_parser::value_type& request) {
  static one_of_each people;
  static const auto with = [] {
    auto o = options();
    o.people = &people;
    return o;
  }();
  const auto asked = view_of(request);
  const auto chosen = route(asked, with);
  const auto shown = credential_of(asked, with);
  const bool is_known = people.visitor_of(shown).has_value();
  if (const auto* wanted = std::get_if<command_wanted>(&chosen)) {
    const auto& told = wanted->command;
    hold(is_known, "nobody is asked and told but by those who may");
    hold(told.source == (shown.api_key.empty() ? "li" : "shop"), "a name comes from what is shown");
    hold(told.type.starts_with("contact."), "nobody sends what he may not");
    const auto read = read_command(told.type, told.data);
    hold(read && (is_query(*read) || !shown.api_key.empty() || asked.page_token == "own"),
         "a page proves that it is the session's own");
    return "command " + told.type;
  }
  if (std::holds_alternative<sign_in_wanted>(chosen))
    return "sign in";
  if (std::holds_alternative<events_wanted>(chosen)) {
    hold(is_known, "nobody follows but those who may");
    return "events";
  }
  const auto& said = std::get<plain_answer>(chosen);
  hold_answer(said);
  return std::to_string(said.status) + " " + said.body;
}

/// Only questions go to the engine, and none that gives a person's address away.
void hold_query(const command_wanted& wanted) {
  const auto& asked = wanted.command;
  hold(asked.source == "http", "who asks over HTTP is called so, whatever the body says");
  const auto read = read_command(asked.type, asked.data);
  hold(read && is_query(*read), "what is handed on is a question");
  hold(!std::holds_alternative<query::contact_address>(*read), "no address is asked for");
  hold(!std::holds_alternative<query::contact_read>(*read), "nothing that was said is asked for");
  hold(owner_of(asked.type) != owner::registration, "nobody is asked about");
  const auto again = read_command_envelope(to_value(asked));
  hold(again && again->id == asked.id, "what is handed on can be read");
  const auto told = reply_answer(refuse(asked.id, because("log.bad_position")));
  hold_headers(told);
  const auto body = from_json(told.body);
  hold(body && body->text_or("id") == asked.id, "who asked can tell whose answer it is");
}

bool begins_like_loopback(std::string_view host) {
  const auto is_like = [&](std::string_view name) {
    return host.size() >= name.size()
           && std::equal(name.begin(), name.end(), host.begin(),
                         [](char a, char b) { return a == (b >= 'A' && b <= 'Z' ? b | 32 : b); });
  };
  return is_like("127.") || is_like("localhost") || is_like("[::1]");
}

/// One word for each answer, so that two runs over the same bytes can be compared.
std::string answered(const request_parser::value_type& request) {
  static const auto with = options();
  const auto asked = view_of(request);
  const auto chosen = route(asked, with);
  const auto* said = std::get_if<plain_answer>(&chosen);
  if (!said || said->status < 400) {
    hold(asked.host.empty() ? !asked.host_needed : begins_like_loopback(asked.host),
         "only names of this machine are answered");
    const auto scheme = asked.origin.find("://");
    hold(asked.origin.empty()
             || (scheme != asked.origin.npos
                 && begins_like_loopback(asked.origin.substr(scheme + 3))),
         "no other site is answered");
  }
  if (const auto* wanted = std::get_if<command_wanted>(&chosen)) {
    hold(asked.method == "POST", "a question is a POST");
    hold_query(*wanted);
    return "query " + wanted->command.type;
  }
  if (!said)
    return "events";
  hold_answer(*said);
  return std::to_string(said->status) + " " + said->body;
}

/// Reads as a session does, `step` bytes at a time: `put` is what Beast's reading comes down to.
/// Gives the answers to whole requests; whether bytes that never become one are told so or left
/// depends on how many came at once.
class conversation {
public:
  explicit conversation(std::size_t step) : step_(step) {}

  std::vector<std::string> with(std::string_view bytes) {
    while (!is_over_ && (!bytes.empty() || !held_.empty())) {
      if (!parser_) {
        set_limits(parser_.emplace());
        parser_->eager(true);
      }
      held_ += bytes.substr(0, step_);
      bytes.remove_prefix(std::min(bytes.size(), step_));
      read(bytes.empty());
    }
    return std::move(answers_);
  }

private:
  void read(bool is_last) {
    boost::beast::error_code failed;
    for (std::size_t used = 1; used > 0 && !held_.empty() && !failed && !parser_->is_done();) {
      used = parser_->put(boost::asio::const_buffer(held_.data(), held_.size()), failed);
      held_.erase(0, used);
    }
    if (failed == boost::beast::http::error::need_more)
      failed = {};
    if (!failed && !parser_->is_done() && is_last)
      parser_->put_eof(failed);
    if (failed)
      return end(answer_to(failed));
    if (!parser_->is_done()) {
      is_over_ = is_last;
      return;
    }
    answers_.push_back(answered(parser_->get()));
    answers_.push_back(answered_with_people(parser_->get()));
    is_over_ = !parser_->get().keep_alive();
    parser_.reset();
  }
  void end(const std::optional<plain_answer>& said) {
    is_over_ = true;
    if (said)
      hold_answer(*said);
  }

  std::size_t step_;
  std::optional<request_parser> parser_;
  std::string held_;
  std::vector<std::string> answers_;
  bool is_over_ = false;
};

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto bytes = fuzz::text_of(data, size);
  const auto at_once = conversation{std::max<std::size_t>(size, 1)}.with(bytes);
  const auto in_parts = conversation{1 + size % 7}.with(bytes);
  hold(in_parts == at_once, "bytes mean the same in whatever parts they come");
  return 0;
}
