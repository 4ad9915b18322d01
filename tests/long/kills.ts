import { Random } from "../chaos/random.ts";
import { KillScene, roundOf } from "./kill_scene.ts";

const ROUNDS = Number(Deno.env.get("MSQUICD_TEST_ROUNDS") ?? 50);
const SEED = Number(Deno.env.get("MSQUICD_TEST_SEED") ?? Date.now() % 2 ** 32);

Deno.test(`files of all kinds arrive while clients, workers and managers are killed, ${ROUNDS} times`, async () => {
  console.log(`MSQUICD_TEST_SEED=${SEED}`);
  const random = new Random(SEED);
  await using scene = await KillScene.open();
  for (let index = 1; index <= ROUNDS; index++) {
    const round = roundOf(random);
    const title =
      `${index}: ${round.kind} ${round.direction}, ${round.victim} killed after ${round.afterMs} ms`;
    try {
      const { byItself, resumedFrom } = await scene.run(round, random);
      const end = byItself
        ? "went on by itself"
        : resumedFrom === undefined
        ? "called again"
        : `called again, from byte ${resumedFrom}`;
      console.log(`${title}: ${end}`);
    } catch (error) {
      throw new Error(`${title} (seed ${SEED})`, { cause: error });
    }
  }
  await scene.settle();
});
