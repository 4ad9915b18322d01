import { Random } from "../chaos/random.ts";
import { KillScene } from "../long/kill_scene.ts";

Deno.test({
  name: "msquicd: files arrive whole when their client or worker is killed meanwhile",
  ignore: Deno.build.os !== "linux",
  async fn() {
    const random = new Random(11);
    await using scene = await KillScene.open();
    await scene.run({ direction: "up", kind: "tree", victim: "worker", afterMs: 700 }, random);
    await scene.run({ direction: "down", kind: "large", victim: "client", afterMs: 900 }, random);
    await scene.settle();
  },
});
