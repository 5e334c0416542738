import { InputError } from "../../basics/errors.js";
import { compareVersions } from "./versions.js";

/** Values of a marker's variables, such as `python_version`. */
export type MarkerEnvironment = Readonly<Record<string, string>>;

const TOKEN = /\s*(?:(\(|\)|===|~=|==|!=|<=|>=|<|>)|'([^']*)'|"([^"]*)"|([A-Za-z_][\w.]*))/y;

interface Token {
  readonly kind: "sign" | "text" | "word";
  readonly value: string;
}

/**
 * The value of an environment marker (PEP 508) in an environment. Errors: InputError if the text is not a marker, or names a variable that does not exist.
 */
export function evaluateMarker(marker: string, environment: MarkerEnvironment): boolean {
  const reader = new MarkerReader(marker, environment);
  return reader.read();
}

class MarkerReader {
  readonly #marker: string;
  readonly #environment: MarkerEnvironment;
  readonly #tokens: readonly Token[];
  #at = 0;

  constructor(marker: string, environment: MarkerEnvironment) {
    this.#marker = marker;
    this.#environment = environment;
    this.#tokens = this.#split();
  }

  read(): boolean {
    const value = this.#either();
    if (this.#at < this.#tokens.length) throw this.#fault();
    return value;
  }

  #split(): readonly Token[] {
    const tokens: Token[] = [];
    const text = this.#marker.trim();
    for (TOKEN.lastIndex = 0; TOKEN.lastIndex < text.length; ) {
      const match = TOKEN.exec(text);
      if (match === null) throw this.#fault();
      const [, sign, single, double, word] = match;
      if (sign !== undefined) tokens.push({ kind: "sign", value: sign });
      else if (word !== undefined) tokens.push({ kind: "word", value: word });
      else tokens.push({ kind: "text", value: single ?? double });
    }
    return tokens;
  }

  #either(): boolean {
    let value = this.#all();
    while (this.#takes("or")) value = this.#all() || value;
    return value;
  }

  #all(): boolean {
    let value = this.#one();
    while (this.#takes("and")) value = this.#one() && value;
    return value;
  }

  #one(): boolean {
    if (!this.#takes("(")) return this.#comparison();
    const value = this.#either();
    if (!this.#takes(")")) throw this.#fault();
    return value;
  }

  #comparison(): boolean {
    const left = this.#operand();
    const operator = this.#operator();
    const right = this.#operand();
    if (left.name === "extra" || right.name === "extra") {
      const isEqual = plain(left.value) === plain(right.value);
      return operator === "!=" ? !isEqual : isEqual;
    }
    return compareTexts(left.value, operator, right.value) ?? this.#refuse();
  }

  #operand(): { readonly value: string; readonly name: string } {
    const token = this.#tokens[this.#at++];
    if (token?.kind === "text") return { value: token.value, name: "" };
    if (token?.kind !== "word") throw this.#fault();
    const value = this.#environment[token.value];
    if (value === undefined) throw this.#fault();
    return { value, name: token.value };
  }

  #operator(): string {
    const token = this.#tokens[this.#at++];
    if (token === undefined || token.kind === "text") throw this.#fault();
    if (token.value !== "not") return token.value;
    if (!this.#takes("in")) throw this.#fault();
    return "not in";
  }

  #takes(value: string): boolean {
    const token = this.#tokens[this.#at];
    const isNext = token !== undefined && token.kind !== "text" && token.value === value;
    if (isNext) this.#at++;
    return isNext;
  }

  #refuse(): never {
    throw this.#fault();
  }

  #fault(): InputError {
    return new InputError(`"${this.#marker.trim()}" is not a marker`);
  }
}

function plain(extra: string): string {
  return extra.toLowerCase().replaceAll(/[-_.]+/g, "-");
}

/** Compares versions if both texts are versions, otherwise texts. undefined: no such operator. */
function compareTexts(left: string, operator: string, right: string): boolean | undefined {
  const asVersions = compareVersions(left, operator, right);
  if (asVersions !== undefined) return asVersions;
  switch (operator) {
    case "in":
      return right.includes(left);
    case "not in":
      return !right.includes(left);
    case "==":
    case "===":
      return left === right;
    case "!=":
      return left !== right;
    case "<":
      return left < right;
    case "<=":
      return left <= right;
    case ">":
      return left > right;
    case ">=":
      return left >= right;
    default:
      return undefined;
  }
}
