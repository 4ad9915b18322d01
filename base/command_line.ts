/** Name of the instance that is meant where none is named. */
export const DEFAULT_INSTANCE = "default";

/** How the program is called here. */
export const PROGRAM: string = Deno.build.standalone ? "msquicd" : "deno task msquicd";

/**
 * A command of ours as it has to be typed here, for advice in messages: whatever tells a user to
 * run something uses this, so that it works as it stands.
 *
 * @param words The command and its arguments, like `restart 4433`.
 * @param instance Named where it is not the default one.
 */
export function commandLine(words: string, instance: string = DEFAULT_INSTANCE): string {
  return `${PROGRAM} ${words}${instance === DEFAULT_INSTANCE ? "" : ` --instance ${instance}`}`;
}
