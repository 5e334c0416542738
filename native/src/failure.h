#pragma once

#include <napi.h>

#include <string>

/** What failed: at which step, on what, and why (errno; 0 where the subject says it). */
struct Failure {
  std::string step;
  std::string subject;
  int error;
};

/** `result`, or a Failure with errno if it is negative. */
template <typename Result>
Result check(Result result, const char* step, const std::string& subject = "") {
  if (result < 0) throw Failure{step, subject, errno};
  return result;
}

/** The JavaScript error of a failure: message, `code` (ENOENT), `errno`, `step`. */
Napi::Error toError(Napi::Env env, const Failure& failure);

/** Calls `body` with the arguments; a Failure becomes a JavaScript exception. */
template <auto body>
Napi::Value guarded(const Napi::CallbackInfo& info) {
  try {
    return body(info);
  } catch (const Failure& failure) {
    throw toError(info.Env(), failure);
  }
}
