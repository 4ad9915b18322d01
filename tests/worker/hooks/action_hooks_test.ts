import assert from "node:assert/strict";
import { join } from "node:path";
import type { Actions } from "../../../base/action_definition.ts";
import type { HookSettings } from "../../../base/hook_settings.ts";
import type { CompletedUpload, HookClient, StorageHooks } from "../../../handlers/messages/mod.ts";
import { ActionRunner } from "../../../worker/actions/action_runner.ts";
import { actionHooks } from "../../../worker/hooks/action_hooks.ts";
import { hookRunner } from "../../../worker/hooks/hook_runner.ts";
import "../../fixtures/loaded_libc.ts";
import { OWNER } from "../../../worker/rights/identity.ts";

const SH = "/bin/sh";

const session = {
  id: "s",
  peer: "127.0.0.1:5",
  since: 0,
  agent: undefined,
  identity: OWNER,
  over: new Promise<void>(() => {}),
};

const client = (signal = new AbortController().signal): HookClient => ({ session, signal });

interface Scene {
  readonly hooks: StorageHooks;
  readonly directory: string;
  readonly upload: CompletedUpload;
}

async function withActions(
  actions: Actions,
  settings: HookSettings,
  test: (scene: Scene) => Promise<void>,
  limit = 4,
): Promise<void> {
  const directory = await Deno.makeTempDir({ prefix: "msquicd-hooks-" });
  try {
    await using runner = new ActionRunner({ actions, limit, mark: `test-${crypto.randomUUID()}-` });
    const path = join(directory, "staged");
    await Deno.writeTextFile(path, "EICAR\n");
    const upload = { name: "a b;c", size: 6, sha256: "f".repeat(64), path, overwrite: "never" };
    const tasks = { run: () => Promise.reject(new Error("none")) };
    const hooks = hookRunner(actionHooks(settings, actions, runner), { tasks });
    await test({ hooks, directory, upload: upload as CompletedUpload });
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

const posix = { ignore: Deno.build.os === "windows" };

Deno.test(
  "An action gets the file as its argument, and facts by its environment",
  posix,
  async () => {
    const script = 'cat "$1"; env | grep -E "^MSQUICD_(HOOK|FILE|CLIENT|PEER)" | sort; exit 3';
    const actions: Actions = {
      tell: {
        command: [SH, "-c", `(${script}) >"$(dirname "$1")/said"; exit 0`, "sh", "{file}", "{how}"],
        arguments: { file: { file: true }, how: { choices: ["fast"], default: "fast" } },
      },
    };
    const settings = { onUploadComplete: { action: "tell" } };
    await withActions(actions, settings, async ({ hooks, directory, upload }) => {
      assert.equal(hooks.onUploadStart, undefined);
      assert.equal(hooks.onDelete, undefined);
      await hooks.onUploadComplete?.(upload, client());
      const said = (await Deno.readTextFile(join(directory, "said"))).trim().split("\n");
      assert.deepEqual(said, [
        "EICAR",
        "MSQUICD_CLIENT=owner",
        "MSQUICD_FILE_NAME=a b;c",
        `MSQUICD_FILE_SHA256=${"f".repeat(64)}`,
        "MSQUICD_FILE_SIZE=6",
        "MSQUICD_HOOK=onUploadComplete",
        "MSQUICD_PEER=127.0.0.1:5",
      ]);
    });
  },
);

Deno.test(
  "An action refuses by its exit code, with the first line that it writes",
  posix,
  async () => {
    const actions: Actions = {
      scan: {
        command: [
          SH,
          "-c",
          'grep -q EICAR "$1" && echo "It is infected" && exit 1',
          "sh",
          "{file}",
        ],
        arguments: { file: { file: true } },
      },
      mute: { command: [SH, "-c", "exit 7"] },
      kill: { command: [SH, "-c", "kill -9 $$"] },
      slow: { command: [SH, "-c", "sleep 60"], timeoutMs: 50 },
      none: { command: ["/nowhere/at/all"] },
    };
    const settings = {
      onUploadComplete: { action: "scan" },
      onUploadStart: { action: "mute" },
      onDelete: { action: "kill" },
    };
    await withActions(actions, settings, async ({ hooks, upload, directory }) => {
      await assert.rejects(hooks.onUploadComplete!(upload, client()), {
        code: "refused",
        message: `The server's action "scan" refuses it: It is infected`,
      });
      const start = { name: "a", size: 1, overwrite: "never" } as const;
      await assert.rejects(hooks.onUploadStart!(start, client()), {
        code: "refused",
        message: /"mute" refuses it: exit code 7/,
      });
      const doomed = { name: "a", size: 1, mtime: 0, path: join(directory, "staged") };
      await assert.rejects(hooks.onDelete!(doomed, client()), { code: "hook-failed" });
    });
    for (const [action, code] of [["slow", "hook-failed"], ["none", "cannot-run"]] as const) {
      await withActions(actions, { onUploadComplete: { action } }, async ({ hooks, upload }) => {
        await assert.rejects(hooks.onUploadComplete!(upload, client()), { code });
      });
    }
  },
);

Deno.test(
  "Actions of hooks wait for their turn, for a while, and end when nobody waits for them",
  posix,
  async () => {
    const actions: Actions = { wait: { command: [SH, "-c", "sleep 60"] } };
    const settings = { onUploadComplete: { action: "wait" }, deadlineMs: 100 };
    await withActions(actions, settings, async ({ hooks, upload }) => {
      const given = new AbortController();
      const first = hooks.onUploadComplete!(upload, client(given.signal));
      first.catch(() => {});
      await assert.rejects(hooks.onUploadComplete!(upload, client()), { code: "too-many-actions" });
      given.abort();
      await assert.rejects(first, { name: "AbortError" });
    }, 1);
    const quick: Actions = { quick: { command: [SH, "-c", "exit 0"] } };
    await withActions(quick, { onUploadComplete: { action: "quick" } }, async (scene) => {
      const all = Array.from(
        { length: 6 },
        () => scene.hooks.onUploadComplete!(scene.upload, client()),
      );
      await Promise.all(all);
    }, 1);
  },
);
