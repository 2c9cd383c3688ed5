// SPDX-License-Identifier: MIT
//
// Each way to the package, as docs/bundlers.md tells it: what is installed beside it, the app, and what is done there.
// A page's picture is in its title; most need no word of configuration but the two headers for threads.

import { spawn } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { createRequire } from 'node:module'
import path from 'node:path'
import { pathToFileURL } from 'node:url'

/**
 * look: opens a page until its title is as wanted (by default a picture painted with threads), and gives that.
 * @typedef {{ folder: string, tarball: string, run: (command: string, ...args: string[]) => string,
 *   serve: typeof import('../../web/dev_server.mjs').serve,
 *   look: (url: string, wanted?: RegExp) => Promise<string> }} Tools
 */
/**
 * app: a folder of apps/; pictures: where the two samples are put, in the app.
 * @typedef {{ packages?: string[], app?: string, pictures?: string,
 *   act: (tools: Tools) => Promise<string>|string }} Way
 */

const HEADERS = { 'Cross-Origin-Opener-Policy': 'same-origin', 'Cross-Origin-Embedder-Policy': 'require-corp' }
const IMPORTMAP = '<script type="importmap">{ "imports": { "strotss": "LIBRARY" } }</script>'

/** engine: options of createEngine. @param {string} folder @param {string} head @param {string} script */
function writePage(folder, head, script, engine = {}) {
  writeFileSync(path.join(folder, 'index.html'), `<!doctype html><html data-engine='${JSON.stringify(engine)}'>
<meta charset="utf-8"><link rel="icon" href="data:,">${head}<script type="module" src="${script}"></script></html>\n`)
}

/** The two samples. @param {string} from @param {string} to */
function copyPictures(from, to) {
  for (const name of ['content.jpg', 'style.jpg']) cpSync(path.join(from, name), path.join(to, name))
}

/** For bundlers that leave files alone: what createEngine is told then. @param {string} folder @param {string} site */
function copyPackage(folder, site) {
  cpSync(path.join(folder, 'node_modules/strotss'), path.join(site, 'strotss'), { recursive: true })
  return { worker: 'strotss/src/api/worker/entry.browser.js', base: 'strotss/build/wasm/',
    weights: 'strotss/weights/vgg16.q8.bin' }
}

/** @param {Tools} tools @param {string} site */
async function lookAt({ serve, look }, site) {
  const { url, close } = await serve({ folder: site, port: 0 })
  try {
    return await look(url)
  } finally {
    await close()
  }
}

/** @param {string} folder @param {string} name of a package installed there */
const load = (folder, name) => import(pathToFileURL(createRequire(path.join(folder, 'x.js')).resolve(name)).href)

/** webpack's interface, which Rspack has too. @param {Tools} tools @param {any} webpack */
async function packWith(tools, webpack) {
  const { folder } = tools
  const stats = await new Promise((resolve, reject) => webpack({
    mode: 'production', context: folder, entry: './page.js', performance: false,
    output: { path: path.join(folder, 'dist'), filename: 'app.js' }
  }, (/** @type {Error|null} */ error, /** @type {any} */ done) => (error ? reject(error) : resolve(done))))
  if (stats.hasErrors() || stats.hasWarnings()) throw new Error(stats.toString('errors-warnings'))
  copyPictures(folder, path.join(folder, 'dist'))
  writePage(path.join(folder, 'dist'), '', './app.js')
  return lookAt(tools, path.join(folder, 'dist'))
}

/** @param {string} answer of first.mjs */
function said(answer) {
  if (!/^64x\d+ threads/.test(answer)) throw new Error(answer)
  return answer.trim()
}

/** A framework's server, until the work is done. @param {Tools} tools @param {string[]} words @param {number} port */
async function withServer({ folder }, words, port, /** @type {(url: string) => Promise<string>} */ work) {
  const server = spawn(words[0], words.slice(1), { cwd: folder, stdio: 'ignore', detached: true,
    env: { ...process.env, NODE_ENV: undefined } })
  const url = `http://127.0.0.1:${port}/`
  try {
    for (let left = 100; !await fetch(url).then(({ ok }) => ok, () => false); left--) {
      if (!left) throw new Error(`${words.join(' ')} does not answer`)
      await new Promise((resolve) => setTimeout(resolve, 200))
    }
    return await work(url)
  } finally {
    process.kill(-Number(server.pid))
  }
}

/** @type {Record<string, Way>} */
export const ways = {
  /** What others look for in a package: its manifest, and whether types are found wherever code is. */
  package: {
    packages: ['publint', '@arethetypeswrong/cli'],
    act({ run, tarball }) {
      run('npx', 'publint', '--strict', '--level', 'warning', tarball)
      run('npx', 'attw', '--profile', 'esm-only', tarball)
      return 'publint and arethetypeswrong find nothing'
    }
  },
  node: { act: ({ run }) => said(run(process.execPath, 'first.mjs', 'content.jpg', 'style.jpg', 'out.png')) },
  bun: {
    packages: ['bun'],
    act: ({ run }) => said(run('npx', 'bun', 'first.mjs', 'content.jpg', 'style.jpg', 'out.png'))
  },
  deno: {
    packages: ['deno'],
    act: ({ run }) => said(run('npx', 'deno', 'run', '--allow-all', 'first.mjs', 'content.jpg', 'style.jpg', 'out.png'))
  },
  /** The package's own files, their name mapped by the page. */
  plain: {
    async act(tools) {
      const library = './node_modules/strotss/src/api/index.browser.js'
      writePage(tools.folder, IMPORTMAP.replace('LIBRARY', library), './page.js')
      return lookAt(tools, tools.folder)
    }
  },
  /** The package on another origin: refused in words, and with what those say it works. */
  cdn: {
    async act(tools) {
      const { folder, serve, look } = tools
      const site = path.join(folder, 'site')
      mkdirSync(site)
      copyPictures(folder, site)
      cpSync(path.join(folder, 'page.js'), path.join(site, 'page.js'))
      const cdn = createServer((request, response) => {
        const file = path.join(folder, 'node_modules', request.url ?? '')
        const type = file.endsWith('js') ? 'text/javascript' : 'application/octet-stream'
        response.writeHead(200, { 'Content-Type': type, 'Access-Control-Allow-Origin': '*',
          'Cross-Origin-Resource-Policy': 'cross-origin' }).end(readFileSync(file))
      }).listen(0)
      const own = await serve({ folder: site, port: 0 })
      const { port } = /** @type {import('node:net').AddressInfo} */ (cdn.address())
      const head = IMPORTMAP.replace('LIBRARY', `http://127.0.0.1:${port}/strotss/src/api/index.browser.js`)
      writePage(site, head, './page.js')
      const refused = await look(own.url, /^failed StrotssError: .*page's own origin; .*`worker: .*`base: /)
      const { worker, base } = copyPackage(folder, site)
      writePage(site, head, './page.js', { worker, base })
      const title = await look(own.url)
      await own.close()
      cdn.close()
      return `${refused.slice(0, 19)} first, with worker and base ${title}`
    }
  },
  vite: {
    packages: ['vite'], pictures: 'public',
    async act(tools) {
      writePage(tools.folder, '', './page.js')
      const { build, createServer } = await load(tools.folder, 'vite')
      const server = await createServer({ root: tools.folder, configFile: false, logLevel: 'warn',
        server: { headers: HEADERS } })
      await server.listen()
      const dev = await tools.look(server.resolvedUrls.local[0])
      await server.close()
      await build({ root: tools.folder, configFile: false, base: './', logLevel: 'warn' })
      return `dev ${dev}, build ${await lookAt(tools, path.join(tools.folder, 'dist'))}`
    }
  },
  webpack: {
    packages: ['webpack'],
    act: async (tools) => packWith(tools, (await load(tools.folder, 'webpack')).default)
  },
  rspack: {
    packages: ['@rspack/core'],
    act: async (tools) => packWith(tools, (await load(tools.folder, '@rspack/core')).rspack)
  },
  next: {
    packages: ['next', 'react', 'react-dom'], app: 'next', pictures: 'public',
    async act(tools) {
      tools.run('npx', 'next', 'build')
      const served = await withServer(tools, ['npx', 'next', 'start', '-p', '5310'], 5310, async (url) => {
        const page = await tools.look(url)
        const answer = await fetch(`${url}paint`)
        const picture = answer.headers.get('X-Picture') ?? await answer.text()
        if (!picture.startsWith('done 64x')) throw new Error(`route handler: ${picture}`)
        return `page ${page}, route handler ${picture}`
      })
      rmSync(path.join(tools.folder, 'app/paint'), { recursive: true })
      tools.run('env', 'EXPORT=1', 'npx', 'next', 'build')
      return `${served}, static export ${await lookAt(tools, path.join(tools.folder, 'out'))}`
    }
  },
  sveltekit: {
    packages: ['svelte', 'vite', 'typescript', '@sveltejs/kit', '@sveltejs/vite-plugin-svelte',
      '@sveltejs/adapter-static'],
    app: 'sveltekit', pictures: 'static',
    async act(tools) {
      tools.run('npx', 'vite', 'build')
      return lookAt(tools, path.join(tools.folder, 'build'))
    }
  },
  esbuild: {
    packages: ['esbuild'],
    async act(tools) {
      const site = path.join(tools.folder, 'dist')
      tools.run('npx', 'esbuild', 'page.js', '--bundle', '--format=esm', '--outdir=dist')
      copyPictures(tools.folder, site)
      writePage(site, '', './page.js', copyPackage(tools.folder, site))
      return lookAt(tools, site)
    }
  },
  rollup: {
    packages: ['rollup', '@rollup/plugin-node-resolve'],
    async act(tools) {
      const site = path.join(tools.folder, 'dist')
      tools.run('npx', 'rollup', 'page.js', '--dir', 'dist', '-p', '@rollup/plugin-node-resolve={browser:true}')
      copyPictures(tools.folder, site)
      writePage(site, '', './page.js', copyPackage(tools.folder, site))
      return lookAt(tools, site)
    }
  },
  /** Rewrites the threads' scripts as modules, which they are not: the builds are copied as they are. */
  parcel: {
    packages: ['parcel'],
    async act(tools) {
      const site = path.join(tools.folder, 'dist')
      writePage(tools.folder, '', './page.js', { base: 'wasm/' })
      tools.run('npx', 'parcel', 'build', 'index.html', '--no-cache', '--public-url', './')
      copyPictures(tools.folder, site)
      cpSync(path.join(tools.folder, 'node_modules/strotss/build/wasm'), path.join(site, 'wasm'), { recursive: true })
      if (!existsSync(path.join(site, 'index.html'))) throw new Error('nothing was built')
      return lookAt(tools, site)
    }
  }
}
