import {
  type FileInfo,
  type FileListRequest,
  type FileSumResponse,
  messages,
  parseNewFileName,
  type QuotaUse,
  RemoteError,
} from "../protocol/mod.ts";
import { ask, type RequestOptions } from "./exchange.ts";
import { explained } from "./explained.ts";
import {
  checkGetManyOptions,
  getMany,
  type GetManyOptions,
  type GetManyOutcome,
  type WantedFile,
} from "./get_many.ts";
import { type GetStreamOptions, Passage, type TakeBytes } from "./get_stream.ts";
import { getWhole } from "./get.ts";
import type { GetOptions, GetResult } from "./get_options.ts";
import { list, type ListOptions } from "./list.ts";
import { MessageClient } from "./message_client.ts";
import { move, type MoveOptions } from "./move.ts";
import { put } from "./put.ts";
import type { PutOptions, PutResult } from "./put_options.ts";
import { type ByteReader, putStream, type PutStreamOptions, readOpening } from "./put_stream.ts";
import { type ManyFile, type ManyOutcome, putMany, type PutManyOptions } from "./put_many.ts";
import type { Request } from "./roaming.ts";
import { SideLinks } from "./side_links.ts";
import type { StripeServices } from "./stripes.ts";
import type { TransferResult } from "./transfer_result.ts";
import { newUploadId } from "./upload_id.ts";

/** What `remove` takes. */
export interface RemoveOptions extends RequestOptions {
  directory?: boolean;
}

/**
 * A session with a server of several workers. Requests may run side by side; each has a stream of its
 * own.
 *
 * When the worker it is connected to goes away, the client moves to another one; when the connection is
 * lost, it connects again, and begins requests again that were under way. Requests wait meanwhile.
 *
 * All of them reject with {@linkcode RemoteError} where the server refuses, with `NoServerError` or
 * `ConnectionEndedError` when the connection is lost for good, and with the signal's reason when it
 * aborts.
 *
 * @example Use whichever of two workers has less to do
 * ```ts
 * import { connect, Manager, resolveConfig } from "../mod.ts";
 *
 * await using manager = await Manager.start(resolveConfig({ ports: "0,0", root: "./photos" }));
 * const { host, ports: [one, other], fingerprint } = manager.info;
 * const token = await manager.state.ensureToken();
 *
 * await using client = await connect({ server: `${host}:${one},${other}`, token, fingerprint });
 * await client.put("photo.jpg");
 * await client.get("photo.jpg", "again.jpg");
 * ```
 */
export class Client extends MessageClient {
  /**
   * Stores a file.
   *
   * @param source A local file's path, or the bytes themselves.
   * @param name Its name on the server; for a path, by default its last part.
   * @throws {FileNotFoundError | NotAFileError | FilePermissionError | FileFailedError} The source cannot
   * be read.
   * @throws {SizeChangedError} It was cut while it was sent.
   * @throws {SourceChangedError} It was rewritten while it was sent, also when it was sent once more.
   * @throws {InvalidNameError} The name is not allowed.
   */
  async put(
    source: string | Uint8Array,
    name?: string,
    options: PutOptions = {},
  ): Promise<PutResult> {
    const subject = name ?? (typeof source === "string" ? source : "");
    // The same in all attempts, so that each goes on where the one before it stopped.
    const { id = newUploadId(), repeated = options.id !== undefined } = options;
    const journey = { offset: 0 };
    return await this.run("store", subject, options, async (use, { server }, attempt) => {
      const again = { ...options, id, repeated: repeated || attempt > 0 };
      const { beside } = this.#stripes("store", subject, options);
      return { ...await put(use, source, name, again, journey, beside), server };
    });
  }

  /**
   * Stores what can be read once, without knowing how much it is: what comes through a pipe. Up to a MiB it is
   * stored as any file; more is sent as it is read, and cannot be sent again.
   *
   * @param source As `Deno.stdin`, or an open file; it stays open.
   * @throws {RequestLostError} The connection was lost before the server had answered.
   * @throws {UnknownSizeError} The server is an older one that has to know the size.
   */
  async putStream(
    source: ByteReader,
    name: string,
    options: PutStreamOptions = {},
  ): Promise<PutResult> {
    const opening = await readOpening(source, name, options);
    if (opening.whole) return await this.put(opening.bytes, name, options);
    return await this.once(options, async (use, { server }) => {
      try {
        return { ...await putStream(use, source, opening, name, options), server };
      } catch (error) {
        throw explained(error, "store", `"${name}" on ${server}`);
      }
    });
  }

  /**
   * Fetches many files: small ones together, so that each costs little and none waits for a round trip. Where a
   * file is not small, or the server is an older one, it does what {@linkcode get} does.
   *
   * @param files Some hundreds of them are asked for together, so they should be found without long waits.
   * @returns How it went with each, in their order; it throws what ends all of them.
   */
  getMany<File extends WantedFile>(
    files: Iterable<File> | AsyncIterable<File>,
    options: GetManyOptions = {},
  ): AsyncIterableIterator<GetManyOutcome<File>> {
    checkGetManyOptions(options);
    const services = {
      getOne: ({ name, path }: WantedFile, options: GetManyOptions) =>
        this.get(name, path, options),
      run: (request: Request<void>, options: GetManyOptions) =>
        this.run("fetch files", undefined, options, request),
    };
    return getMany(services, files, options);
  }

  /**
   * Fetches a file, and hands its bytes on as they come: to a pipe, a device. Where the connection is lost, it
   * goes on where it was.
   *
   * @param take Gets the bytes in their order, which are verified only when it resolves: until then they may be
   * wrong.
   */
  async getStream(
    name: string,
    take: TakeBytes,
    options: GetStreamOptions = {},
  ): Promise<TransferResult> {
    const passage = new Passage(name, take, options);
    return await this.run("fetch", name, options, async (use, { server }) => ({
      ...await passage.go(use),
      server,
    }));
  }

  /**
   * Stores many files: small ones together on one stream, so that each costs little and none waits for a round
   * trip. Where a file is not small, or the server is an older one, it does what {@linkcode put} does.
   *
   * @param files May be found while those before are being stored. No more of them are asked for than fit
   * into some MiB, with what the caller has not taken of the outcomes.
   * @returns How it went with each, in their order; it throws what ends all of them, behind the outcomes of
   * those that were under way.
   */
  putMany<File extends ManyFile>(
    files: Iterable<File> | AsyncIterable<File>,
    options: PutManyOptions = {},
  ): AsyncIterableIterator<ManyOutcome<File>> {
    const services = {
      putOne: ({ source, name }: File, options: PutManyOptions) => this.put(source, name, options),
      run: (request: Request<void>, options: PutManyOptions) =>
        this.run("store files", undefined, options, request),
    };
    return putMany(services, files, options);
  }

  /**
   * Fetches a file, which appears under its own name, whole and verified, or not at all. Directories that
   * are missing are made.
   *
   * @param destination Path of the file to write; by default the last part of the name, in the current directory.
   * @throws {InvalidNameError} The name is not allowed.
   * @throws {FileExistsError | NotNewerError} The destination exists, and the options do not allow to replace it.
   * @throws {NoSpaceError | FilePermissionError | NotAFileError | NotADirectoryError | SymbolicLinkError}
   * The destination cannot be written to.
   * @throws {FileFailedError} So it is, for another reason.
   */
  async get(name: string, destination?: string, options: GetOptions = {}): Promise<GetResult> {
    const services = this.#stripes("fetch", name, options);
    return { ...await getWhole(services, name, destination, options), server: this.server };
  }

  /**
   * The files on the server, in the order of their names (with a slash behind those of directories).
   *
   * @param prefix Only names that begin with it; it may end anywhere in a name.
   */
  list(prefix?: string, options: ListOptions = {}): AsyncIterable<FileInfo> {
    const askForPage = (body: FileListRequest) =>
      this.run("list", undefined, options, (use) => ask(use, messages.fileList, body, options));
    return list(askForPage, prefix, options);
  }

  /** Size and time of a file on the server. */
  async stat(name: string, options: RequestOptions = {}): Promise<FileInfo> {
    return await this.run(
      "look at",
      name,
      options,
      (use) => ask(use, messages.fileStat, { name }, options),
    );
  }

  /** Has the server read a file again. @returns What it is, and its SHA-256 in hexadecimal. */
  async sum(name: string, options: RequestOptions = {}): Promise<FileSumResponse> {
    return await this.run(
      "read",
      name,
      options,
      (use) => ask(use, messages.fileSum, { name }, options),
    );
  }

  /**
   * The quotas of the directories that it may use on the server, and of its token, with what is used of them. A
   * server before this version has none.
   */
  async quotas(options: RequestOptions = {}): Promise<QuotaUse[]> {
    try {
      return await this.run("tell the quotas", undefined, options, async (use) => {
        const { quotas } = await ask(use, messages.fileQuotas, {}, options);
        return quotas;
      });
    } catch (error) {
      if (error instanceof RemoteError && error.code === "unknown-type") return [];
      throw error;
    }
  }

  /**
   * Makes a directory on the server, and those above it that are missing.
   *
   * @returns Whether it was not there before.
   */
  async makeDirectory(name: string, options: RequestOptions = {}): Promise<boolean> {
    parseNewFileName(name);
    return await this.run("make the directory", name, options, async (use) => {
      const { made } = await ask(use, messages.fileMkdir, { name }, options);
      return made;
    });
  }

  /**
   * Gives a file on the server, or a directory with all that is in it, another name, in one step where the
   * server's disk can.
   *
   * @param options.overwrite What becomes of a file that has the new name; a directory is never replaced.
   */
  async move(name: string, to: string, options: MoveOptions = {}): Promise<void> {
    await this.run(
      "move",
      name,
      options,
      (use, _link, attempt) => move(use, name, to, options, attempt),
    );
  }

  /**
   * Removes a file from the server.
   *
   * @param options.directory It is a directory with nothing in it, and no file.
   */
  async remove(name: string, options: RemoveOptions = {}): Promise<void> {
    const { directory = false, ...rest } = options;
    const body = directory ? { name, directory } : { name };
    await this.run("remove", name, rest, async (use, _link, attempt) => {
      try {
        await ask(use, messages.fileDelete, body, rest);
      } catch (error) {
        // What was sent before may have done it, the answer being lost.
        if (attempt > 0 && error instanceof RemoteError && error.code === "not-found") return;
        throw error;
      }
    });
  }

  /** What a file that may go over several connections is moved with. */
  #stripes(action: string, subject: string, options: RequestOptions): StripeServices {
    return {
      run: (request, progress) => this.run(action, subject, options, request, progress),
      beside: () => new SideLinks((turn, signal) => this.dialBeside(turn, signal)),
    };
  }
}
