import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { listIntegrations, loadIntegration } from '@patchbay/catalog'
import { toolScript } from '../tools/tool-script.ts'
import { type Row, row } from './report.ts'

const root = join(import.meta.dirname, '..')

/** Seconds in which an app that imports every integration, and uses an operation of each, is type-checked against the built packages. */
export async function typeRows(log: (text: string) => void): Promise<Row[]> {
  log('building declarations')
  const built = spawnSync(process.execPath, [join(root, 'tools/build/all.ts')], { encoding: 'utf8', cwd: root })
  if (built.status !== 0) throw new Error(`the declarations could not be built:\n${built.stderr}${built.stdout}`)
  const parent = join(import.meta.dirname, '.tmp')
  mkdirSync(parent, { recursive: true })
  const folder = mkdtempSync(join(parent, 'types-'))
  try {
    const count = listIntegrations().length
    const seconds = async (compiler: 'typescript' | 'typescript-oldest', whole: boolean): Promise<number> => {
      log(`${compiler}, ${whole ? 'all integrations' : 'none'}`)
      await writeApp(folder, whole)
      const times = Array.from({ length: 3 }, () => compile(compiler, folder))
      // What else the machine does only ever adds.
      return Math.min(...times)
    }
    const name = `type check of an app with all ${count} integrations`
    const [all, alone] = [await seconds('typescript', true), await seconds('typescript', false)]
    const oldest = [await seconds('typescript-oldest', true), await seconds('typescript-oldest', false)] as const
    const yardstick = (value: number) => ({ name: 'an app with core alone', value })
    return [
      row({ name, value: all, unit: 's', atMost: 5 }),
      row({ name, value: all, unit: 's', against: yardstick(alone) }),
      row({ name: `${name}, TypeScript 5.9`, value: oldest[0], unit: 's', against: yardstick(oldest[1]) }),
    ]
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function compile(compiler: string, folder: string): number {
  const begun = performance.now()
  const { status, stdout } = spawnSync(process.execPath, [toolScript(compiler, 'tsc'), '-p', folder], {
    encoding: 'utf8',
  })
  if (status !== 0) throw new Error(`the app does not compile:\n${stdout.slice(0, 2000)}`)
  return (performance.now() - begun) / 1000
}

async function writeApp(folder: string, whole: boolean): Promise<void> {
  const lines = ["import type { Connection } from '@patchbay/core'", 'export type Any = Connection<never>']
  for (const { id, operations } of whole ? listIntegrations() : []) {
    const module = (await import(`@patchbay/catalog/${id}`)) as Record<string, unknown>
    const integration = await loadIntegration(id)
    const name = Object.keys(module).find((one) => module[one] === integration)
    const [noun, verb] = (operations[0] ?? '').split('.')
    lines.push(
      `import { ${name} } from '@patchbay/catalog/${id}'`,
      `declare const of_${name}: Connection<typeof ${name}>`,
      `export const call_${name} = () => of_${name}.${noun}.${verb}`,
    )
  }
  writeFileSync(join(folder, 'app.ts'), `${lines.join('\n')}\n`)
  const compilerOptions = {
    ...{ strict: true, noEmit: true, target: 'es2023', module: 'nodenext', types: ['node'] },
    ...{ exactOptionalPropertyTypes: true, noUncheckedIndexedAccess: true, skipLibCheck: true },
  }
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['app.ts'] }))
}
