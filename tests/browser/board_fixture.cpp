// The real HTTP server and page without an engine: a browser test says on stdin what is shown and
// what is answered, one line each, and reads the address from stdout.
//
//   whole POSITION JSON     the board for pages that start; shown to all at once
//   delta POSITION JSON     a change, shown to all; "whole" must have been set to hold it before
//   keep POSITION JSON      the board for pages that start; shown to nobody now
//   answer TYPE JSON        data of the reply to queries of that type from now on
//   refuse TYPE CODE        they are refused with this code instead
//   silence / speak         closes the server; opens it again at the same address

#include <iostream>
#include <map>
#include <mutex>
#include <sstream>

#include "gateway/http/http_server.hpp"
#include "messages/json.hpp"

namespace {

using namespace careline;
using namespace careline::gateway;

class told_engine final : public ingress {
public:
  void submit(command_envelope command, std::string, respond answer) override {
    reply r;
    {
      const std::lock_guard lock{mutex_};
      const auto told = answers_.find(command.type);
      if (told == answers_.end())
        r = refuse(command.id, because("routing.unknown_contact"));
      else
        r = told->second;
    }
    r.id = command.id;
    answer(std::move(r));
  }
  void tell(const std::string& type, reply r) {
    const std::lock_guard lock{mutex_};
    answers_[type] = std::move(r);
  }

private:
  std::mutex mutex_;
  std::map<std::string, reply> answers_;
};

class fixture {
public:
  bool open() {
    http::http_options options;
    options.address = address_;
    options.whole_board = [this] {
      const std::lock_guard lock{mutex_};
      return whole_;
    };
    auto opened = http::http_server::open(std::move(options), engine_);
    if (!opened) {
      std::cerr << opened.error() << '\n';
      return false;
    }
    server_ = std::move(*opened);
    server_->start();
    address_ = server_->address();
    std::cout << "http://" << address_ << std::endl;
    return true;
  }

  bool obey(const std::string& line) {
    std::istringstream in{line};
    std::string word, name, json;
    in >> word;
    if (word == "silence")
      return server_.reset(), true;
    if (word == "speak")
      return open();
    in >> name;
    std::getline(in >> std::ws, json);
    if (word == "answer" || word == "refuse")
      return answer(word == "refuse", name, json);
    show(word, static_cast<position>(std::stoull(name)), json);
    return true;
  }

private:
  bool answer(bool refused, const std::string& type, const std::string& text) {
    if (refused) {
      engine_.tell(type, refuse({}, because(text)));
      return true;
    }
    auto data = from_json(text);
    if (!data)
      return false;
    reply r;
    r.data = std::move(*data);
    engine_.tell(type, std::move(r));
    return true;
  }
  void show(const std::string& word, position at, const std::string& json) {
    if (word != "delta") {
      const std::lock_guard lock{mutex_};
      whole_ = {at, true, json};
    }
    if (word != "keep" && server_)
      server_->show(std::make_shared<const http::board_frame>(
          http::board_frame{at, word == "whole", json}));
  }

  told_engine engine_;
  std::mutex mutex_;
  http::board_frame whole_{0, true, "{}"};
  std::string address_ = "127.0.0.1:0";
  std::unique_ptr<http::http_server> server_;
};

} // namespace

int main() {
  fixture f;
  if (!f.open())
    return 1;
  for (std::string line; std::getline(std::cin, line);)
    if (!f.obey(line)) {
      std::cerr << "not understood: " << line << '\n';
      return 2;
    }
  return 0;
}
