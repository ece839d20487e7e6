import { type PatchbayError, patchbayError } from '@patchbay/core'

export function unknownIntegration(id: string, where: string, list: string): PatchbayError {
  const shown = /^[\w.-]{1,60}$/.test(id) ? ` "${id}"` : ''
  return patchbayError({
    kind: 'config',
    code: 'unknown-integration',
    message: `${where} has no integration${shown}; ${list} names those that there are`,
  })
}
