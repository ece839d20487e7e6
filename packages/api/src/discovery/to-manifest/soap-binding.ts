import type { OperationModel } from '../model.ts'
import type { SchemaNode } from '../schema.ts'

/** What the WSDL reader says of an operation. Elements are named `{namespace}local`. */
export interface SoapBinding {
  readonly kind: 'soap'
  readonly action: string
  readonly version: '1.1' | '1.2'
  readonly service: string
  readonly port: string
  readonly operation: string
  readonly input?: string | undefined
  readonly output?: string | undefined
  readonly headers: readonly string[]
  /** Of each header. */
  readonly headerSchemas: readonly SchemaNode[]
  readonly faults: readonly string[]
  readonly addressing?: string | undefined
}

export function soapBindingOf({ binding }: OperationModel): SoapBinding | undefined {
  return binding?.kind === 'soap' ? (binding as unknown as SoapBinding) : undefined
}
