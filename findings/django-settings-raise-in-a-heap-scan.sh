#!/bin/sh
# A search of the heap for objects of one type that raises an exception of Django.
#
# Packages:  Django 5.2.19, asgiref 3.9.1, sqlparse 0.5.3 (PyPI), CPython 3.10 or newer
# Input:     a program that imports django.conf, uses no setting, and searches gc.get_objects() for
#            instances of random.Random, as a process does that looks for generators to seed again in
#            its forks.
# Expected:  isinstance says false of an object that is none, and runs no code of its package.
# Behaviour: isinstance(each, kind) reads __class__ if the type does not match. Django's settings answer
#            that by loading the module that DJANGO_SETTINGS_MODULE names, and raise
#            ImproperlyConfigured if nobody has named one. issubclass(type(each), kind) asks only the type.
#
# Exits with 0 if the output is still the one below, with 1 if it has changed, with 3 if the packages
# cannot be installed.
set -eu

expected='isinstance: ImproperlyConfigured
issubclass of the type: 1 or more'

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m pip install --quiet --disable-pip-version-check --no-deps --target "$folder" \
  Django==5.2.19 asgiref==3.9.1 sqlparse==0.5.3 >&2 || exit 3

seen=$(env -u DJANGO_SETTINGS_MODULE PYTHONPATH="$folder" timeout 60 python3 - <<'PYTHON'
import gc
import random

import django.conf

try:
    found = sum(isinstance(each, random.Random) for each in gc.get_objects())
    print(f"isinstance: {found}")
except Exception as error:
    print(f"isinstance: {type(error).__name__}")
found = sum(issubclass(type(each), random.Random) for each in gc.get_objects())
print(f"issubclass of the type: {'1 or more' if found else 'none'}")
PYTHON
)
printf '%s\n' "$seen"
[ "$seen" = "$expected" ]
