#pragma once

#include <napi.h>

#include <string>

/** A failed step: its name, its subject, and errno, which is 0 if the subject says the reason. */
struct Failure {
  std::string step;
  std::string subject;
  int error;
};

/** Returns `result`; throws a Failure with errno if it is negative. */
template <typename Result>
Result check(Result result, const char* step, const std::string& subject = "") {
  if (result < 0) throw Failure{step, subject, errno};
  return result;
}

/** The JavaScript error of a failure: message, `code` (ENOENT), `errno`, `step`. */
Napi::Error toError(Napi::Env env, const Failure& failure);

/** Calls `body` with the arguments, and turns a Failure into a JavaScript exception. */
template <auto body>
Napi::Value guarded(const Napi::CallbackInfo& info) {
  try {
    return body(info);
  } catch (const Failure& failure) {
    throw toError(info.Env(), failure);
  }
}
