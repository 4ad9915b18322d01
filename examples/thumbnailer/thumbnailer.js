/** @param {import("@msquicd/msquicd").HandlerToolkit} toolkit */
export default ({ defineMessage, defineHandler, ProtocolError, v }) => {
  const image = v.instance(Uint8Array);
  const size = v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(4096));
  const makeThumbnail = defineMessage({
    type: 0x8010,
    name: "example.thumbnail",
    request: v.object({ image, width: size }),
    response: v.object({ image, width: size, height: size }),
  });
  return [
    defineHandler(makeThumbnail, async ({ image, width }, { tasks, signal }) => {
      const own = image.slice(); // what came shares its memory with other requests
      const options = { signal, transfer: [own.buffer] };
      try {
        return await tasks.run("example.thumbnail", { image: own, width }, options);
      } catch (error) {
        if (error.cause?.code !== "unusable-image") throw error;
        throw new ProtocolError(
          "bad-body",
          `Cannot make the image smaller: ${error.cause.message}`,
        );
      }
    }),
  ];
};
