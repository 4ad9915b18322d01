/**
 * What tasks run first: builds libmsquic when there is none on this machine, or when the one that
 * was built is out of date. Says nothing when there is nothing to do.
 */
import { LibraryNotFoundError, locateLibrary } from "../ffi/msquic/locate.ts";
import { main as build } from "./build.ts";
import { buildPaths } from "./paths.ts";
import { isUpToDate } from "./stamp.ts";

/** Makes sure that there is a libmsquic, and says what it does; returns the exit code. */
export async function main(): Promise<number> {
  try {
    const outdated = locateLibrary().source === "built" && !isUpToDate(buildPaths());
    return outdated ? await build() : 0;
  } catch (error) {
    if (!(error instanceof LibraryNotFoundError)) throw error;
    if (Deno.env.get("MSQUIC_PATH")) {
      // A library that was named is used, or it is a mistake: none is built in its place.
      console.error(error.message);
      return 1;
    }
    console.error("There is no libmsquic on this machine yet");
    return await build();
  }
}

if (import.meta.main) Deno.exitCode = await main();
