import { getLogger } from "@logtape/logtape";
import { hideInLogs } from "../../log/mod.ts";
import { newToken } from "./new_token.ts";
import { readPrivateFile, writePrivateFile } from "./private_files.ts";
import { StateError } from "./state_errors.ts";

const logger = getLogger(["msquicd", "manager"]);

const MIN_LENGTH = 16;
const MAX_LENGTH = 512;

/**
 * The access token in a file; `undefined` if there is no such file.
 *
 * @throws {StateError} If what the file has is no token: it is a user's, who means something by it.
 * @throws {NotPrivateError} If others can get at it.
 */
export async function readToken(file: string): Promise<string | undefined> {
  const token = (await readPrivateFile(file))?.trim();
  if (token === undefined) return undefined;
  const problem = problemOf(token);
  if (problem !== undefined) {
    throw new StateError(
      `Cannot use the access token in "${file}": ${problem}; write one of ${MIN_LENGTH} to ` +
        `${MAX_LENGTH} letters, digits and signs there, or remove the file to get a new one`,
    );
  }
  hideInLogs(token);
  return token;
}

/** The access token in a file, made if there is none. @throws as `readToken` does. */
export async function ensureToken(file: string): Promise<string> {
  const present = await readToken(file);
  if (present !== undefined) return present;
  const token = newToken();
  hideInLogs(token);
  await writePrivateFile(file, `${token}\n`);
  logger.info("Made a new access token in {file}", { file });
  return token;
}

/** Says nothing of what is in it. */
function problemOf(token: string): string | undefined {
  if (token === "") return "it is empty";
  if (/[^\x21-\x7e]/.test(token)) {
    return "it has blanks, line breaks, or other than ASCII characters";
  }
  if (token.length < MIN_LENGTH) return `it has ${token.length} characters, which can be guessed`;
  return token.length > MAX_LENGTH ? `it has ${token.length} characters` : undefined;
}
