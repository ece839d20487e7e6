import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { describeWsdlText } from '../description/index.ts'
import { crm } from '../fixtures/crm-documents.ts'
import { typesOfWsdl } from './types-of-wsdl.ts'

const description = await describeWsdlText(crm)
const [port] = description.ports
if (port === undefined) throw new Error('no port')
const text = typesOfWsdl(description, port)

it('writes one interface per service', () => {
  expect(text).toMatch(
    /^import type \{ AnyXml, SoapAttachment \} from '@patchbay\/api\/soap'\n\nexport interface CrmService \{/,
  )
  expect(text).toContain('/** One customer by id. */')
})

it('is TypeScript that holds callers to the WSDL', () => {
  // Inside of the package, where the compiler finds its own name.
  const folder = mkdtempSync(join(import.meta.dirname, 'compiled-'))
  try {
    writeFileSync(join(folder, 'crm.ts'), text)
    writeFileSync(
      join(folder, 'use.ts'),
      `import type { CrmService } from './crm.ts'
type In = CrmService['SaveCustomer']['input']['customer']
type Out = CrmService['SaveCustomer']['output']['customer']
export const given: In = { '@version': 1, id: 'a', name: 'b', changed: new Date(0), number: 12n, active: true, email: 'e', level: 'gold', tag: [{ word: 'w' }] }
export const asked: CrmService['GetCustomer']['input'] = { id: '1' }
export const read = (out: Out): [string, string | null, readonly unknown[], Uint8Array | undefined] => [out.number, out.changed, out.tag, out.photo]
// @ts-expect-error a value outside of the enumeration
export const lead: In = { ...given, level: 'lead' }
// @ts-expect-error a field that is missing
export const nobody: CrmService['GetCustomer']['input'] = {}
`,
    )
    writeFileSync(
      join(folder, 'tsconfig.json'),
      JSON.stringify({
        extends: '../../../../../../../tsconfig.json',
        compilerOptions: { noEmit: true, skipLibCheck: true },
        include: [],
        files: ['use.ts'],
      }),
    )
    const tsc = join(import.meta.dirname, '../../../../../../node_modules/typescript/bin/tsc')
    const { stdout, status } = spawnSync(process.execPath, [tsc, '-p', folder], { encoding: 'utf8' })
    expect(stdout).toBe('')
    expect(status).toBe(0)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}, 60_000)
