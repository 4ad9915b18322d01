/**
 * `deno task limit`: the limit program by hand, built if need be, on the libmsquic that workers use. Its
 * server gets a worker's settings, and a certificate if none is named.
 *
 * @module
 */
import { ProgramBuildError } from "../../native/c_program.ts";
import { buildLimit } from "../../native/limit/build.ts";
import { makeCertificate } from "../certificate.ts";
import { libraryArguments, serverSettingArguments } from "./arguments.ts";

async function main(args: string[]): Promise<number> {
  const [job = "--help", ...rest] = args;
  const directory = await Deno.makeTempDir({ prefix: "msquicd-limit-" });
  try {
    const program = await buildLimit();
    const given = job === "server" ? await serverArguments(rest, directory) : [];
    Deno.addSignalListener("SIGINT", () => {}); // it goes to the program as well
    const child = new Deno.Command(program, {
      args: [job, ...libraryArguments(), ...given, ...rest],
    });
    return (await child.spawn().status).code;
  } catch (error) {
    if (!(error instanceof ProgramBuildError)) throw error;
    console.error(error.message);
    return 1;
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

async function serverArguments(args: string[], directory: string): Promise<string[]> {
  const settings = serverSettingArguments();
  if (args.includes("--certificate")) return settings;
  const { certificateFile, privateKeyFile } = await makeCertificate(directory);
  return [...settings, "--certificate", certificateFile, "--key", privateKeyFile];
}

Deno.exit(await main(Deno.args));
