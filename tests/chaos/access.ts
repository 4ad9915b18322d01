/** What it takes to connect, besides an address. */
export interface Access {
  token: string;
  fingerprint: string;
}

/** Everything that a load needs to know, as JSON on its command line. */
export interface LoadOrder extends Access {
  /** `HOST:PORT` of every worker. */
  server: string[];
  /** What all names of this load begin with. */
  prefix: string;
  /** Where the files end up. */
  root: string;
  /** For copies. */
  scratch: string;
  seed: number;
}
