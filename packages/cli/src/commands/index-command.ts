import { isPatchbayError } from '@patchbay/core'
import type { Command } from '../command.ts'
import { CommandError, exitStatus } from '../exit-status.ts'
import { build } from '../index-actions/build.ts'
import { key } from '../index-actions/key.ts'
import { sign } from '../index-actions/sign.ts'
import { verify } from '../index-actions/verify.ts'

const actions = { build, sign, verify, key } as const

/** Bundles of manifests with a signed index: what `loadBundle` of `@patchbay/catalog/signed` reads. */
export const command: Command = {
  options: {
    output: { type: 'string', short: 'o' },
    name: { type: 'string' },
    number: { type: 'string' },
    evidence: { type: 'string' },
    revoked: { type: 'string' },
    'private-key': { type: 'string' },
    key: { type: 'string', multiple: true },
    signatures: { type: 'string' },
    seen: { type: 'string' },
    json: { type: 'boolean' },
  },
  async run(terminal, [action = '', ...rest], values) {
    if (!Object.hasOwn(actions, action))
      throw new CommandError(exitStatus.usage, `write: patchbay index ${Object.keys(actions).join('|')}`)
    try {
      return await actions[action as keyof typeof actions](terminal, rest, values)
    } catch (error) {
      if (!isPatchbayError(error)) throw error
      const status = error.code === 'bundle-missing' ? exitStatus.unreadable : exitStatus.found
      throw new CommandError(status, error.detail ?? error.message)
    }
  },
}
