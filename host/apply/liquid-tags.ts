/**
 * What the template language takes for true, how it loops, and what it says of missing settings
 * (specification "rendered-config" 2). LiquidJS differs in all three, so these tags and operators stand in for its own.
 */

import {
  type Context,
  defaultOperators,
  type Emitter,
  evalToken,
  ForTag,
  IfTag,
  type Liquid,
  UnlessTag,
  type Value,
} from "liquidjs";
import { Refusal } from "./refusal.ts";

/** Everything but false, null and what is missing, zero, and texts, lists and tables with nothing in them. */
export function isTrue(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return Boolean(value);
  return (Array.isArray(value) ? value : Object.keys(value)).length > 0;
}

/** Whether there is a value, which a zero, an empty text and `false` are too. */
export function isSet(value: unknown): boolean {
  return value !== undefined && value !== null;
}

const comparisons = ["==", "!=", "<", "<=", ">", ">=", "contains"] as const;

/** The operators of conditions. A setting that is missing is false by itself, and cannot be compared with anything. */
export const operators = {
  ...defaultOperators,
  ...Object.fromEntries(comparisons.map((name) => [name, comparison(name)])),
  and: (left: unknown, right: unknown) => isTrue(left) && isTrue(right),
  or: (left: unknown, right: unknown) => isTrue(left) || isTrue(right),
  not: (operand: unknown) => !isTrue(operand),
};

function comparison(name: (typeof comparisons)[number]) {
  return (left: unknown, right: unknown, context: Context) => {
    if (!isSet(left) || !isSet(right)) throw new Refusal("a setting that is compared is not set");
    return defaultOperators[name]?.(left, right, context) ?? false;
  };
}

export function registerTags(engine: Liquid): void {
  engine.registerTag("if", If);
  engine.registerTag("unless", Unless);
  engine.registerTag("for", For);
}

class If extends IfTag {
  constructor(...given: ConstructorParameters<typeof IfTag>) {
    super(...given);
    for (const { value } of this.branches) weigh(value);
  }
}

class Unless extends UnlessTag {
  constructor(...given: ConstructorParameters<typeof UnlessTag>) {
    super(...given);
    for (const { value } of this.branches) weigh(value);
  }
}

/** Makes a condition's value the boolean that it counts as. */
function weigh(condition: Value): void {
  const evaluate = condition.value.bind(condition);
  condition.value = function* (context, lenient) {
    return isTrue(yield evaluate(context, lenient));
  };
}

/**
 * `{% for x in LIST %}...{% else %}...{% endfor %}`, with `forloop.first` and `forloop.last`. Tables are walked in byte
 * order of their keys, each element a pair: an object of this language has integer-like keys first, whatever order the
 * model came in. A list that is missing or null takes the branch of `else`, and is an error if there is nothing in it.
 */
class For extends ForTag {
  constructor(...given: ConstructorParameters<typeof ForTag>) {
    super(...given);
    const [modifier] = Object.keys(this.hash.hash);
    if (modifier !== undefined) throw new Error(`${modifier} is not known in: ${this.token.getText()}`);
  }

  override *render(context: Context, emitter: Emitter) {
    const { renderer } = this.liquid;
    const hasElse = this.elseTemplates.length > 0;
    const collection: unknown = yield evalToken(this.collection, context, hasElse);
    if (!isSet(collection) && !hasElse) throw new Refusal("what is looped over is not set");
    const items = elements(collection);
    if (items.length === 0) yield renderer.renderTemplates(this.elseTemplates, context, emitter);
    for (const [index, item] of items.entries()) {
      context.push({
        [this.variable]: item,
        forloop: { first: index === 0, last: index === items.length - 1 },
      });
      yield renderer.renderTemplates(this.templates, context, emitter);
      context.pop();
    }
  }
}

function elements(collection: unknown): readonly unknown[] {
  if (!isSet(collection)) return [];
  if (Array.isArray(collection)) return collection;
  return typeof collection === "object" ? sortedEntries(collection as object) : [collection];
}

/** The members of a table in byte order of their names. */
export function sortedEntries(table: object): readonly (readonly [name: string, value: unknown])[] {
  return Object.entries(table).sort(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
}
