// Put before Emscripten's script of a thread by emscripten.mk. That script assigns `location`, which Deno forbids.
if (typeof Deno === 'object') Object.defineProperty(globalThis, 'location', { writable: true, configurable: true });
