import type { Credential } from '../credential.ts'
import type { MaybeSecret } from '../secret.ts'
import { ConfigCheck } from './config-check.ts'
import { setQuery } from './query.ts'
import { defineScheme, fieldsOf, secretField, textField } from './scheme.ts'

export interface ApiKeyConfig {
  readonly key: MaybeSecret
  /** Where the service looks for it. Prefer `header`: URLs end up in logs of proxies and servers. */
  readonly in: 'header' | 'query'
  /** Name of the header or query key. */
  readonly name: string
  /** Text before the key, with its space if there is one: `Token `. */
  readonly prefix?: string | undefined
}

/** A fixed key in a header or query key. Connectors settle the place with {@link presetScheme}, so that users supply the key alone. */
export const apiKey = /* @__PURE__ */ defineScheme<ApiKeyConfig>(
  {
    id: 'api-key',
    title: 'API key',
    fields: fieldsOf(
      {
        key: secretField('API key'),
        in: { enum: ['header', 'query'], title: 'Place' },
        name: textField('Name of the header or query key'),
        prefix: textField('Text before the key'),
      },
      ['key', 'in', 'name'],
    ),
  },
  (config) => {
    const check = new ConfigCheck('api-key')
    check.only(config, ['key', 'in', 'name', 'prefix'])
    const place = check.oneOf('in', config.in, ['header', 'query'])
    const key = check.secret('key', config.key, place === 'header' ? 'header-value' : 'any')
    const name = place === 'header' ? check.headerName('name', config.name) : check.text('name', config.name)
    const prefix = config.prefix ?? ''
    if (!/^[\x20-\x7e]*$/.test(prefix)) check.issue('prefix', 'must be printable ASCII')
    check.done()
    return {
      scheme: 'api-key',
      open(): Credential {
        const value = `${prefix}${key.reveal()}`
        return {
          scheme: 'api-key',
          marks: place === 'header' ? { headers: [name], query: [] } : { headers: [], query: [name] },
          apply(request) {
            if (place === 'header') request.headers[name] = value
            else request.url = setQuery(request.url, name, value)
          },
          reveal: async () => ({ key: key.reveal() }),
        }
      },
    }
  },
)
