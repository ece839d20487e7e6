import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'
import { hardenedAnswer } from './fixtures/hardened-answer.ts'

const script = fileURLToPath(new URL('./fixtures/request-in-hardened-process.ts', import.meta.url))

it.each(['--frozen-intrinsics', '--disallow-code-generation-from-strings', '--disable-proto=throw'])(
  'works in a process that was started with %s',
  async (flag) => {
    const env = { ...process.env, NODE_OPTIONS: '' }
    const args = ['--conditions=@patchbay/source', '--no-warnings', flag, script]
    expect((await promisify(execFile)(process.execPath, args, { env })).stdout).toBe(`200 ${hardenedAnswer}`)
  },
)
