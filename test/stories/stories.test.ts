import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { RandomStreams } from "../../src/basics/random.js";
import { OPERATIONS, STATUSES } from "../../src/contract/backend.js";
import { OUTCOMES, START_KINDS } from "../../src/contract/observer.js";
import { FAMILIES } from "../../src/contract/policy.js";
import type { PolicyChoices } from "../../src/policies/choice.js";
import { parseChoice } from "../../src/policies/parse.js";
import { BUILT_IN_POLICIES, makePolicies } from "../../src/policies/registry.js";
import { footprintOf } from "../../src/sim/costs/costs.js";
import { ROUND_COSTS, tell } from "../engine/harness.js";
import { Narrator } from "./narrator.js";
import { STORY_POLICIES } from "./policies.js";
import { ScriptedBackend } from "./scripted-backend.js";
import { DIVIDER, readStory, type StoryFile } from "./story.js";

const SPECS = [...BUILT_IN_POLICIES, ...STORY_POLICIES];
const FOLDER = new URL(".", import.meta.url);

const NAMES = readdirSync(FOLDER).filter((each) => each.endsWith(".txt"));
const read = (name: string) => readFileSync(new URL(name, FOLDER), "utf8");

for (const name of NAMES) {
  test(`the engine does what ${name} says`, async () => {
    await expect(await retell(read(name))).toMatchFileSnapshot(name);
  });
}

test("together the stories show every operation, every way it ends, every start and every outcome", () => {
  const told = NAMES.map((name) => read(name).split(`${DIVIDER}\n`)[1]).join("");
  const shown = [
    ...OPERATIONS.map((operation) => `    > ${operation} `),
    ...STATUSES.map((status) => ` ended: ${status}`),
    ...START_KINDS.map((start) => ` starts ${start}\n`),
    ...OUTCOMES.map((outcome) => `: ${outcome}, `),
  ];
  for (const each of shown) expect(told).toContain(each);
});

/** The story's set-up as it is in the file, and below it what the engine does now. */
async function retell(text: string): Promise<string> {
  const [setUp] = text.split(`${DIVIDER}\n`);
  const story = readStory(setUp);
  const narrator = new Narrator(story);
  await tell({
    ...story,
    policies: policiesOf(story),
    wrap: () => new ScriptedBackend(story.script),
    listener: narrator,
  });
  return `${setUp}${DIVIDER}\n${narrator.text}`;
}

function policiesOf({ policies, config, functions, packages }: StoryFile) {
  const choices = Object.fromEntries(
    FAMILIES.map((family) => [family, parseChoice(family, policies[family], SPECS, "story")]),
  ) as PolicyChoices;
  const context = {
    functions,
    catalogue: { source: "story", packages },
    memoryLimitBytes: config.memoryLimitBytes ?? Number.POSITIVE_INFINITY,
    diskLimitBytes: config.diskLimitBytes ?? Number.POSITIVE_INFINITY,
    cores: config.cores ?? 4,
    footprint: footprintOf(ROUND_COSTS),
    readText: () => "",
  };
  return makePolicies(choices, SPECS, context, new RandomStreams(1));
}
