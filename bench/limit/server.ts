import { buildLimit } from "../../native/limit/build.ts";
import type { BenchCertificate } from "../certificate.ts";
import { firstLine } from "./first_line.ts";
import { libraryArguments, serverSettingArguments } from "./arguments.ts";

/** The native server, on one thread or on MsQuic's own. */
export class LimitServer implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;
  readonly port: number;

  private constructor(child: Deno.ChildProcess, port: number) {
    this.#child = child;
    this.port = port;
  }

  /**
   * Starts it, and builds it if need be.
   *
   * @param more Further options, as on its command line; they win over a worker's settings.
   * @throws {ProgramBuildError} It cannot be built here.
   */
  static async start(
    threads: "one" | "own",
    certificate: BenchCertificate,
    more: readonly string[] = [],
  ): Promise<LimitServer> {
    const { certificateFile, privateKeyFile } = certificate;
    const program = await buildLimit();
    const child = new Deno.Command(program, {
      args: [
        ...["server", ...libraryArguments(), ...serverSettingArguments(), "--threads", threads],
        ...["--certificate", certificateFile, "--key", privateKeyFile, ...more],
      ],
      stdin: "piped",
      stdout: "piped",
    }).spawn();
    const { port } = JSON.parse(await firstLine(child.stdout, "The limit server")) as {
      port: number;
    };
    return new LimitServer(child, port);
  }

  get pid(): number {
    return this.#child.pid;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#child.stdin.close().catch(() => {}); // it has ended already
    await this.#child.status;
  }
}
