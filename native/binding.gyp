{
  "target_defaults": {
    "cflags": ["-Wall", "-Wextra", "-Werror", "-fvisibility=hidden", "-O2"],
    "ldflags": ["-Wl,-z,defs"]
  },
  "targets": [
    {
      "target_name": "socklab",
      "sources": [
        "src/addon.cc",
        "src/addresses.cc",
        "src/failure.cc",
        "src/launch.cc",
        "src/load.cc",
        "src/memory.cc",
        "src/mounts.cc",
        "src/networks.cc",
        "src/peers.cc",
        "src/poller.cc"
      ],
      "include_dirs": ["<!@(node -p \"require('node-addon-api').include_dir\")"],
      "defines": ["NAPI_VERSION=9", "NODE_ADDON_API_DISABLE_DEPRECATED"],
      "ldflags!": ["-Wl,-z,defs"],
      "cflags_cc!": ["-fno-exceptions", "-std=gnu++17"],
      "cflags_cc": ["-std=gnu++20", "-fexceptions"]
    },
    {
      "target_name": "primitives",
      "type": "executable",
      "sources": [
        "primitives/main.cc",
        "primitives/mounts.cc",
        "primitives/processes.cc",
        "primitives/cgroups.cc"
      ],
      "cflags_cc!": ["-std=gnu++17"],
      "cflags_cc": ["-std=gnu++20"]
    },
    {
      "target_name": "guest",
      "type": "shared_library",
      "product_prefix": "",
      "sources": ["guest/guest.c"],
      "cflags_c": ["-std=gnu11"]
    }
  ]
}
