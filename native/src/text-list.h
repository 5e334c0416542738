#pragma once

#include <napi.h>

#include <string>
#include <vector>

/** The texts of a JavaScript array. */
inline std::vector<std::string> strings(const Napi::Value& value) {
  Napi::Array array = value.As<Napi::Array>();
  std::vector<std::string> list;
  for (uint32_t i = 0; i < array.Length(); i++) list.push_back(array.Get(i).As<Napi::String>());
  return list;
}

/** Pointers to the texts with a null at the end, as execve needs them; the list must outlive them. */
inline std::vector<char*> pointersTo(std::vector<std::string>& list) {
  std::vector<char*> pointers;
  for (std::string& text : list) pointers.push_back(text.data());
  pointers.push_back(nullptr);
  return pointers;
}
