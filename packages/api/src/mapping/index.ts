export * from '../expression/index.ts'
export type { Irreversible } from './compile-context.ts'
export { checkMapping, compileMapping, type Mapping, type MappingOptions } from './compile-mapping.ts'
export type { Coverage, RecordLoss } from './loss.ts'
export type { Model } from './model.ts'
export { type ModelId, models } from './models/index.ts'
export type {
  ConstantRule,
  DateRule,
  FieldRule,
  FieldSpec,
  FieldSpecs,
  JsonValue,
  ListRule,
  MappingSpec,
  ObjectRule,
  TableRule,
  ValueRule,
} from './spec.ts'
export type { InvalidValue, UnknownValue } from './state.ts'
