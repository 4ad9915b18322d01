import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { ManagerStatus } from "../../handlers/commands/mod.ts";
import { callControl, StateDirectory } from "../../manager/mod.ts";
import { type Running, Site, type StartReport } from "../e2e/harness.ts";
import { delay } from "../../base/mod.ts";
import type { Secrets } from "./answers.ts";
import { GRANTS, type Identity } from "./identities.ts";
import type { Target } from "./peer.ts";

/** What is kept of interrupted uploads: little, so that it is reached. */
export const KEPT = { count: 10, bytes: 16 * 2 ** 20 };

const CANARY = "canary-7f1c0b5e-outside-of-the-root";

const CONFIG = {
  keptUploads: KEPT,
  handlers: [fileURLToPath(new URL("own_handlers.js", import.meta.url))],
  actions: {
    say: {
      command: ["/bin/echo", "{what}", "-n", "{count}"],
      arguments: { what: { choices: ["one", "two"] }, count: { min: 1, max: 5, default: 1 } },
    },
  },
};

/** Tokens that are good no more. */
export interface BadTokens {
  readonly revoked: string;
  readonly expired: string;
}

/** How long one is good that is to expire, in seconds. */
const EXPIRES_SECONDS = 1;

/** The server that is tried, with a file outside of its root that nobody may reach. */
export class Arena implements AsyncDisposable {
  readonly site: Site;
  readonly #manager: Running & { report: StartReport };
  readonly #state: StateDirectory;
  readonly target: Target;
  /** The owner, and those with tokens of their own. */
  readonly identities: readonly Identity[];
  /** Tokens that are good no more. */
  readonly bad: BadTokens;

  private constructor(
    site: Site,
    manager: Running & { report: StartReport },
    target: Target,
    identities: readonly Identity[],
    bad: BadTokens,
  ) {
    this.site = site;
    this.#manager = manager;
    this.#state = stateOf(site);
    this.target = target;
    this.identities = identities;
    this.bad = bad;
  }

  static async start(): Promise<Arena> {
    const site = await Site.create(1);
    await Deno.writeTextFile(site.path("fuzz.jsonc"), JSON.stringify(CONFIG));
    await Deno.mkdir(site.path("outside"));
    await Deno.writeTextFile(site.path("outside", "secret"), CANARY);
    await Deno.mkdir(site.root);
    await Deno.symlink("../outside", join(site.root, "link"));
    await Deno.symlink("../outside/secret", join(site.root, "link-file"));
    const manager = await site.start("--config", site.path("fuzz.jsonc"));
    const [port = 0] = site.ports;
    const certificate = await Deno.readTextFile(join(site.state, "cert.pem"));
    const token = await site.token();
    const made = GRANTS.map(async (grant) => ({ ...grant, token: await makeToken(site, grant) }));
    const owner = { name: "owner", allow: ["admin"], token };
    const identities = [owner, ...await Promise.all(made)];
    return new Arena(site, manager, { port, certificate }, identities, await badTokens(site));
  }

  /** What no answer may have in it. */
  get secrets(): Secrets {
    const tokens = [...this.identities.map(({ token }) => token), ...Object.values(this.bad)];
    return { texts: [CANARY, ...tokens, this.site.state, "PRIVATE KEY"] };
  }

  /** What manager and worker have said. */
  get log(): string {
    return this.#manager.stderr;
  }

  get startedAs(): number {
    return this.#manager.report.workers[0]?.pid ?? 0;
  }

  async status(): Promise<ManagerStatus> {
    return await callControl(this.#state, "status") as ManagerStatus;
  }

  /** Removes what is kept of interrupted uploads, for a day otherwise. */
  async removeKept(): Promise<void> {
    await callControl(this.#state, "uploads.rm", { olderThanMs: 0 });
  }

  /** Whether the file outside is what it was, and alone. */
  async outsideIsUntouched(): Promise<boolean> {
    const names = Array.from(Deno.readDirSync(this.site.path("outside")), ({ name }) => name);
    const text = await Deno.readTextFile(this.site.path("outside", "secret")).catch(() => "");
    return names.length === 1 && text === CANARY;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.site[Symbol.asyncDispose]();
  }
}

function stateOf(site: Site): StateDirectory {
  return new StateDirectory(site.instance, join(site.directory, "state"));
}

async function makeToken(
  site: Site,
  wish: { name: string; allow: readonly string[]; expires?: string },
): Promise<string> {
  const result = await callControl(stateOf(site), "token.add", { ...wish, allow: [...wish.allow] });
  return (result as { token: string }).token;
}

async function badTokens(site: Site): Promise<BadTokens> {
  const revoked = await makeToken(site, { name: "revoked", allow: ["admin"] });
  await callControl(stateOf(site), "token.revoke", { name: "revoked" });
  const wish = { name: "expired", allow: ["admin"], expires: `${EXPIRES_SECONDS}s` };
  const expired = await makeToken(site, wish);
  await delay(EXPIRES_SECONDS * 1000);
  return { revoked, expired };
}
