import type { JsonSchema } from '../../schema.ts'
import { secretField, textField, urlField } from '../scheme.ts'
import { authenticationField } from './client-authentication.ts'

/** The fields of a form that all OAuth 2 schemes share. */
export const clientFields: Readonly<Record<string, JsonSchema>> = {
  tokenEndpoint: urlField('Token endpoint'),
  clientId: textField('Client id'),
  clientSecret: secretField('Client secret'),
  authentication: authenticationField,
  scope: textField('Scopes, separated by spaces'),
}
