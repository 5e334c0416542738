"""What a function imports: named by its code, and seen at its first starts.

A Zygote imports these modules before the function is started. That must not change what the function does:
a module that its code imports after it has changed the environment, or how modules are found, is not named.
"""

import os
import sys
from sys import modules as loaded

# The `ast` module has this constant, too, but takes long to import.
ONLY_AST = 0x400
MOST_FILES = 64
MOST_NAMES = 4096
MOST_NAME_CHARS = 200
PACKAGES = "/packages/"
# Variables that their packages read when they are used, and not when they are imported.
READ_LATE = {"DJANGO_SETTINGS_MODULE"}
# Calls that change the environment, or modules that are imported later.
CHANGERS = {"putenv", "unsetenv", "load_dotenv", "patch_all", "monkey_patch", "install_import_hook"}
# Modules that change others, or run a program, when they are imported; by the last part of their names.
PATCHES = {"auto", "autopatch", "auto_instrumentation", "sitecustomize", "usercustomize", "__main__"}
# What, if it is changed, changes later imports.
SOURCES = {"environ", "path", "modules", "meta_path", "path_hooks"}
CHANGING_METHODS = {"setdefault", "update", "pop", "clear", "insert", "append", "extend", "remove"}


# ------------------------------------------------------------------------------- named by the code


def named_by(folder):
    """
    The modules that folder/f.py and the files that it imports from the folder import, in the order of the
    code; and whether what is seen at its starts may be imported ahead, too. Each module is `a.b`, or `a.b:c,d`
    for `from a.b import c, d`, where c may be a module or not. A file that cannot be read names nothing.
    """
    reader = Reader(folder)
    reader.read("f.py", "", False)
    is_free = reader.safe is None
    names = [name for name, is_late in reader.named[: reader.safe] if is_free or not is_late]
    return list(dict.fromkeys(names))[:MOST_NAMES], is_free


class Reader:
    def __init__(self, folder):
        self.folder = folder
        self.read_files = set()
        # Pairs: what is imported, and whether a function does it when it runs.
        self.named = []
        # How many of `named` come before the first change of what imports find; None: there is none.
        self.safe = None

    def read(self, file, package, is_late):
        if file in self.read_files or len(self.read_files) == MOST_FILES:
            return
        self.read_files.add(file)
        try:
            with open(f"{self.folder}/{file}", "rb") as source:
                tree = compile(source.read(), file, "exec", ONLY_AST)
            self.visit(tree, package, is_late)
        except (OSError, SyntaxError, ValueError, RecursionError, MemoryError):
            pass

    def visit(self, node, package, is_late):
        kind = type(node).__name__
        if kind == "Import":
            for each in node.names:
                self.add(each.name, [], package, is_late)
        elif kind == "ImportFrom":
            self.add_from(node, package, is_late)
        elif kind == "If" and never_holds(node.test):
            self.visit_all(node.orelse, package, is_late)
        else:
            is_late = is_late or kind in ("FunctionDef", "AsyncFunctionDef", "Lambda")
            for field in node._fields:
                value = getattr(node, field, None)
                self.visit_all(value if isinstance(value, list) else [value], package, is_late)
            if changes_imports(node, kind):
                self.end()

    def end(self):
        """What follows is not imported ahead."""
        if self.safe is None:
            self.safe = len(self.named)

    def visit_all(self, nodes, package, is_late):
        for node in nodes:
            if hasattr(node, "_fields"):
                self.visit(node, package, is_late)

    def add_from(self, node, package, is_late):
        parts = [each.name for each in node.names if each.name != "*"]
        name = node.module or ""
        if node.level > 0:
            if not package:
                return  # Python refuses it, too
            above = package.split(".")[: 1 - node.level or None]
            name = ".".join([*above, name] if name else above)
        self.add(name, parts, package, is_late)

    def add(self, name, parts, package, is_late):
        if name.rpartition(".")[2] in PATCHES or not PATCHES.isdisjoint(parts):
            self.end()
        elif self.is_own(name.partition(".")[0]):
            steps = name.split(".")
            modules = [".".join(steps[: at + 1]) for at in range(len(steps))]
            for module in modules + [f"{name}.{part}" for part in parts]:
                self.read_own(module, is_late)
        elif len(name) <= MOST_NAME_CHARS:
            parts = ",".join(parts)
            self.named.append((f"{name}:{parts}" if parts else name, is_late))

    def is_own(self, name):
        path = f"{self.folder}/{name}"
        return name == "" or os.path.exists(path + ".py") or os.path.isdir(path)

    def read_own(self, module, is_late):
        path = module.replace(".", "/")
        if os.path.exists(f"{self.folder}/{path}.py"):
            self.read(path + ".py", module.rpartition(".")[0], is_late)
        else:
            self.read(path + "/__init__.py", module, is_late)


def never_holds(test):
    """Whether the condition of an `if` is false when a function is started."""
    kind = type(test).__name__
    if kind == "Constant":
        return not test.value
    if kind == "Compare":
        sides = {getattr(each, "value", None) for each in test.comparators}
        return "__main__" in sides and type(test.ops[0]).__name__ == "Eq"
    return "TYPE_CHECKING" in (getattr(test, "id", None), getattr(test, "attr", None))


def changes_imports(node, kind):
    """Whether a node may change what later imports find or do: `os.environ["A"] = "1"`, `monkey.patch_all()`."""
    if kind == "Subscript":
        is_read = type(node.ctx).__name__ == "Load"
        return not is_read and source_name(node.value) and not is_read_late(node.slice)
    if kind in ("Attribute", "Name") and type(node.ctx).__name__ != "Load":
        return kind == "Attribute" and node.attr in SOURCES
    if kind != "Call":
        return False
    called = getattr(node.func, "attr", None) or getattr(node.func, "id", None)
    if called in CHANGERS:
        return True
    if called in CHANGING_METHODS and source_name(getattr(node.func, "value", None)):
        return not (node.args and is_read_late(node.args[0]))
    return False


def source_name(node):
    """Whether a node is `os.environ`, `sys.path` or the like."""
    kind = type(node).__name__
    if kind == "Name":
        return node.id == "environ"
    owner = getattr(getattr(node, "value", None), "id", None)
    return kind == "Attribute" and node.attr in SOURCES and owner in ("os", "sys")


def is_read_late(key):
    return getattr(key, "value", None) in READ_LATE


# ---------------------------------------------------------------------------------- seen at a start


def seen_since(before):
    """
    The modules that were imported since `before`, the names in sys.modules, and that another process can
    import, in the order in which they were loaded: `name==version module` for those of packages, ` module`
    for those of the standard library.
    """
    seen = []
    standard = getattr(sys, "stdlib_module_names", ())
    for name, module in list(loaded.items()):
        if name in before or len(name) > MOST_NAME_CHARS or name.rpartition(".")[2] in PATCHES:
            continue
        origin = origin_of(name, module)
        if origin.startswith(PACKAGES):
            seen.append(f"{origin.split('/')[2]} {name}")
        elif origin and name.partition(".")[0] in standard:
            seen.append(f" {name}")
        if len(seen) == MOST_NAMES:
            break
    return seen


def origin_of(name, module):
    """The file of a module; empty if it has none, or if it stands under another name, as os.path does."""
    try:
        spec = module.__spec__
        return spec.origin if spec.name == name and spec.has_location else ""
    except BaseException:
        return ""  # modules may be objects of any kind
