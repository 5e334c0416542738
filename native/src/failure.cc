#include "failure.h"

#include <cstring>

Napi::Error toError(Napi::Env env, const Failure& failure) {
  const char* code = strerrorname_np(failure.error);
  std::string text = failure.step;
  if (!failure.subject.empty()) text += " " + failure.subject;
  if (failure.error != 0) text += std::string(": ") + strerror(failure.error);
  Napi::Error error = Napi::Error::New(env, text);
  error.Set("code", Napi::String::New(env, code != nullptr ? code : "UNKNOWN"));
  error.Set("errno", Napi::Number::New(env, failure.error));
  error.Set("step", Napi::String::New(env, failure.step));
  return error;
}
