import { mkdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { CodedError } from "../../../base/mod.ts";

const SOURCES = fileURLToPath(new URL(".", import.meta.url));
const OUTPUT = fileURLToPath(new URL("../../../.build/quic_go/", import.meta.url));

/** quic-go's program cannot be built here; the message says why. */
export class GoBuildError extends CodedError {
  readonly code = "go-build-failed";
}

/**
 * Builds quic-go's server and client, which Go does only where it has not done so yet.
 *
 * @returns The path of the program.
 * @throws {GoBuildError}
 */
export async function buildQuicGo(): Promise<string> {
  mkdirSync(OUTPUT, { recursive: true });
  const program = `${OUTPUT}quic_go${Deno.build.os === "windows" ? ".exe" : ""}`;
  try {
    const args = ["build", "-trimpath", "-o", program, "."];
    const command = new Deno.Command("go", { args, cwd: SOURCES, stdin: "null" });
    const { success, stderr } = await command.output();
    if (success) return program;
    throw new GoBuildError(`go build failed: ${new TextDecoder().decode(stderr).trim()}`);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    throw new GoBuildError("Go is not installed");
  }
}
