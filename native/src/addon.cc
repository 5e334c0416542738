// The functions and the class that the addon exports.
#include <napi.h>

#include "failure.h"
#include "mechanisms.h"

static Napi::Object init(Napi::Env env, Napi::Object exports) {
  exports.Set("assembleTree", Napi::Function::New<guarded<assembleTree>>(env));
  exports.Set("extendTree", Napi::Function::New<guarded<extendTree>>(env));
  exports.Set("choosesProcesses", Napi::Function::New<guarded<choosesProcesses>>(env));
  exports.Set("showProcesses", Napi::Function::New<guarded<showProcesses>>(env));
  exports.Set("makeDevice", Napi::Function::New<guarded<makeDevice>>(env));
  exports.Set("bindTree", Napi::Function::New<guarded<bindTree>>(env));
  exports.Set("unmountTree", Napi::Function::New<guarded<unmountTree>>(env));
  exports.Set("launch", Napi::Function::New<guarded<launch>>(env));
  exports.Set("startLoad", Napi::Function::New<guarded<startLoad>>(env));
  exports.Set("socketPair", Napi::Function::New<guarded<socketPair>>(env));
  exports.Set("closeFd", Napi::Function::New<guarded<closeFd>>(env));
  exports.Set("writeAt", Napi::Function::New<guarded<writeAt>>(env));
  exports.Set("readAt", Napi::Function::New<guarded<readAt>>(env));
  exports.Set("collapseMemory", Napi::Function::New<guarded<collapseMemory>>(env));
  exports.Set("makeNetwork", Napi::Function::New<guarded<makeNetwork>>(env));
  exports.Set("peerOwner", Napi::Function::New<guarded<peerOwner>>(env));
  exports.Set("refuseAddresses", Napi::Function::New<guarded<refuseAddresses>>(env));
  definePoller(env, exports);
  return exports;
}

NODE_API_MODULE(socklab, init)
