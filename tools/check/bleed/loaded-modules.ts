import { spawnSync } from 'node:child_process'
import { pathToFileURL } from 'node:url'

export interface Loaded {
  /** URLs of files, in the order of loading. */
  readonly files: readonly string[]
  /** Modules of Node that an empty process does not load. */
  readonly builtins: readonly string[]
}

const program = `
  const { registerHooks } = await import('node:module')
  const files = []
  const before = new Set(process.moduleLoadList)
  const hooks = registerHooks({ load(url, context, next) { files.push(url); return next(url, context) } })
  await import(process.argv[1])
  hooks.deregister()
  const builtins = process.moduleLoadList.filter((name) => !before.has(name)).map((name) => name.replace(/^NativeModule /, 'node:'))
  console.log(JSON.stringify({ files: files.filter((url) => url.startsWith('file:')), builtins }))
`

/** What really is loaded when a fresh process imports a built file. */
export function loadedModules(file: string): Loaded {
  const { stdout, stderr, status } = spawnSync(
    process.execPath,
    ['--no-warnings', '--input-type=module', '--eval', program, pathToFileURL(file).href],
    {
      encoding: 'utf8',
      env: { ...process.env, NODE_OPTIONS: '' },
    },
  )
  if (status !== 0) throw new Error(`importing ${file} failed: ${stderr}`)
  return JSON.parse(stdout) as Loaded
}
