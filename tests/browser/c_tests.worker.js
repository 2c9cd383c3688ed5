// SPDX-License-Identifier: MIT
//
// Runs one C test's WebAssembly build, the plain one or the relaxed one; the files named, from the root of the
// repository, are laid into its file system: tests/golden/... at /golden/..., weights/... at /weights/...

const root = new URL('../../', location.href)
const built = new URL('build/tests-wasm/', root)

self.onmessage = async ({ data: { name, relaxed, files } }) => {
  const printed = []
  try {
    importScripts(new URL(`${name}.js`, built).href)
    const test = await self.createStrotss({
      print: (line) => printed.push(line),
      printErr: (line) => printed.push(line),
      mainScriptUrlOrBlob: new URL(`${name}.js`, built).href,
      locateFile: (file) => new URL(relaxed ? file.replace(/\.wasm$/, '-relaxed.wasm') : file, built).href
    })
    test.FS.mkdir('/golden')
    test.FS.mkdir('/weights')
    for (const file of files) {
      const response = await fetch(new URL(file, root))
      test.FS.writeFile(file.replace(/^(tests)?\/?/, '/'), new Uint8Array(await response.arrayBuffer()))
    }
    const status = test.callMain(['/golden', '/weights/vgg16.q8.bin'])
    self.postMessage({ text: printed.join('\n'), status })
  } catch (error) {
    self.postMessage({ text: [...printed, String(error)].join('\n'), status: -1 })
  }
}
