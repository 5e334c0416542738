// Measures a primitive of the kernel. Each client is its own process, and repeats one step.
#pragma once

#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <map>
#include <memory>
#include <string>
#include <vector>

/** Ends the process with a line that says what failed. */
[[noreturn]] inline void fail(const std::string& step) {
  fprintf(stderr, "%s: %s\n", step.c_str(), strerror(errno));
  _Exit(1);
}

template <typename Result>
Result check(Result result, const std::string& step) {
  if (result < 0) fail(step);
  return result;
}

inline uint64_t nowNs() {
  timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<uint64_t>(now.tv_sec) * 1'000'000'000 + static_cast<uint64_t>(now.tv_nsec);
}

/** `key=value` arguments. */
class Arguments {
 public:
  Arguments(int count, char** words) {
    for (int i = 0; i < count; i++) {
      std::string word = words[i];
      size_t at = word.find('=');
      if (at == std::string::npos) {
        fprintf(stderr, "%s: expected key=value\n", word.c_str());
        _Exit(2);
      }
      values_[word.substr(0, at)] = word.substr(at + 1);
    }
  }

  std::string text(const std::string& key) const {
    auto found = values_.find(key);
    return found == values_.end() ? "" : found->second;
  }

  uint64_t number(const std::string& key, uint64_t otherwise) const {
    std::string value = text(key);
    return value.empty() ? otherwise : std::stoull(value);
  }

  /** The items of a value, which commas separate. */
  std::vector<std::string> list(const std::string& key) const {
    std::vector<std::string> items;
    std::string rest = text(key);
    while (!rest.empty()) {
      size_t at = rest.find(',');
      items.push_back(rest.substr(0, at));
      rest = at == std::string::npos ? "" : rest.substr(at + 1);
    }
    return items;
  }

 private:
  std::map<std::string, std::string> values_;
};

/** The step that a client repeats. */
class Step {
 public:
  virtual ~Step() = default;
  /** Called once in each client, before the measurement. */
  virtual void prepare() {}
  /** Performs the step; returns the time of its measured part in ns. */
  virtual uint64_t once() = 0;
  /** Removes what `prepare` made. */
  virtual void finish() {}
};

/** Makes the step with this name; null if there is none in the file. `client` counts from 0. */
std::unique_ptr<Step> makeMountStep(const std::string& name, const Arguments& options, int client);
std::unique_ptr<Step> makeProcessStep(const std::string& name, const Arguments& options);
std::unique_ptr<Step> makeCgroupStep(const std::string& name, const Arguments& options, int client);
