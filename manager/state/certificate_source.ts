import type { FileHandle } from "node:fs/promises";
import { constants } from "node:fs";
import { open } from "node:fs/promises";
import { getLogger } from "@logtape/logtape";
import type { PairPlace } from "./certificate_pair.ts";
import { readPrivateFile } from "./private_files.ts";
import type { StateDirectory } from "./state_directory.ts";
import { refusedBySystem, StateError } from "./state_errors.ts";

const logger = getLogger(["msquicd", "manager"]);

/** More than any certificate with its chain has. */
const MAX_BYTES = 1024 * 1024;

/** Of a file's mode: everybody may read it. */
const OTHERS_READ = 0o004;

const { O_NONBLOCK = 0, O_RDONLY } = constants;

/** Where an instance's certificate and key are. */
export interface CertificateSource extends PairPlace {
  /** Whether they are in the state directory, where a pair is made if there is none. */
  readonly own: boolean;
  /** Reads one of the two files; `undefined` if it is not there. @throws {NotPrivateError | StateError} */
  read(file: string): Promise<string | undefined>;
}

/** The files that the configuration names. */
export interface NamedCertificate {
  readonly certificateFile?: string | undefined;
  readonly privateKeyFile?: string | undefined;
}

/** Where the certificate is: where the configuration says, or else in the state directory. */
export function certificateSource(
  state: StateDirectory,
  { certificateFile, privateKeyFile }: NamedCertificate,
): CertificateSource {
  if (certificateFile !== undefined && privateKeyFile !== undefined) {
    return namedSource(certificateFile, privateKeyFile);
  }
  return {
    certificateFile: state.certificateFile,
    privateKeyFile: state.privateKeyFile,
    instead: { one: "remove it to get a new one", both: "remove both to get new ones" },
    own: true,
    read: readPrivateFile,
  };
}

function namedSource(certificateFile: string, privateKeyFile: string): CertificateSource {
  const other = "name another one in the configuration";
  let warned = false;
  return {
    certificateFile,
    privateKeyFile,
    instead: { one: other, both: other },
    own: false,
    read: (path) =>
      readNamedFile(path, (mode) => {
        if (path !== privateKeyFile || warned || (mode & OTHERS_READ) === 0) return;
        warned = true;
        logger.warning("Private key {file} can be read by every user of this machine; chmod it", {
          file: path,
        });
      }),
  };
}

/**
 * Reads a file that somebody else keeps, as certificates are that are renewed by themselves: reached by links
 * perhaps, of which one is put in the place of another.
 */
async function readNamedFile(
  path: string,
  onMode: (mode: number) => void,
): Promise<string | undefined> {
  try {
    await using file: FileHandle = await open(path, O_RDONLY | O_NONBLOCK);
    const facts = await file.stat();
    if (!facts.isFile()) throw new StateError(`Cannot read "${path}": it is not a file`);
    if (facts.size > MAX_BYTES) {
      throw new StateError(`Cannot read "${path}": it has more than ${MAX_BYTES} bytes`);
    }
    if (Deno.build.os !== "windows") onMode(facts.mode);
    return await file.readFile("utf8");
  } catch (error) {
    if (error instanceof StateError) throw error;
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw refusedBySystem(`read "${path}"`, error, "mend that, or name another file");
  }
}
