/** Name of the instance that is meant where none is named. */
export const DEFAULT_INSTANCE = "default";

/**
 * A command of ours as it has to be typed here, for advice in messages: whatever tells a user to
 * run something uses this, so that it works as it stands.
 *
 * @param words The command and its arguments, like `restart 4433`.
 * @param instance Named where it is not the default one.
 */
export function commandLine(words: string, instance: string = DEFAULT_INSTANCE): string {
  const program = Deno.build.standalone ? "msquicd" : "deno task msquicd";
  return `${program} ${words}${instance === DEFAULT_INSTANCE ? "" : ` --instance ${instance}`}`;
}
