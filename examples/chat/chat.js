// @ts-check
/**
 * A chat: what one says in a room, all hear who have joined it.
 *
 * @param {import("@msquicd/msquicd").HandlerToolkit} toolkit
 */
export default ({ defineMessage, defineHandler, v }) => {
  const room = v.pipe(v.string(), v.regex(/^[a-z0-9-]{1,32}$/));
  const text = v.pipe(v.string(), v.minLength(1), v.maxLength(2000));
  const name = v.pipe(v.string(), v.minLength(1), v.maxLength(64));

  const say = defineMessage({
    type: 0x8100,
    name: "chat.say",
    request: v.object({ room, name, text }),
    response: v.object({ at: v.number() }),
  });
  const join = defineMessage({
    type: 0x8101,
    name: "chat.join",
    request: v.object({ room }),
    response: v.object({
      at: v.number(),
      name: v.optional(name),
      text: v.optional(text),
      lost: v.optional(v.number()),
    }),
    sequence: true,
  });

  return [
    defineHandler(say, ({ room, name, text }, context) => {
      context.publish(`chat.${room}`, { name, text });
      return { at: Date.now() };
    }),
    defineHandler(join, async function* ({ room }, context) {
      const heard = context.subscribe([`chat.${room}`]);
      yield { at: Date.now() }; // from here on, nothing is missed
      for await (const { time, body, lost } of heard) {
        const said = { at: time, name: String(body.name), text: String(body.text) };
        yield lost === undefined ? said : { ...said, lost };
      }
    }),
  ];
};
