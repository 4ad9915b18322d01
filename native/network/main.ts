/**
 * `deno task network`: the bad network by hand, built if need be.
 *
 * @module
 */
import { ProgramBuildError } from "../c_program.ts";
import { buildNetwork } from "./build.ts";

async function main(args: readonly string[]): Promise<number> {
  try {
    const program = await buildNetwork();
    Deno.addSignalListener("SIGINT", () => {}); // it goes to the program as well, which ends
    return (await new Deno.Command(program, { args: [...args] }).spawn().status).code;
  } catch (error) {
    if (!(error instanceof ProgramBuildError)) throw error;
    console.error(error.message);
    return 1;
  }
}

Deno.exit(await main(Deno.args));
