// Appended to Emscripten's UMD glue by emscripten.mk, so that import() finds its factory in an ES module worker too.
if (typeof globalThis === 'object') globalThis.createStrotss = createStrotss;
