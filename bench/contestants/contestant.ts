/** What a contestant's server is given. */
export interface ServerSetup {
  /** PEM file, a certificate for `localhost`. */
  certificateFile: string;
  /** PEM file. */
  privateKeyFile: string;
  /** Directory for the files it stores and serves. */
  root: string;
  /** What clients must show; by default the server makes it up, if it knows such a thing. */
  token?: string;
}

/** A server that listens on 127.0.0.1. */
export interface BenchServer extends AsyncDisposable {
  readonly port: number;
  /** What clients must show; empty where the contestant knows no such thing. */
  readonly token: string;
}

/** What a contestant's client is given. */
export interface Target {
  port: number;
  token: string;
  /** PEM file of the server's certificate. */
  certificateFile: string;
  /** Lower-case hex SHA-256 of its DER. */
  fingerprint: string;
}

/** A client's connection for work in memory. */
export interface BenchConnection {
  /**
   * Sends bytes on one stream; resolves when the server has answered that it has them.
   *
   * @param blocks How many blocks of 1 MiB are under way, where that is the sender's to say; 4 by default.
   */
  upload(bytes: number, blocks?: number): Promise<void>;
  /** Has the server send bytes on one stream; resolves when all are here. */
  download(bytes: number, blocks?: number): Promise<void>;
  /** Sends 512 bytes on a stream of their own; resolves when the answer of 4,000 bytes is here. */
  request(): Promise<void>;
}

/** A client's connection for files. Both ends hash what they move, and compare. */
export interface BenchFiles {
  /** Stores a local file under a name; resolves when the server has it, whole and verified. */
  put(path: string, name: string): Promise<void>;
  /** Fetches a file to a local path; resolves when it is there, whole and verified. */
  get(name: string, path: string): Promise<void>;
}

/** A contestant's client. Disposing of it ends its connections. */
export interface BenchClient extends AsyncDisposable {
  connect(): Promise<BenchConnection>;
  openFiles(): Promise<BenchFiles>;
  /** Makes a connection, without any request; resolves when the handshake is complete. */
  handshake(): Promise<void>;
}

/** One of those who do the same jobs, side by side. */
export interface Contestant {
  startServer(setup: ServerSetup): Promise<BenchServer>;
  openClient(target: Target): Promise<BenchClient>;
}
