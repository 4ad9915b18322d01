// @ts-check
/**
 * Handlers of somebody's own, as a server has them that is extended: one of each kind.
 *
 * @param {import("../../mod.ts").HandlerToolkit} toolkit
 */
export default ({ defineMessage, defineHandler, ProtocolError, v }) => {
  const body = v.object({ to: v.number(), text: v.string() });
  const what = { request: body, response: body };
  const one = defineMessage({ type: 0x8001, name: "fuzz.one", ...what });
  const several = defineMessage({ type: 0x8002, name: "fuzz.several", sequence: true, ...what });
  const bytes = defineMessage({ type: 0x8003, name: "fuzz.bytes", ...what });
  const picky = defineMessage({ type: 0x8004, name: "fuzz.picky", ...what });

  return [
    defineHandler(one, (request) => request, { atOnce: true, datagrams: true }),
    defineHandler(several, async function* ({ to, text }) {
      for (let number = 0; number < Math.min(to, 100); number++) yield { to: number, text };
    }),
    defineHandler(bytes, async ({ to, text }, context) => {
      let length = 0;
      for await (const chunk of context.data?.rest() ?? []) length += chunk.length;
      const answer = context.replyWithData({ to: length, text });
      await answer.send(new Uint8Array(Math.max(0, Math.min(Math.floor(to), 100))));
      return answer;
    }),
    defineHandler(picky, (request) => {
      if (request.to > 3) throw new ProtocolError("not-found", "There is none of that number");
      return request;
    }),
  ];
};
