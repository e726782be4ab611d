#include "tools/careline/sign_in_door.hpp"

#include <algorithm>
#include <future>

#include "actors/security/model.hpp"
#include "actors/security/tables/roles.hpp"
#include "gateway/http/one_time_code.hpp"
#include "store/background.hpp"
#include "store/keys/passwords.hpp"

namespace careline::program {

namespace {

constexpr std::string_view session_purpose = "session";
constexpr std::string_view page_purpose = "page";
constexpr std::string_view api_purpose = "api";
constexpr std::chrono::seconds told_within{5};
constexpr std::size_t shown_bytes_max = 1024;

/// clk_<id>_<secret>
std::pair<std::string, std::string> parts_of(const std::string& api_key) {
  constexpr std::string_view begin = "clk_";
  const auto bar = api_key.find('_', begin.size());
  if (!api_key.starts_with(begin) || bar == api_key.npos)
    return {};
  return {api_key.substr(begin.size(), bar - begin.size()), api_key.substr(bar + 1)};
}

} // namespace

sign_in_door::sign_in_door(sign_in_ports ports) : ports_(std::move(ports)) {
  thread_ = std::thread{[this] { work(); }};
}

sign_in_door::~sign_in_door() {
  std::deque<one_waiting> left;
  {
    const std::lock_guard hold{mutex_};
    stops_ = true;
    left.swap(waiting_);
  }
  come_.notify_all();
  thread_.join();
  for (auto& [asked, then] : left)
    then(no(because("engine.stopping")));
}

void sign_in_door::sign_in(gateway::sign_in_request asked,
                           std::function<void(answer<gateway::signed_in>)> then) {
  {
    const std::lock_guard hold{mutex_};
    const auto of_host = std::ranges::count(waiting_, asked.host,
                                            [](const auto& one) { return one.first.host; });
    if (!stops_ && waiting_.size() < waiting_max && of_host < waiting_of_host_max) {
      waiting_.emplace_back(std::move(asked), std::move(then));
      come_.notify_one();
      return;
    }
  }
  then(no(because("engine.busy", {}, "too many sign in at once")));
}

void sign_in_door::work() {
  store::run_in_background("sign-in");
  store::hash_of_nobody();  // not while somebody waits
  std::unique_lock hold{mutex_};
  while (true) {
    come_.wait(hold, [this] { return stops_ || !waiting_.empty(); });
    if (stops_)
      return;
    auto next = std::move(waiting_.front());
    waiting_.pop_front();
    hold.unlock();
    do_one(next);
    hold.lock();
  }
}

/// What goes wrong with one must not end the engine.
void sign_in_door::do_one(const one_waiting& next) {
  const auto begun = clock::now();
  answer<gateway::signed_in> did = no(because("engine.busy"));
  try {
    did = check(next.first);
  } catch (const std::exception&) {
  }
  if (!did) {
    std::unique_lock hold{mutex_};
    come_.wait_until(hold, begun + failing_takes, [this] { return stops_; });
  }
  try {
    next.second(std::move(did));
  } catch (const std::exception&) {
  }
}

answer<gateway::signed_in> sign_in_door::check(const gateway::sign_in_request& asked) {
  // Looked at before the old one, so that nothing is told about that.
  if (asked.new_password
      && (!store::may_be_set(*asked.new_password) || *asked.new_password == asked.password))
    return no(because("security.password_weak", "new_password"));
  const auto book = ports_.book.book();
  const auto* of = book->find(asked.client);
  if (!of || of->hash.empty() || asked.password.size() > shown_bytes_max) {
    auto why = check_unknown(asked);
    note_refused({}, "user.sign_in", why.type, asked.host);
    return no(std::move(why));
  }
  return check_known(asked, *of);
}

/// Tells no more than a wrong password of a name that there is.
problem sign_in_door::check_unknown(const gateway::sign_in_request& asked) {
  const security::access_policy policy;
  const auto now = ports_.now();
  if (unknown_.size() >= unknown_max && !unknown_.contains(asked.client))
    unknown_.erase(std::ranges::min_element(unknown_, {}, [](const auto& one) {
      return one.second.last;
    }));
  auto& of = unknown_[asked.client];
  of.last = clock::now();
  if (of.locked_until && now < *of.locked_until)
    return because("security.locked", {}, "until " + to_rfc3339(*of.locked_until));
  static_cast<void>(store::fits(asked.password, store::hash_of_nobody()));
  if (++of.failures >= policy.failures_max)
    of.locked_until = now + policy.locked_for;
  return because("security.sign_in_failed");
}

problem sign_in_door::failed(const gateway::sign_in_request& asked, security::wrong_proof wrong) {
  const auto said = tell(security::user_fail_sign_in::type,
                         value{value::map{{"client", asked.client.text()},
                                          {"wrong", std::string{word_of(wrong)}},
                                          {"host", asked.host}}});
  // Nobody guesses on where it could not be written down.
  if (said.outcome == outcome_kind::busy || (said.why && said.why->type == "security.locked"))
    return *said.why;
  return because("security.sign_in_failed");
}

answer<gateway::signed_in> sign_in_door::check_known(const gateway::sign_in_request& asked,
                                                     const security::client_access& of) {
  using enum security::wrong_proof;
  if (of.locked_until && ports_.now() < *of.locked_until) {
    note_refused(asked.client, "user.sign_in", "security.locked", asked.host);
    return no(because("security.locked", {}, "until " + to_rfc3339(*of.locked_until)));
  }
  const auto hash = ports_.keys.open(of.person, of.hash);
  if (!hash)
    return no(hash.error());
  const auto is_right = store::fits(asked.password, *hash);
  if (!is_right)
    return no(because("engine.busy", {}, "there is no memory to check a password"));
  if (!*is_right)
    return no(failed(asked, password));
  std::uint64_t step = 0;
  if (!of.second_factor.empty()) {
    if (asked.code.empty())
      return no(because("security.code_needed", "code"));
    const auto secret = ports_.keys.open(of.person, of.second_factor);
    if (!secret)
      return no(secret.error());
    step = gateway::http::step_of_code(*secret, asked.code, ports_.wall());
    if (step == 0)
      return no(failed(asked, code));
  }
  return let_in(asked, of, step);
}

/// Both were right. A new password is set and the session begun in one: neither is without the
/// other. It is set in place of the one that was proven, and of none that came meanwhile.
answer<gateway::signed_in> sign_in_door::let_in(const gateway::sign_in_request& asked,
                                                const security::client_access& proven,
                                                std::uint64_t step) {
  gateway::signed_in did;
  did.token = store::random_token();
  const auto session = store::digest_of_token(did.token, session_purpose);
  value begun{value::map{{"client", asked.client.text()},
                         {"session", session},
                         {"step", value{step}},
                         {"host", asked.host}}};
  if (asked.new_password) {
    auto hash = store::hash_password(*asked.new_password);
    if (hash.empty())
      return no(because("engine.busy", {}, "there is no memory to set a password"));
    const auto book = ports_.book.book();
    if (const auto* now = book->find(asked.client); !now || now->hash != proven.hash)
      return no(because("security.sign_in_failed"));
    begun.set("hash", std::move(hash));
  }
  const auto said = tell(security::user_sign_in::type, std::move(begun));
  if (said.outcome != outcome_kind::accepted)
    return no(said.why.value_or(because("engine.busy")));
  // The engine answers before it has told this book.
  ports_.book.wait_for(
      [&](const auto& book) { return !book.client_in(session, ports_.now()).empty(); },
      told_within);
  auto who = visitor_in(did.token);
  if (!who)
    return no(who.error());
  did.who = std::move(*who);
  return did;
}

std::string sign_in_door::new_id() {
  const std::lock_guard hold{ids_mutex_};
  return ids_.make(ports_.id_now()).text();
}

reply sign_in_door::tell(std::string_view type, value data) {
  command_envelope what;
  what.id = new_id();
  what.type = type;
  what.source = "pages";
  what.data = std::move(data);
  const auto told = std::make_shared<std::promise<reply>>();
  auto answered = told->get_future();
  ports_.submit(std::move(what), [told](reply r) { told->set_value(std::move(r)); });
  if (answered.wait_for(told_within) != std::future_status::ready)
    return refuse({}, because("engine.busy", {}, "the engine does not answer"));
  return answered.get();
}

answer<gateway::visitor> sign_in_door::visitor_of(const gateway::credential& shown) {
  if (!shown.api_key.empty())
    return visitor_by(shown.api_key);
  if (!shown.token.empty())
    return visitor_in(shown.token);
  return no(because("security.sign_in_needed"));
}

answer<gateway::visitor> sign_in_door::visitor_in(const std::string& token) {
  const auto session = store::digest_of_token(token, session_purpose);
  const auto book = ports_.book.book();
  const auto client = book->client_in(session, ports_.now());
  const auto now = ports_.steady();
  end_idle(*book, now);
  bool is_idle = false;
  {
    const std::lock_guard hold{used_mutex_};
    if (client.empty() || ended_.contains(session))
      return no(because("security.sign_in_needed"));
    auto& last = used_.try_emplace(session, now).first->second;
    is_idle = last + idle_within < now;
    last = now;
  }
  if (is_idle) {
    end_session(client, session, "idle");
    return no(because("security.sign_in_needed"));
  }
  auto out = described(*book, client);
  out.expires = book->find(client)->sessions.at(session);
  return out;
}

answer<gateway::visitor> sign_in_door::visitor_by(const std::string& api_key) const {
  const auto [id, secret] = parts_of(api_key);
  const auto book = ports_.book.book();
  const auto client = book->owner_of_api_key(id);
  const auto* of = book->find(client);
  const auto key = of ? of->api_keys.find(id) : decltype(of->api_keys.find(id)){};
  if (!of || key == of->api_keys.end()
      || !store::are_same(store::digest_of_token(secret, api_purpose), key->second.digest))
    return no(because("security.sign_in_needed"));
  if (ports_.now() >= key->second.expires)
    return no(because("security.key_expired"));
  if (of->is_suspended)
    return no(because("security.suspended"));
  auto out = described(*book, client);
  out.is_person = false;
  out.scopes = key->second.scopes;
  out.expires = key->second.expires;
  return out;
}

gateway::visitor sign_in_door::described(const security::access_book& book,
                                         const client_id& client) const {
  gateway::visitor out;
  out.client = client;
  out.is_person = true;
  out.agent = book.find(client)->agent;
  for (const auto name : book.roles_of(client)) {
    out.roles.emplace_back(name);
    if (const auto* role = security::find_role(name))
      for (const auto word : role->sends)
        out.sends.emplace_back(word);
  }
  std::ranges::sort(out.sends);
  out.sends.erase(std::unique(out.sends.begin(), out.sends.end()), out.sends.end());
  return out;
}

bool sign_in_door::may_send(const gateway::visitor& who, std::string_view type) const {
  const bool in_scope =
      who.scopes.empty()
      || std::ranges::any_of(who.scopes,
                             [&](const auto& scope) { return security::fits(scope, type); });
  return in_scope && ports_.book.may_send(who.client, type);
}

bool sign_in_door::may_see(const gateway::visitor& who, std::string_view event_type) const {
  return ports_.book.may_see(who.client, event_type);
}

std::vector<std::string> sign_in_door::visible_under(const gateway::visitor& who,
                                                     std::string_view prefix) const {
  return ports_.book.visible_under(who.client, prefix);
}

void sign_in_door::sign_out(const gateway::credential& shown) {
  const auto session = store::digest_of_token(shown.token, session_purpose);
  const auto client = ports_.book.book()->client_in(session, ports_.now());
  if (!client.empty())
    end_session(client, session, "signed_out");
}

void sign_in_door::end_idle(const security::access_book& book, clock::time_point now) {
  const auto whose = [&](const std::string& session) {
    return book.client_in(session, ports_.now());
  };
  std::vector<std::string> idle;
  {
    const std::lock_guard hold{used_mutex_};
    if (now < idle_looked_for_ + idle_looked_for_each)
      return;
    idle_looked_for_ = now;
    // Those that the log ended are known to nobody any more, and need not be here.
    std::erase_if(ended_, [&](const auto& one) { return whose(one).empty(); });
    std::erase_if(used_, [&](const auto& one) { return whose(one.first).empty(); });
    for (const auto& [session, last] : used_)
      if (last + idle_within < now)
        idle.push_back(session);
  }
  for (const auto& session : idle)
    end_session(whose(session), session, "idle");
}

/// Not waited for: the session is over for this door at once, and stays so until a restart where
/// the engine does not take it.
void sign_in_door::end_session(const client_id& client, const std::string& session,
                               std::string_view reason) {
  {
    const std::lock_guard hold{used_mutex_};
    ended_.insert(session);
    used_.erase(session);
  }
  command_envelope what;
  what.id = new_id();
  what.type = security::user_sign_out::type;
  what.source = "pages";
  what.data = value{value::map{{"client", client.text()},
                               {"session", session},
                               {"reason", std::string{reason}}}};
  ports_.submit(std::move(what), [](const reply&) {});
}

std::string sign_in_door::page_token(const gateway::credential& shown) const {
  return shown.token.empty() ? std::string{} : store::digest_of_token(shown.token, page_purpose);
}

void sign_in_door::note_refused(const client_id& client, std::string_view word,
                                std::string_view code, const std::string& host) {
  security::access_refused what;
  what.client = client;
  what.what = security::refusal::page;
  what.word = is_valid_id(word) ? std::string{word} : std::string{"?"};
  what.reason = code;
  what.host = host;
  ports_.notes.note(std::move(what));
}

} // namespace careline::program
