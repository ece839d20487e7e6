import type { Manifest } from '@patchbay/core'

export const manifest: Manifest = {
  id: 'api/rest',
  title: 'REST',
  summary: 'Any HTTP API with resources, typed per request.',
  version: '1.0.0',
  sources: ['https://www.rfc-editor.org/rfc/rfc9110'],
}
