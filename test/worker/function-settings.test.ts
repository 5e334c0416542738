import { expect, test } from "vitest";
import { readSettings } from "../../src/worker/function-settings.js";

const read = (files: Record<string, string>) => readSettings("fn", (path) => files[path]);

test("variables are texts as they are written, and those of ol.yaml come before those of .env", () => {
  const { handler } = read({
    "ol.yaml": "environment:\n  PORT: 8080\n  DEBUG: true\n  BOTH: yaml\n  EMPTY: ''\n",
    ".env": '# a comment\nexport BOTH=env\nQUOTED="a b"\n',
  });
  expect(handler?.env).toEqual({
    PORT: "8080",
    DEBUG: "true",
    BOTH: "yaml",
    EMPTY: "",
    QUOTED: "a b",
  });
});

test("OL_ENTRY_FILE and OL_WSGI_ENTRY name the handler, and a WSGI entry comes before an ASGI entry", () => {
  const entries = "  OL_ENTRY_FILE: sub/main.py\n  OL_WSGI_ENTRY: w\n  OL_ASGI_ENTRY: a\n";
  const { handler } = read({ "ol.yaml": `environment:\n${entries}` });
  expect(handler).toMatchObject({ entry: "sub/main.py", wsgi: "w" });
  expect(handler).not.toHaveProperty("asgi");
  for (const entry of ["../x.py", "/x.py", "app", ".py"]) {
    const text = `environment:\n  OL_ENTRY_FILE: "${entry}"\n`;
    expect(() => read({ "ol.yaml": text }), entry).toThrow("OL_ENTRY_FILE is");
  }
});

test("methods are those of the triggers; * and no triggers are all", () => {
  const http = (...methods: string[]) =>
    read({
      "ol.yaml": `triggers:\n  http:\n${methods.map((m) => `    - method: "${m}"\n`).join("")}`,
    });
  expect(http("GET", "POST").methods).toEqual(["GET", "POST"]);
  expect(http("GET", "*").methods).toBeUndefined();
  for (const text of ["", "# nothing\n", "environment: {}\n"]) {
    expect(read({ "ol.yaml": text })).toEqual({
      handler: undefined,
      methods: undefined,
      notes: [],
    });
  }
});

test("what has no effect is a note, and what is no setting is refused with its place", () => {
  const text =
    "triggers:\n  cron:\n    - schedule: '* * * * *'\n  kafka: [{topics: [t]}]\nreuse-sandbox: false\n";
  expect(read({ "ol.yaml": text }).notes).toEqual([
    "ol.yaml: triggers.cron has no effect: only HTTP invokes",
    "ol.yaml: triggers.kafka has no effect: only HTTP invokes",
    "ol.yaml: reuse-sandbox has no effect: the policy decides what is kept",
  ]);
  expect(() => read({ "ol.yaml": "a: [" })).toThrow(/^fn: ol\.yaml: /);
  expect(() => read({ "ol.yaml": "environment:\n  A: [1]\n" })).toThrow("environment.A");
  expect(() => read({ "ol.yaml": 'environment:\n  "A=B": x\n' })).toThrow("environment");
});
