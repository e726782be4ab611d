#include <algorithm>
#include <chrono>
#include <fmt/format.h>
#include <fstream>
#include <iostream>

#include "messages/json.hpp"
#include "messages/uuid.hpp"
#include "tools/careline/asking.hpp"
#include "tools/careline/command_line.hpp"
#include "tools/careline/shown.hpp"
#include "tools/careline/typed_fields.hpp"

namespace careline::program {

namespace {

struct send_request {
  engine_place engine;
  std::string type;
  std::string data;
  std::string file;
  std::string id;
  std::string source;
  std::vector<std::string> fields;
  bool go_on = false;  ///< with a file: past what was not accepted
  bool json = false;
};

/// "accepted, position 13: contact C-1, queue care, queue_position 1"; a query's answer whole.
std::string told_to_person(const reply& got) {
  if (got.outcome != outcome_kind::accepted)
    return {};
  if (got.at == 0 && got.data.is_map())
    return to_pretty_json(got.data) + "\n";
  std::string out{"accepted"};
  if (got.at != 0)
    out += fmt::format(", position {}", got.at);
  if (const auto* data = got.data.as<value::map>())
    for (std::size_t i = 0; i < data->size(); ++i)
      out += fmt::format("{} {} {}", i == 0 ? ":" : ",", printable((*data)[i].first),
                         word(got.data, (*data)[i].first));
  return out + "\n";
}

/// Prints a reply; the exit code it leads to.
int tell(const reply& got, bool json) {
  const auto text = json ? to_json(to_value(got)) + "\n" : told_to_person(got);
  if (!print(text))
    return exit_code::work_failed;
  if (got.outcome == outcome_kind::accepted)
    return exit_code::done;
  auto said = got.why ? sentence_of(*got.why) : std::string{word_of(got.outcome)};
  if (got.retry_ms)
    said += fmt::format(" Send it again in {} ms.", *got.retry_ms);
  if (!got.fallback.empty())
    said += fmt::format(" Meanwhile: {}.", printable(got.fallback));
  complain(fmt::format("{}: {}", word_of(got.outcome), said));
  return exit_code::work_failed;
}

std::string fresh_id() {
  const auto now = std::chrono::floor<span>(std::chrono::system_clock::now());
  return uuid7_maker{}.make(instant{now}).text();
}

/// Sends one command and tells what came of it. `own_id`: the person knows its id already.
int send_command(asking& engine, command_envelope c, const send_request& asked) {
  const bool own_id = !c.id.empty();
  if (!own_id)
    c.id = fresh_id();
  const auto id = c.id;
  const auto got = engine.send(std::move(c));
  if (got)
    return tell(*got, asked.json);
  complain(fmt::format("whether it took effect is not known; sent again with {} it acts once",
                       own_id ? "the same id" : "--id " + id));
  return exit_code::work_failed;
}

int send_one(asking& engine, const send_request& asked) {
  const auto data = data_from_fields(asked.type, asked.data, asked.fields);
  if (!data) {
    complain("send: " + data.error());
    return exit_code::wrong_usage;
  }
  command_envelope c;
  c.id = asked.id;
  c.type = asked.type;
  c.source = asked.source;
  c.data = *data;
  return send_command(engine, std::move(c), asked);
}

/// Reads one line of a file; a sentence when it is no command.
result<command_envelope, std::string> command_in(const std::string& line,
                                                 const std::string& source) {
  auto body = from_json(line);
  if (!body)
    return no(sentence_of(body.error()));
  const bool has_id = body->find("id") != nullptr;
  if (body->is_map() && !has_id)
    body->set("id", fresh_id());
  auto c = read_command_envelope(*body);
  if (!c)
    return no(sentence_of(c.error()));
  if (!has_id)
    c->id.clear();
  if (const auto wrong = unknown_type(c->type))
    return no(*wrong);
  if (const auto wrong = unknown_field(c->type, c->data))
    return no(*wrong);
  if (!body->find("source"))
    c->source = source;
  return *c;
}

/// One command a line, as JSON: {"type": …, "data": {…}}, and id, source, time where wanted.
int send_lines(asking& engine, const send_request& asked, std::istream& lines) {
  int worst = exit_code::done;
  std::size_t number = 0;
  for (std::string line; std::getline(lines, line);) {
    ++number;
    if (line.find_first_not_of(" \t\r") == std::string::npos)
      continue;
    auto c = command_in(line, asked.source);
    if (!c)
      complain(fmt::format("line {}: {}", number, c.error()));
    const int code = c ? send_command(engine, std::move(*c), asked) : exit_code::wrong_usage;
    worst = std::max(worst, code);
    if (code == exit_code::done || asked.go_on)
      continue;
    complain(fmt::format("stopped at line {}; --go-on goes on past such lines", number));
    return code;
  }
  return worst;
}

int send_file(asking& engine, const send_request& asked) {
  if (asked.file == "-")
    return send_lines(engine, asked, std::cin);
  std::ifstream lines{asked.file};
  if (lines)
    return send_lines(engine, asked, lines);
  complain(fmt::format("send: {} cannot be read", asked.file));
  return exit_code::wrong_usage;
}

std::optional<std::string> wrong_in(const send_request& asked) {
  if (asked.type.empty() == asked.file.empty())
    return "give a TYPE with its fields, or a --file. \"careline help send\" says how.";
  if (!asked.file.empty() && !(asked.data.empty() && asked.id.empty()))
    return "--data and --id go with a TYPE; in a file each line has its own";
  if (!asked.id.empty() && !parse_uuid7(asked.id))
    return "--id must be a UUID of version 7; without --id a fresh one is made";
  return asked.type.empty() ? std::nullopt : unknown_type(asked.type);
}

/// Fields may be given as flags behind the TYPE: --channel phone is channel=phone.
std::vector<std::string> words_typed(int argc, char** argv) {
  const std::vector<std::string> words{argv, argv + argc};
  return argc > 1 ? fields_from_flags(words[1], words) : words;
}

void add_flags(CLI::App& app, send_request& asked) {
  app.add_option("TYPE", asked.type,
                 "contact.open, queue.show, …; \"careline catalogue\" lists all")
      ->type_name("");
  app.add_option("--field,KEY=VALUE", asked.fields,
                 "a field, also as --KEY VALUE; a dotted key makes a map; 3, true, [..] as JSON")
      ->type_name("KEY=VALUE");
  app.add_option("--data", asked.data, "all fields as one JSON object")->type_name("JSON");
  app.add_option("--file", asked.file, "one command a line as JSON; - reads stdin")
      ->type_name("FILE");
  app.add_flag("--go-on", asked.go_on, "with --file: past what was not accepted");
  app.add_option("--id", asked.id, "the command's id; sent again with it, it acts once")
      ->type_name("UUID");
  app.add_option("--source", asked.source, "who sends [careline-send; with a key, its client]")
      ->type_name("NAME");
  app.add_flag("--json", asked.json, "replies as JSON lines also on a terminal");
  add_engine_flags(app, asked.engine);
}

} // namespace

int send_main(int argc, char** argv) {
  auto app = make_app(
      "send", "Sends commands or queries to a running engine and prints the replies.",
      {"careline send queue.define queue=care", "careline send agent.sign_in agent=A skills.zh=5",
       "careline send contact.open --channel phone --queue care --contact C-1",
       "careline send --file commands.jsonl"});
  send_request asked;
  add_flags(app, asked);
  auto words = words_typed(argc, argv);
  std::vector<char*> pointers;
  for (auto& word : words)
    pointers.push_back(word.data());
  if (const auto over = parse_or_exit(app, static_cast<int>(pointers.size()), pointers.data()))
    return *over;
  if (const auto wrong = wrong_in(asked)) {
    complain("send: " + *wrong);
    return exit_code::wrong_usage;
  }
  asked.json = asked.json || !stdout_is_terminal();
  auto engine = asking::open(asked.engine, "careline-send");
  if (!engine)
    return exit_code::wrong_usage;
  return asked.file.empty() ? send_one(*engine, asked) : send_file(*engine, asked);
}

} // namespace careline::program
