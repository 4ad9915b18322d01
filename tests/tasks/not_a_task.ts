export default { name: "test.other", run: () => 1 };
