#pragma once

#include <napi.h>

// The functions that addon.cc exports; src/real/host/native.ts documents their arguments.
Napi::Value assembleTree(const Napi::CallbackInfo& info);
Napi::Value extendTree(const Napi::CallbackInfo& info);
Napi::Value choosesProcesses(const Napi::CallbackInfo& info);
Napi::Value showProcesses(const Napi::CallbackInfo& info);
Napi::Value makeDevice(const Napi::CallbackInfo& info);
Napi::Value bindTree(const Napi::CallbackInfo& info);
Napi::Value unmountTree(const Napi::CallbackInfo& info);
Napi::Value launch(const Napi::CallbackInfo& info);
Napi::Value startLoad(const Napi::CallbackInfo& info);
Napi::Value socketPair(const Napi::CallbackInfo& info);
Napi::Value closeFd(const Napi::CallbackInfo& info);
Napi::Value writeAt(const Napi::CallbackInfo& info);
Napi::Value readAt(const Napi::CallbackInfo& info);
Napi::Value collapseMemory(const Napi::CallbackInfo& info);
Napi::Value makeNetwork(const Napi::CallbackInfo& info);
Napi::Value peerOwner(const Napi::CallbackInfo& info);
Napi::Value refuseAddresses(const Napi::CallbackInfo& info);
void definePoller(Napi::Env env, Napi::Object exports);
