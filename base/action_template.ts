/** A part of an item of a command: text as it is, or the place of an argument. */
export type TemplatePart = { readonly text: string } | { readonly argument: string };

/** What an argument may be called. */
export const ARGUMENT_NAME = /^[A-Za-z][A-Za-z0-9_-]{0,63}$/;

/** A brace that stands for itself, a placeholder, or a brace that is neither. */
const BRACES = /\{\{|\}\}|\{([^{}]*)\}|[{}]/g;

/** An item of a command has a brace that belongs to nothing. */
export class TemplateError extends SyntaxError {}

/**
 * Takes an item of an action's command apart: `{name}` is the place of an argument, `{{` and `}}` are
 * braces, and everything else stands for itself.
 *
 * @throws {TemplateError} A brace is none of these.
 */
export function parseTemplate(item: string): TemplatePart[] {
  const parts: TemplatePart[] = [];
  let text = "";
  let end = 0;
  for (const { 0: found, 1: argument, index } of item.matchAll(BRACES)) {
    text += item.slice(end, index);
    end = index + found.length;
    if (found === "{{" || found === "}}") text += found[0];
    else if (argument !== undefined && ARGUMENT_NAME.test(argument)) {
      if (text !== "") parts.push({ text });
      parts.push({ argument });
      text = "";
    } else throw new TemplateError(`"${found}" is neither a placeholder nor a brace`);
  }
  text += item.slice(end);
  if (text !== "") parts.push({ text });
  return parts;
}

/**
 * Puts the values of arguments into an item: whatever is in them is a part of this one item, and nothing
 * in them is looked at again.
 *
 * @throws {TypeError} There is no value for one of them.
 */
export function fillTemplate(item: string, values: ReadonlyMap<string, string>): string {
  return parseTemplate(item).map((part) => {
    if ("text" in part) return part.text;
    const value = values.get(part.argument);
    if (value === undefined) throw new TypeError(`There is no value for "${part.argument}"`);
    return value;
  }).join("");
}
