#include <algorithm>
#include <fmt/format.h>
#include <fstream>
#include <iostream>

#include "messages/json.hpp"
#include "messages/vocabulary.hpp"
#include "tools/careline/asking.hpp"
#include "tools/careline/command_line.hpp"
#include "tools/careline/config.hpp"

namespace careline::program {

namespace {

struct send_request {
  engine_place engine;
  std::string type;
  std::string data;
  std::string file;
  std::string id;
  std::string source = "careline-send";
  std::vector<std::string> fields;  ///< key=value, dotted keys make maps
  bool go_on = false;               ///< with a file: past what was refused
};

/// "5", "true", "[1]" and "{…}" are what they look like in JSON; all else is text.
value value_of(const std::string& text) {
  if (auto v = from_json(text))
    return *v;
  return text;
}

void put(value& into, std::string_view key, value item) {
  const auto dot = key.find('.');
  if (dot == std::string_view::npos) {
    into.set(key, std::move(item));
    return;
  }
  auto inner = into.find(key.substr(0, dot)) ? *into.find(key.substr(0, dot)) : value{value::map{}};
  if (!inner.is_map())
    inner = value{value::map{}};
  put(inner, key.substr(dot + 1), std::move(item));
  into.set(key.substr(0, dot), std::move(inner));
}

/// An id that starts like a number ("10086") stays text where the field wants an id: a field that
/// cannot be read as a number is tried as text.
answer<value> data_of_request(const send_request& asked) {
  value data{value::map{}};
  if (!asked.data.empty()) {
    auto given = from_json(asked.data);
    if (!given)
      return given;
    if (!given->is_map())
      return no(because("command.malformed", "--data", "a JSON object is expected"));
    data = std::move(*given);
  }
  for (const auto& field : asked.fields) {
    const auto equals = field.find('=');
    if (equals == std::string::npos || equals == 0)
      return no(because("command.malformed", field, "key=value is expected"));
    const auto key = field.substr(0, equals);
    const auto text = field.substr(equals + 1);
    auto as_it_looks = data;
    put(as_it_looks, key, value_of(text));
    const auto read = read_command(asked.type, as_it_looks);
    if (!read && read.error().field == key)
      put(data, key, text);
    else
      data = std::move(as_it_looks);
  }
  return data;
}

/// Prints a reply; the exit code it leads to.
int told(const reply& got) {
  auto shown = to_value(got);
  if (!print((stdout_is_terminal() ? to_pretty_json(shown) : to_json(shown)) + "\n"))
    return exit_code::work_failed;
  if (got.outcome == outcome_kind::accepted)
    return exit_code::done;
  if (got.why)
    complain(sentence_of(*got.why));
  return exit_code::work_failed;
}

int send_one(asking& engine, const send_request& asked) {
  const auto data = data_of_request(asked);
  if (!data) {
    complain(sentence_of(data.error()));
    return exit_code::wrong_usage;
  }
  command_envelope c;
  c.id = asked.id;
  c.type = asked.type;
  c.source = asked.source;
  c.data = *data;
  const auto got = engine.send(std::move(c));
  return got ? told(*got) : exit_code::work_failed;
}

/// One command a line, as JSON: {"type": …, "data": {…}}, and id, source, time where wanted.
int send_lines(asking& engine, const send_request& asked, std::istream& lines) {
  int worst = exit_code::done;
  std::size_t number = 0;
  for (std::string line; std::getline(lines, line);) {
    ++number;
    if (line.find_first_not_of(" \t\r") == std::string::npos)
      continue;
    const auto body = from_json(line);
    const auto c = body ? read_command_envelope(*body) : answer<command_envelope>{no(body.error())};
    int code = exit_code::wrong_usage;
    if (!c) {
      complain(fmt::format("line {}: {}", number, sentence_of(c.error())));
    } else {
      auto with = *c;
      if (!body->find("source"))
        with.source = asked.source;
      const auto got = engine.send(std::move(with));
      code = got ? told(*got) : exit_code::work_failed;
    }
    worst = std::max(worst, code);
    if (code != exit_code::done && !asked.go_on)
      return code;
  }
  return worst;
}

/// Says at once what no engine would understand.
int check_type(const std::string& type) {
  const auto types = command_types();
  if (std::find(types.begin(), types.end(), type) != types.end())
    return exit_code::done;
  complain(fmt::format("there is no command \"{}\".{} \"careline catalogue\" lists them.",
                       printable(type.substr(0, 64)), suggestion(type, types)));
  return exit_code::wrong_usage;
}

} // namespace

int send_main(int argc, char** argv) {
  auto app = make_app("send", "Sends commands or queries to a running engine, prints the replies.");
  send_request asked;
  app.add_option("TYPE", asked.type, "contact.open, queue.show, …; \"careline catalogue\" lists all");
  app.add_option("FIELD", asked.fields, "key=value; a dotted key makes a map; 3, true, [..] as JSON");
  app.add_option("--data", asked.data, "all fields as one JSON object");
  app.add_option("--file", asked.file, "one command a line as JSON; - reads stdin");
  app.add_flag("--go-on", asked.go_on, "with --file: past what was not accepted");
  app.add_option("--id", asked.id, "the command's id (UUIDv7); sent again it acts once");
  app.add_option("--source", asked.source, "who sends");
  add_engine_flags(app, asked.engine);
  if (const auto over = parse_or_exit(app, argc, argv))
    return *over;
  if (asked.type.empty() == asked.file.empty()) {
    complain("send: give a TYPE or a --file. \"careline help send\" says how.");
    return exit_code::wrong_usage;
  }
  if (!asked.type.empty())
    if (const int wrong = check_type(asked.type); wrong != exit_code::done)
      return wrong;
  auto engine = asking::open(asked.engine, asked.source);
  if (!engine)
    return exit_code::wrong_usage;
  if (!asked.type.empty())
    return send_one(*engine, asked);
  if (asked.file == "-")
    return send_lines(*engine, asked, std::cin);
  std::ifstream lines{asked.file};
  if (!lines) {
    complain(fmt::format("cannot read {}", asked.file));
    return exit_code::wrong_usage;
  }
  return send_lines(*engine, asked, lines);
}

} // namespace careline::program
