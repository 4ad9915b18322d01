/**
 * Programs get their arguments as one string on Windows. This quotes them so that a program's C
 * runtime takes them apart again into the same ones.
 *
 * @source https://learn.microsoft.com/cpp/c-language/parsing-c-command-line-arguments
 */
export function quoteArguments(args: readonly string[]): string {
  return args.map(quote).join(" ");
}

function quote(argument: string): string {
  if (argument !== "" && !/[\s"]/.test(argument)) return argument;
  // Backslashes mean themselves, except in front of a quote: there, and at the end, they are doubled.
  const escaped = argument.replace(/(\\*)"/g, '$1$1\\"').replace(/\\+$/, "$&$&");
  return `"${escaped}"`;
}
