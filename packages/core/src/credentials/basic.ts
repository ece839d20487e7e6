import type { Credential } from '../credential.ts'
import type { MaybeSecret } from '../secret.ts'
import { ConfigCheck } from './config-check.ts'
import { defineScheme, fieldsOf, secretField, textField } from './scheme.ts'

export interface BasicConfig {
  /** Must not hold a colon: the receiver splits at the first one. */
  readonly username: string
  /** May be empty, for services that take a key as the user name. */
  readonly password: MaybeSecret
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: RFC 7617 forbids exactly these
const control = /[\x00-\x1f\x7f]/

/**
 * HTTP Basic in UTF-8.
 * @see https://www.rfc-editor.org/rfc/rfc7617
 */
export const basic = /* @__PURE__ */ defineScheme<BasicConfig>(
  {
    id: 'basic',
    title: 'User name and password',
    fields: fieldsOf({ username: textField('User name'), password: secretField('Password', { minLength: 0 }) }),
  },
  (config) => {
    const check = new ConfigCheck('basic')
    check.only(config, ['username', 'password'])
    const empty = config.password === ''
    const username = check.text('username', config.username)
    const password = empty ? undefined : check.secret('password', config.password)
    if (username.includes(':'))
      check.issue('username', 'must not hold a colon (RFC 7617): the receiver would cut it there')
    if (control.test(username)) check.issue('username', 'holds a control character')
    if (password !== undefined && control.test(password.reveal()))
      check.issue('password', 'holds a control character, perhaps a line break at its end: trim it')
    check.done()
    return {
      scheme: 'basic',
      open(): Credential {
        const plain = password?.reveal() ?? ''
        const value = `Basic ${Buffer.from(`${username}:${plain}`, 'utf8').toString('base64')}`
        return {
          scheme: 'basic',
          marks: { headers: ['authorization'], query: [] },
          apply(request) {
            request.headers.authorization = value
          },
          reveal: async () => ({ username, password: plain }),
        }
      },
    }
  },
)
