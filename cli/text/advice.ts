import type { TypeCommand } from "./typed_commands.ts";

/** Where advice is read. */
export interface Reader {
  /** How commands are typed there. */
  type: TypeCommand;
  /** The command that failed, as `put`; empty where that is not known. */
  command: string;
}

type Advice = string | ((reader: Reader) => string | undefined);

/** What else can be wrong where a server does not understand a client of ours. */
const OTHER_VERSION = "compare the versions at both ends, which --version prints";

/** What there is for files whose names no server takes. */
const ENCODED = "with --encode-names, put, get and sync spell it so that a server takes it";

/** How what has a name on a server is replaced. */
const REPLACED =
  "with --overwrite always, a file replaces one of exactly that name; or use another name";

const REMOVED = "use another name, or remove what is there first";

/** What a user of the command line can do about a server's refusal. */
const ADVICE: Readonly<Record<string, Advice>> = {
  "bad-frame": OTHER_VERSION,
  "bad-version": OTHER_VERSION,
  "bad-body": OTHER_VERSION,
  "unknown-type": OTHER_VERSION,
  "body-too-large": OTHER_VERSION,
  "hash-mismatch": "send it again",
  "size-mismatch": "send it again",
  "cannot-resume": of(
    { put: "send it again when nothing else sends the same file" },
    "try again when nothing else changes the same file",
  ),
  "permission-denied":
    "ask the server's operator, who says what a token allows, and can see the permissions of its folders",
  "shutting-down": "try again, or name another server with --server",
  "file-exists": of({ put: `${REPLACED}: put --to NAME`, mv: REPLACED }, REMOVED),
  "not-newer": "replace it all the same with --overwrite always",
  "is-a-directory": of(
    { put: REMOVED, sync: REMOVED, mv: REMOVED },
    "name a file in it instead; for all of it there are get -r and rm -r",
  ),
  "not-a-directory": "use another name, or remove that file first",
  "not-a-file": "use another name",
  "not-empty": "remove what is in it, too: rm -r",
  "symbolic-link": "use another name, or ask the server's operator",
  "damaged":
    "store it again with put --overwrite always, or have it touched on the server to get it as it is",
  "file-in-use": "try again later, or use another name",
  "file-too-large": "ask the server's operator to raise the limit",
  "not-found": ({ type }) => `${type("ls")} lists what is there`,
  "quota-exceeded": ({ type }) =>
    `remove something there first, which ${
      type("ls")
    } lists, or ask the server's operator for more`,
  "no-space": ({ type }) => `remove something there first; ${type("ls")} lists what is there`,
  "wrong-token": "give the server's token with --token or in MSQUICD_TOKEN",
  "too-many-attempts": "give the server's token with --token or in MSQUICD_TOKEN",
};

/** What a user can do about what is in the way here, by the error's name. */
const ADVICE_HERE: Readonly<Record<string, Advice>> = {
  NoServerError: "try again, with --retry TIME to wait for it",
  FileExistsError: of({
    get: "replace it with --overwrite always, or write it elsewhere with -o PATH",
  }),
  NotNewerError: "replace it all the same with --overwrite always",
  IsADirectoryError: of({
    get: "write it elsewhere with -o PATH",
    sync: "remove that directory first",
  }),
  SymbolicLinkError: of({
    get: "remove it, or write it elsewhere with -o PATH",
    sync: "remove that link first",
  }),
};

/** Advice that depends on the command. @param others For all that have none of their own. */
function of(commands: Readonly<Record<string, string>>, others?: string): Advice {
  return ({ command }) => Object.hasOwn(commands, command) ? commands[command] : others;
}

/**
 * What a user can do about an error, if there is something to say.
 *
 * @param code What the error has for one.
 */
export function adviceFor(error: Error, code: string, reader: Reader): string | undefined {
  const advice = findAdvice(error, code);
  return typeof advice === "function" ? advice(reader) : advice;
}

function findAdvice(error: Error, code: string): Advice | undefined {
  const { name } = error;
  if ("encodable" in error && error.encodable === true) return ENCODED;
  if (name === "RemoteError") return ADVICE[code];
  // Of what breaks the protocol, the message names all but who could have sent it.
  if (name === "ProtocolError" && ADVICE[code] === OTHER_VERSION) return OTHER_VERSION;
  return ADVICE_HERE[name];
}
