import { commandsPage } from "./commands-doc.js";
import { costsPage } from "./costs-doc.js";
import { fidelityPage } from "./fidelity-doc.js";
import type { Page } from "./page.js";
import { policyPages } from "./policies-doc.js";
import { benchPage, resultPage } from "./result-doc.js";
import { schemaPages } from "./schemas-doc.js";
import { tablesPage } from "./tables-doc.js";

/** Every page that is generated and not written by hand. */
export async function generatedPages(): Promise<readonly Page[]> {
  return [
    await commandsPage(),
    ...policyPages(),
    resultPage(),
    benchPage(),
    fidelityPage(),
    costsPage(),
    ...schemaPages(),
    tablesPage(),
  ];
}
